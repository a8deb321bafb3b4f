/** The HMAC TLV (RFC 8972 section 4.8) between a sender and a reflector, in both modes: what is believed, and what is not. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { createBatch, SlotFlag } from "../../../core/batch.ts";
import { createRecord, type ProbeRecord } from "../../../core/record.ts";
import type { ReflectorOptions } from "../../../core/session/reflector.ts";
import { createSender } from "../../../core/session/sender.ts";
import { StampKeys, StampSeal } from "../../../core/session/stamp_seal.ts";
import type { Tlv, TlvAnswer } from "../../../core/tlv.ts";
import { layout } from "../../../core/wire/layout.ts";
import { everyMs, RESPONDER, Rng, SENDER, senderOptions, TestClock, writeWall } from "../../support/sim.ts";
import { reflector } from "../../support/run.ts";
import { KEY, oneKey, OTHER_KEY, seal } from "../../support/stamp_keys.ts";

const STRIDE = 512;
const MODES = ["open", "authenticated"] as const;
type Mode = typeof MODES[number];
const BASE = { open: 44, authenticated: 112 } as const;

/** Type 200 asks for its value plus one. */
const ASK: Tlv = {
  type: 200,
  name: "ask",
  layout: layout("Ask", "none", [["Value", "u32", 4]]),
  length: 4,
  write: (view, at, seq) => view.setUint32(at, 1000 + seq),
  read(view, at, _length, out) {
    out["ask.value"] = view.getUint32(at);
  },
};
const ANSWER: TlvAnswer = {
  type: 200,
  reflect(_context, { view }, _slot, at) {
    view.setUint32(at, view.getUint32(at) + 1);
    return 0;
  },
};

function far(mode: Mode, keys = oneKey(), options: Partial<ReflectorOptions> = {}) {
  const session = reflector({
    protocol: "stamp",
    tlvs: [ANSWER],
    authenticated: mode === "open" ? undefined : keys,
    tlvKeys: keys,
    ...options,
  });
  const clock = new TestClock();
  const batch = createBatch(1, STRIDE);
  return {
    session,
    clock,
    reflect(probe: Uint8Array): Uint8Array {
      batch.bytes.fill(0xee);
      batch.count = 1;
      batch.bytes.set(probe);
      batch.length[0] = probe.length;
      batch.flags[0] = SlotFlag.IP_HEADER;
      batch.peer.set(SENDER);
      writeWall(batch.stamp, 0, clock.now);
      assert.equal(session.reflect(clock.now, batch), 1);
      session.stampTransmit(batch, clock);
      return batch.bytes.slice(0, batch.length[0]);
    },
  };
}

function near(mode: Mode, tlvs: readonly Tlv[], size: number) {
  const traffic = {
    name: "test",
    maxSize: size,
    size: () => size,
    fill: (bytes: Uint8Array, at: number, end: number) => void bytes.fill(0xa5, at, end),
  };
  const key = mode === "open" ? { tlvMac: new StampSeal(KEY, false) } : { seal: seal() };
  const clock = new TestClock();
  const sender = createSender(
    senderOptions({ protocol: "stamp", ...key, tlvs, traffic, schedule: everyMs(10), count: Infinity }),
  );
  const [tx, rx] = [createBatch(1, STRIDE), createBatch(1, STRIDE)];
  sender.start(0);
  return {
    sender,
    clock,
    send(): Uint8Array {
      tx.count = 0;
      assert.equal(sender.pollTransmit(clock.now, tx), 1);
      sender.stampTransmit(tx, clock);
      return tx.bytes.slice(0, tx.length[0]);
    },
    read(reply: Uint8Array): ProbeRecord | undefined {
      rx.count = 1;
      rx.bytes.set(reply);
      rx.length[0] = reply.length;
      rx.peer.set(RESPONDER);
      writeWall(rx.stamp, 0, clock.now);
      sender.handleDatagrams(clock.now, rx);
      const record = createRecord();
      let found: ProbeRecord | undefined;
      while (sender.pollRecord(record)) found = { ...record, tlv: record.tlv && { ...record.tlv } };
      return found;
    },
  };
}

/** The HMAC by another road: of the Sequence Number, and of octets `from` to `to`. */
function macOf(packet: Uint8Array, from: number, to: number, key: Uint8Array = KEY): Uint8Array {
  const hmac = createHmac("sha256", key).update(packet.subarray(0, 4)).update(packet.subarray(from, to));
  return Uint8Array.from(hmac.digest()).slice(0, 16);
}

/** A probe with TLVs `[type, ...value]`; of type 8 the value is made, unless one is given. */
function probe(mode: Mode, tlvs: readonly (readonly number[])[], key: Uint8Array = KEY): Uint8Array {
  const base = BASE[mode];
  const octets: number[] = [...new Uint8Array(base)];
  const bytes = () => Uint8Array.from(octets);
  octets[3] = 9;
  new Uint8Array([0xe9, 0, 0, 1]).forEach((octet, i) => octets[(mode === "open" ? 4 : 16) + i] = octet);
  for (const [type, ...value] of tlvs) {
    const own = type === 8 && value.length === 0 ? [...macOf(bytes(), base, octets.length, key)] : value;
    octets.push(0x80, type, own.length >> 8, own.length & 255, ...own);
  }
  const made = bytes();
  if (mode === "authenticated") seal().seal(made, 0);
  return made;
}

/** Flags and types of the TLVs behind the base packet. */
function flagsOf(mode: Mode, packet: Uint8Array): [flags: number, type: number][] {
  const found: [number, number][] = [];
  for (let at = BASE[mode]; packet.length - at >= 4; at += 4 + (packet[at + 2] << 8) + packet[at + 3]) {
    found.push([packet[at], packet[at + 1]]);
  }
  return found;
}

/** The HMAC does not cover the flags of its own TLV, the second one here. */
const isOwnFlag = (mode: Mode, bit: number) => bit >> 3 === BASE[mode] + 8;
const PADDING = [1, 0, 0, 0, 0];
const VALUE = [200, 0, 0, 0, 5];

for (const mode of MODES) {
  const base = BASE[mode];

  test(`${mode}: TLVs go there and back under an HMAC of each end's own`, () => {
    const [here, there] = [near(mode, [ASK], base + 8 + 20 + 4 + 10), far(mode)];
    const sent = here.send();
    assert.deepEqual(flagsOf(mode, sent), [[0x80, 200], [0x80, 8], [0x80, 1]]);
    assert.deepEqual(sent.slice(base + 12, base + 28), macOf(sent, base, base + 8));
    there.reflect(sent);
    there.clock.now = here.clock.now = 10e6;
    here.read(there.reflect(here.send()));
    here.clock.now = there.clock.now = 20e6;
    const reply = there.reflect(here.send());
    assert.deepEqual(flagsOf(mode, reply), [[0, 200], [0, 8], [0, 1]]);
    assert.deepEqual(reply.slice(base + 12, base + 28), macOf(reply, base, base + 8));
    assert.equal(new DataView(reply.buffer).getUint32(0), 2, "of the reflector's own number");
    assert.equal(here.read(reply)!.tlv!["ask.value"], 1003);
    const [ask, hmac] = here.sender.tlvReport();
    assert.deepEqual([ask.sent, ask.returned, ask.integrityFailed], [3, 2, 0]);
    assert.deepEqual([hmac.name, hmac.type, hmac.sent, hmac.returned, hmac.integrityFailed], ["hmac", 8, 3, 2, 0]);
    assert.deepEqual(there.session.tlvCounters.forged, 0);
  });

  test(`${mode}: a bit flipped in what is covered has I in each TLV, all else a copy; no value is read`, () => {
    const good = probe(mode, [VALUE, [8], PADDING]);
    for (let bit = 8 * base; bit < 8 * (base + 28); bit++) {
      if (isOwnFlag(mode, bit)) continue;
      const spoiled = good.slice();
      spoiled[bit >> 3] ^= 1 << (bit & 7);
      const there = far(mode);
      const reply = there.reflect(spoiled);
      const isHeader = (octet: number) => octet === base + 2 || octet === base + 3;
      assert.ok(flagsOf(mode, reply).every(([flags]) => flags & 0x20), `bit ${bit}`);
      assert.equal(there.session.tlvCounters.forged, 1, `bit ${bit}`);
      const expected = spoiled.slice(base);
      for (let at = 0; expected.length - at >= 4; at += 4 + (expected[at + 2] << 8) + expected[at + 3]) {
        expected[at] = (expected[at] & 0x80) | 0x20;
      }
      if (!isHeader(bit >> 3)) assert.deepEqual(reply.slice(base), expected);
    }
  });

  test(`${mode}: the sender believes no TLV of a reply with a bit flipped in them, or with I`, () => {
    const [here, there] = [near(mode, [ASK], base + 28), far(mode)];
    const reply = there.reflect(here.send());
    for (let bit = 8 * base; bit < 8 * (base + 28); bit++) {
      if (isOwnFlag(mode, bit) && (bit & 7) !== 5) continue;
      const spoiled = reply.slice();
      spoiled[bit >> 3] ^= 1 << (bit & 7);
      const value = here.read(spoiled)!.tlv!["ask.value"];
      assert.ok(value === undefined || Number.isNaN(value), `bit ${bit}: ${value}`);
    }
    assert.equal(here.sender.tlvReport()[0].integrityFailed, 1, "the first reply alone is counted");
    assert.equal(here.read(reply)!.tlv!["ask.value"], 1001);
  });

  test(`${mode}: the HMAC TLV has one place: behind all but Extra Padding`, () => {
    const cases: [readonly (readonly number[])[], boolean, string][] = [
      [[VALUE, [8]], true, "last"],
      [[VALUE, [8], PADDING], true, "before padding"],
      [[PADDING, VALUE, [8]], true, "padding that is covered"],
      [[[8]], true, "alone"],
      [[PADDING], true, "padding alone needs none"],
      [[[8], VALUE], false, "before another"],
      [[VALUE, [8], [8]], false, "twice"],
      [[VALUE], false, "missing"],
      [[VALUE, PADDING], false, "missing, with padding"],
      [[PADDING, PADDING], false, "two of padding are not one"],
      [[VALUE, [8, 1, 2, 3, 4]], false, "another length"],
      [[VALUE, [8, ...new Uint8Array(20)]], false, "a longer one"],
    ];
    for (const [tlvs, ok, what] of cases) {
      const there = far(mode);
      const reply = there.reflect(probe(mode, tlvs));
      assert.equal(flagsOf(mode, reply).every(([flags]) => (flags & 0x20) === 0), ok, what);
      assert.equal(flagsOf(mode, reply).every(([flags]) => (flags & 0x20) !== 0), !ok, `${what}: in each`);
      assert.equal(there.session.tlvCounters.forged, ok ? 0 : 1, what);
      if (mode === "authenticated") assert.ok(seal().isGenuine(reply, 0), "the base packet is answered");
    }
    const cut = probe(mode, [VALUE, [8]]);
    for (let length = base + 4; length < cut.length; length++) {
      const there = far(mode);
      assert.equal(there.reflect(cut.slice(0, length)).length, length);
      assert.equal(there.session.tlvCounters.forged, 1, `${length} octets`);
    }
  });

  test(`${mode}: hostile TLVs are answered in their own size, and no value is made of them`, () => {
    const rng = new Rng(8972);
    const there = far(mode);
    for (let round = 0; round < 3000; round++) {
      const packet = probe(mode, [VALUE, [8], PADDING]);
      for (let flips = Math.floor(rng.next() * 4); flips >= 0; flips--) {
        packet[base + Math.floor(rng.next() * 36)] = Math.floor(rng.next() * 256);
      }
      const size = base + Math.floor(rng.next() * 37);
      there.clock.now = round * 1e6;
      assert.equal(there.reflect(packet.slice(0, size)).length, size);
    }
    assert.ok(there.session.tlvCounters.forged > 1000);
  });
}

test("open mode: the key is the session's; one without has its HMAC TLV back as not understood", () => {
  const keys = new StampKeys(new Map([[0, OTHER_KEY]]), undefined);
  const verified = far("open", keys).reflect(probe("open", [VALUE, [8]], OTHER_KEY));
  assert.deepEqual(flagsOf("open", verified), [[0, 200], [0, 8]]);
  assert.deepEqual(verified.slice(56, 72), macOf(verified, 44, 52, OTHER_KEY));
  assert.deepEqual(flagsOf("open", far("open", keys).reflect(probe("open", [VALUE, [8]]))), [[0xa0, 200], [0xa0, 8]]);
  const other = probe("open", [VALUE, [8]]);
  other[15] = 7; // SSID
  assert.deepEqual(flagsOf("open", far("open", keys).reflect(other)), [[0, 200], [0x80, 8]]);
});

test("an HMAC that comes back with U is not understood there, and no sign of anything forged; no value is read", () => {
  const size = 44 + 8 + 20;
  const counts = ({ sender }: ReturnType<typeof near>) =>
    sender.tlvReport().map(({ returned, unrecognized, integrityFailed }) => [returned, unrecognized, integrityFailed]);
  const unkeyed = () => far("open", new StampKeys(new Map(), undefined));
  const here = near("open", [ASK], size);
  const reply = unkeyed().reflect(here.send());
  assert.deepEqual(flagsOf("open", reply), [[0, 200], [0x80, 8]]);
  assert.ok(Number.isNaN(here.read(reply)!.tlv!["ask.value"] ?? NaN));
  assert.deepEqual(counts(here), [[0, 0, 0], [1, 1, 0]]);
  for (const [at, flags] of [[52, 0xa0], [52, 0xc0], [44, 0x20], [52, 0]]) {
    const other = near("open", [ASK], size);
    const odd = unkeyed().reflect(other.send());
    odd[at] = flags;
    other.read(odd);
    assert.deepEqual(counts(other), [[0, 0, 1], [0, 0, 1]], `flags ${flags} at ${at}`);
  }
});

test("open mode: an HMAC is in every probe that a key was given for; authenticated, where there are TLVs", () => {
  assert.deepEqual(flagsOf("open", near("open", [], 64).send()), [[0x80, 8]]);
  assert.deepEqual(flagsOf("authenticated", near("authenticated", [], 112).send()), []);
  assert.deepEqual(flagsOf("authenticated", near("authenticated", [], 120).send()), [[0x80, 1]]);
  const here = near("open", [], 64);
  const reply = far("open").reflect(here.send());
  reply[50] ^= 1;
  assert.notEqual(here.read(reply), undefined, "the delay is measured, whatever its TLVs");
  assert.equal(here.sender.tlvReport()[0].integrityFailed, 1);
});
