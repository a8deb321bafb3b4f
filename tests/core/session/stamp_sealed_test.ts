/** STAMP in authenticated mode, both ends: what is on the wire, what is believed, what is answered. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createBatch, SlotFlag } from "../../../core/batch.ts";
import { parseAddress, peerOctets } from "../../../core/address.ts";
import { createRecord, ProbeFlag, type ProbeRecord } from "../../../core/record.ts";
import { createAccess } from "../../../core/session/access.ts";
import type { ReflectorOptions } from "../../../core/session/reflector.ts";
import { createSender, type SenderOptions } from "../../../core/session/sender.ts";
import { StampKeys } from "../../../core/session/stamp_seal.ts";
import { SEALED } from "../../../core/wire/offsets.ts";
import {
  everyMs,
  Link,
  RESPONDER,
  Rng,
  SENDER,
  senderOptions,
  simulate,
  TestClock,
  writeWall,
} from "../../support/sim.ts";
import { reflector } from "../../support/run.ts";
import { KEY, oneKey, OTHER_KEY, otherSeal, seal } from "../../support/stamp_keys.ts";
import { VECTORS } from "../wire/vectors.ts";

const STRIDE = 512;
const vector = (name: string) => VECTORS.find((one) => one.name === name)!.octets;
const PROBE = vector("stamp-sealed-sender-base");
const REPLY = vector("stamp-sealed-reflector-base");
/** When the sender of the vectors sent: 2026-01-01T00:00:00.25Z. */
const T1 = [1_767_225_600, 250_000_000] as const;

const size = (octets: number) => ({
  name: "test",
  maxSize: octets,
  size: () => octets,
  fill: (bytes: Uint8Array, at: number, end: number) => void bytes.fill(0xa5, at, end),
});

class Far {
  readonly clock = new TestClock();
  readonly batch = createBatch(2, STRIDE);
  readonly session;
  constructor(options: Partial<ReflectorOptions> = {}) {
    this.session = reflector({ authenticated: oneKey(), ...options });
  }

  reflect(probe: Uint8Array, peer = SENDER, stamps = 1): Uint8Array | undefined {
    const { batch, clock } = this;
    batch.bytes.fill(0xee); // what was there before must not show
    batch.count = 1;
    batch.bytes.set(probe);
    batch.length[0] = probe.length;
    batch.flags[0] = SlotFlag.IP_HEADER;
    batch.ttl[0] = 63;
    batch.peer.set(peer);
    writeWall(batch.stamp, 0, clock.now);
    if (this.session.reflect(clock.now, batch) === 0) return undefined;
    for (let i = 0; i < stamps; i++) this.session.stampTransmit(batch, clock);
    return batch.bytes.slice(0, batch.length[0]);
  }
}

class Near {
  readonly clock = new TestClock();
  readonly sender;
  readonly #tx = createBatch(1, STRIDE);
  readonly #rx = createBatch(1, STRIDE);
  constructor(options: Partial<SenderOptions> = {}) {
    this.sender = createSender(senderOptions({
      protocol: "stamp",
      seal: seal(),
      traffic: size(112),
      schedule: everyMs(10),
      count: Infinity,
      ...options,
    }));
    this.sender.start(0);
  }
  send(stamps = 1): Uint8Array {
    this.#tx.count = 0;
    this.#tx.bytes.fill(0xee);
    assert.equal(this.sender.pollTransmit(this.clock.now, this.#tx), 1);
    for (let i = 0; i < stamps; i++, this.clock.now += 100) this.sender.stampTransmit(this.#tx, this.clock);
    return this.#tx.bytes.slice(0, this.#tx.length[0]);
  }
  read(reply: Uint8Array): ProbeRecord[] {
    const rx = this.#rx;
    rx.count = 1;
    rx.bytes.fill(0xee);
    rx.bytes.set(reply);
    rx.length[0] = reply.length;
    rx.flags[0] = 0;
    rx.peer.set(RESPONDER);
    writeWall(rx.stamp, 0, this.clock.now);
    this.sender.handleDatagrams(this.clock.now, rx);
    const records: ProbeRecord[] = [];
    for (let record = createRecord(); this.sender.pollRecord(record); record = createRecord()) records.push(record);
    return records;
  }
}

/** A clock at a time of the vectors, with their Error Estimate. */
function at(nanos: number) {
  const wall = (out: Uint32Array, i: number) => {
    out[i] = T1[0];
    out[i + 1] = nanos;
  };
  return { errorEstimate: 0x0a80, mono: () => 0, wall };
}

test("what a sender sends and a reflector answers is what was made by hand, MAC and all", () => {
  const sender = createSender(senderOptions({
    protocol: "stamp",
    ssid: 0x1234,
    seal: seal(),
    traffic: size(112),
    schedule: { name: "at once", next: () => 0 },
  }));
  const tx = createBatch(43, STRIDE);
  tx.bytes.fill(0xee);
  sender.start(0);
  assert.equal(sender.pollTransmit(0, tx), 43);
  sender.stampTransmit(tx, at(T1[1]));
  assert.deepEqual(tx.bytes.slice(42 * STRIDE, 42 * STRIDE + 112), PROBE);
  assert.equal(sender.together, 1);

  const far = reflector({ authenticated: oneKey() });
  const batch = createBatch(1, STRIDE);
  for (let seq = 39; seq <= 42; seq++) {
    batch.count = 1;
    batch.bytes.set(tx.bytes.subarray(seq * STRIDE, seq * STRIDE + 112));
    batch.length[0] = 112;
    batch.flags[0] = SlotFlag.IP_HEADER;
    batch.ttl[0] = 63;
    batch.peer.set(SENDER);
    batch.stamp.set([T1[0], 255_859_375]);
    assert.equal(far.reflect(0, batch), 1);
    far.stampTransmit(batch, at(257_812_500));
  }
  assert.deepEqual(batch.bytes.slice(0, 112), REPLY);
  assert.equal(far.together, 1);
});

test("any bit flipped of what is covered, or of the MAC: not answered, not believed; the true ones still are", () => {
  const far = new Far();
  const near = new Near();
  const probe = near.send();
  const answer = new Far().reflect(probe)!;
  const keyed = { far: 0, near: 0 };
  for (let bit = 0; bit < 8 * 112; bit++) {
    for (const [end, packet] of [["far", probe], ["near", answer]] as const) {
      const spoiled = packet.slice();
      spoiled[bit >> 3] ^= 1 << (bit & 7);
      if (end === "far") assert.equal(far.reflect(spoiled), undefined, `bit ${bit}`);
      else assert.deepEqual(near.read(spoiled), [], `bit ${bit}`);
      keyed[end]++;
    }
  }
  assert.deepEqual([far.session.counters.badMac, near.sender.counters.forged], [keyed.far, keyed.near]);
  assert.equal(far.session.sessions(0)!.active, 0, "no session is made for them");
  assert.ok(far.reflect(probe));
  assert.equal(near.read(answer)[0].flags & ProbeFlag.RECEIVED, ProbeFlag.RECEIVED);
});

test("every shorter packet has no MAC: not answered, not read", () => {
  const far = new Far();
  const near = new Near();
  const answer = new Far().reflect(near.send())!;
  for (let length = 0; length < 112; length++) {
    assert.equal(far.reflect(PROBE.slice(0, length)), undefined);
    assert.deepEqual(near.read(answer.slice(0, length)), []);
  }
  const { badMac, tooShort } = far.session.counters;
  assert.deepEqual([tooShort, badMac, near.sender.counters.malformed], [14, 98, 112]);
});

test("a session has the key of its SSID, else that of all others, else none", () => {
  const probe = (ssid: number, key = seal()) => new Near({ ssid, seal: key }).send();
  const some = new Far({ authenticated: new StampKeys(new Map([[7, OTHER_KEY]]), KEY) });
  assert.ok(some.reflect(probe(7, otherSeal())));
  assert.ok(some.reflect(probe(8)));
  assert.equal(some.reflect(probe(7)), undefined, "the key of others is not this session's");
  assert.equal(some.reflect(probe(8, otherSeal())), undefined);
  assert.deepEqual([some.session.counters.badMac, some.session.counters.noKey], [2, 0]);
  const one = new Far({ authenticated: new StampKeys(new Map([[65_535, KEY]]), undefined) });
  const reply = one.reflect(probe(65_535))!;
  assert.equal(new DataView(reply.buffer).getUint16(SEALED.SSID), 65_535);
  assert.equal(one.reflect(probe(0)), undefined);
  assert.deepEqual([one.session.counters.badMac, one.session.counters.noKey], [0, 1]);
});

test("stamped again, both ends begin anew: the MAC is that of the last stamp", () => {
  const near = new Near({ traffic: size(130) });
  const far = new Far();
  for (let seq = 0; seq < 3; seq++) {
    const [record] = near.read(far.reflect(near.send(1 + seq), SENDER, 3 - seq)!);
    assert.deepEqual([record.seq, record.replySize], [seq, 130]);
    near.clock.now = far.clock.now = (seq + 1) * 10e6;
  }
  assert.equal(near.sender.counters.forged, 0);
});

test("a reply is as long as its probe; what is behind the base packet comes back; reserved octets are zero", () => {
  const far = new Far({ strictSize: true });
  for (const octets of [112, 116, 150]) {
    const probe = new Near({ traffic: size(octets) }).send();
    probe.fill(0x77, 4, 16); // a sender's mistake, which its MAC covers
    probe.fill(0x77, SEALED.SSID + 2, SEALED.RECEIVED);
    seal().seal(probe, 0);
    const reply = far.reflect(probe)!;
    assert.equal(reply.length, octets);
    assert.ok(seal().isGenuine(reply, 0));
    for (const [from, to] of [[4, 16], [28, 32], [40, 48], [52, 64], [74, 80], [81, 96]]) {
      assert.ok(reply.slice(from, to).every((octet) => octet === 0), `${from} to ${to}`);
    }
    if (octets > 112) assert.deepEqual([...reply.slice(112, 116)], [0, 1, 0, octets - 116]);
    assert.deepEqual(reply.slice(116), probe.slice(116));
  }
});

test("a reply that is sent again to another reflector of the same key is not answered", () => {
  const far = new Far();
  assert.equal(new Far().reflect(far.reflect(new Near().send())!), undefined);
  const other = new Far();
  other.reflect(far.reflect(new Near().send())!);
  assert.equal(other.session.counters.looped, 1);
});

test("a probe that comes back as it was is no reply, though its MAC is right; nor is the reply to another probe", () => {
  const near = new Near();
  const far = new Far();
  const probe = near.send();
  assert.deepEqual(near.read(probe), []);
  const stranger = far.reflect(new Near({ ssid: 3 }).send(2))!;
  assert.deepEqual(near.read(stranger), [], "its number is right, its T1 is not");
  assert.deepEqual([near.sender.counters.unexpected, near.sender.counters.forged], [2, 0]);
  assert.equal(near.read(far.reflect(probe)!)[0].seq, 0);
});

test("who forges a source takes no reply of the true one; who is denied costs no MAC", () => {
  const rate = { allow: [], deny: [], rate: { pps: 10, ipv4: 32, ipv6: 128 }, seed: 1 };
  const far = new Far({ access: createAccess(rate) });
  const forged = PROBE.slice();
  forged[100] ^= 1;
  for (let i = 0; i < 50; i++) assert.equal(far.reflect(forged), undefined);
  assert.ok(far.reflect(PROBE) && far.reflect(PROBE), "a burst of two");
  assert.equal(far.reflect(PROBE), undefined);
  const { badMac, rateLimited } = far.session.counters;
  assert.deepEqual([badMac, rateLimited], [50, 1]);
  const closed = new Far({ access: { isAllowed: () => false, spend: () => true } });
  assert.equal(closed.reflect(forged), undefined);
  assert.deepEqual([closed.session.counters.denied, closed.session.counters.badMac], [1, 0]);
});

for (const [family, address] of [["IPv4", "192.0.2.7"], ["IPv6", "2001:db8::7"]] as const) {
  test(`${family}: numbers count by peer and SSID`, () => {
    const far = new Far();
    const peer = peerOctets(parseAddress(address)!, 9);
    const number = (ssid: number) => new DataView(far.reflect(new Near({ ssid }).send(), peer)!.buffer).getUint32(0);
    const near = new Near({ ssid: 5 });
    const numbers = [0, 1, 2].map((seq) => {
      near.clock.now = seq * 10e6;
      return new DataView(far.reflect(near.send(), peer)!.buffer).getUint32(0);
    });
    assert.deepEqual(numbers, [0, 1, 2]);
    assert.equal(number(6), 0);
    assert.equal(far.session.sessions(0)!.active, 2);
  });
}

test("over a network that loses, doubles and delays, the numbers are what the links did", () => {
  for (const [mode, ptp] of [["stateful", false], ["stateless", false], ["stateful", true]] as const) {
    const rng = new Rng(8762);
    const fate = () => rng.next() < 0.1 ? [] : rng.next() < 0.05 ? [3e6, 4e6] : [2e6 + rng.next() * 1e6];
    const [out, back] = [new Link(fate), new Link(fate)];
    const far = reflector({ mode, authenticated: oneKey() });
    let received = 0;
    let duplicates = 0;
    let delays = 0;
    const { session } = simulate({
      sender: senderOptions({ protocol: "stamp", ssid: 9, seal: seal(), traffic: size(140), count: 2000, ptp }),
      reflector: far,
      out,
      back,
      residence: 5000,
      onRecord({ flags, residence, rtt }) {
        if (flags & ProbeFlag.RECEIVED) received++;
        if (flags & ProbeFlag.DUPLICATE) duplicates++;
        if (flags & ProbeFlag.RECEIVED && (residence !== 5000 || rtt < 4e6 || rtt > 8e6)) delays++;
      },
    });
    const { forged, malformed, unexpected } = session.counters;
    assert.deepEqual([forged, malformed, unexpected, delays], [0, 0, 0, 0]);
    assert.equal(far.counters.reflected, out.sent - out.lost + out.copies);
    assert.equal(received + duplicates, back.sent - back.lost + back.copies);
    assert.ok(out.lost > 100 && back.lost > 100 && duplicates > 50);
  }
});

test("hostile octets of any length, to both ends: counted, never a throw, and no reply but to a true MAC", () => {
  const rng = new Rng(8972);
  const pick = (n: number) => Math.floor(rng.next() * n);
  const far = new Far();
  const near = new Near({ traffic: size(160) });
  let genuine = 0;
  let handed = 0;
  let records = 0;
  for (let round = 0; round < 4000; round++) {
    near.clock.now = far.clock.now = round * 10e6;
    const probe = round % 4 === 0 ? near.send() : PROBE.slice();
    const packet = pick(4) === 0 ? new Uint8Array(pick(300)).map(() => pick(256)) : probe.slice(0, 100 + pick(61));
    for (let flips = pick(3); flips > 0 && packet.length > 0; flips--) packet[pick(packet.length)] ^= pick(256);
    const isGenuine = packet.length >= 112 && seal().isGenuine(packet, 0);
    const reply = far.reflect(packet);
    assert.equal(reply !== undefined, isGenuine, `round ${round}`);
    if (isGenuine) genuine++;
    if (reply !== undefined) assert.equal(reply.length, packet.length);
    for (const octets of [reply, packet]) {
      if (octets === undefined) continue;
      handed++;
      records += near.read(octets).filter(({ flags }) => (flags & ProbeFlag.LOST) === 0).length;
    }
  }
  const { received, reflected, badMac, looped, tooShort } = far.session.counters;
  assert.deepEqual([received, reflected], [4000, genuine]);
  assert.equal(reflected + badMac + looped + tooShort, received);
  assert.ok(genuine > 500 && badMac > 500);
  const { malformed, forged, unexpected } = near.sender.counters;
  assert.equal(records + malformed + forged + unexpected, handed);
});
