/** The reflector machine: what is answered, how long, and with which numbers. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createBatch, SlotFlag } from "../../../core/batch.ts";
import type { ReflectorOptions } from "../../../core/session/reflector.ts";
import { createAccess, parsePrefix } from "../../../core/session/access.ts";
import { REFLECTOR, SENDER as PROBE } from "../../../core/wire/test_packet.ts";
import { ERROR_PTP } from "../../../core/wire/error_estimate.ts";
import { putNtp, putPtp } from "../../../core/wire/timestamp.ts";
import { EPOCH, Rng, SENDER, TestClock, writeWall } from "../../support/sim.ts";
import { reflector } from "../../support/run.ts";

const STRIDE = 4096;

class Bench {
  readonly clock = new TestClock();
  readonly batch = createBatch(4, STRIDE);
  readonly session;
  constructor(options: Partial<ReflectorOptions> = {}) {
    this.session = reflector(options);
  }

  /** Reflects one datagram; the reply, or undefined. */
  reflect(
    probe: Uint8Array,
    options: { flags?: number; ttl?: number; peer?: Uint8Array } = {},
  ): Uint8Array | undefined {
    const { batch } = this;
    batch.bytes.fill(0xee); // what was there before must not show
    batch.count = 1;
    batch.bytes.set(probe);
    batch.length[0] = probe.length;
    batch.flags[0] = options.flags ?? SlotFlag.IP_HEADER;
    batch.ttl[0] = options.ttl ?? 63;
    batch.peer.set(options.peer ?? SENDER);
    writeWall(batch.stamp, 0, this.clock.now);
    const replies = this.session.reflect(this.clock.now, batch);
    assert.equal(replies, batch.length[0] > 0 ? 1 : 0);
    if (replies === 0) return undefined;
    this.clock.now += 1000;
    this.session.stampTransmit(batch, this.clock);
    return batch.bytes.slice(0, batch.length[0]);
  }
}

/** A probe of `size` octets; what is behind the 14 of TWAMP is `fill`. */
function probe(size: number, options: { seq?: number; ms?: number; fill?: number } = {}): Uint8Array {
  const bytes = new Uint8Array(Math.max(size, 14)).fill(options.fill ?? 0x5a);
  const view = new DataView(bytes.buffer);
  view.setUint32(PROBE.SEQ, options.seq ?? 7);
  putNtp(view, PROBE.TIME, EPOCH, (options.ms ?? 1) * 1e6);
  view.setUint16(PROBE.ERROR, 0x0142);
  return bytes.slice(0, size);
}

const number = (reply: Uint8Array | undefined) => new DataView(reply!.buffer).getUint32(REFLECTOR.SEQ);

test("every size gets a reply of its own size, never under the base packet, and none under 14 octets", () => {
  const bench = new Bench();
  for (let size = 0; size <= 1500; size++) {
    const reply = bench.reflect(probe(size));
    assert.equal(reply?.length, size < 14 ? undefined : Math.max(41, size), `size ${size}`);
  }
  assert.equal(bench.session.counters.tooShort, 14);
  for (const [protocol, base] of [["twamp", 41], ["stamp", 44]] as const) {
    const strict = new Bench({ strictSize: true, protocol });
    for (const size of [14, 40, 41, 43, 44, 200]) {
      assert.equal(strict.reflect(probe(size))?.length, size < base ? undefined : size, `${protocol} strict ${size}`);
    }
  }
});

test("a probe with PTP timestamps (Z = 1) is answered with such, one with NTP with NTP", () => {
  const bench = new Bench();
  for (const size of [41, 44, 100]) {
    for (const z of [ERROR_PTP, 0]) {
      const request = probe(size, { fill: 0 });
      const view = new DataView(request.buffer);
      view.setUint16(PROBE.ERROR, 0x0142 | z);
      if (z !== 0) putPtp(view, PROBE.TIME, EPOCH, 1e6);
      const arrived = bench.clock.now;
      const reply = new DataView(bench.reflect(request)!.buffer);
      const stamps = new Uint32Array(4);
      writeWall(stamps, 0, arrived);
      writeWall(stamps, 2, bench.clock.now);
      const wanted = new DataView(new ArrayBuffer(16));
      const put = z !== 0 ? putPtp : putNtp;
      put(wanted, 0, stamps[0], stamps[1]);
      put(wanted, 8, stamps[2], stamps[3]);
      const words = (from: DataView, at: number) => [from.getUint32(at), from.getUint32(at + 4)];
      assert.deepEqual(words(reply, REFLECTOR.RECEIVED), words(wanted, 0), `T2, ${size} octets, Z ${z}`);
      assert.deepEqual(words(reply, REFLECTOR.TIME), words(wanted, 8), `T3, ${size} octets, Z ${z}`);
      assert.equal(reply.getUint16(REFLECTOR.ERROR) & ERROR_PTP, z);
      assert.equal(reply.getUint16(REFLECTOR.SENDER_ERROR), 0x0142 | z);
    }
  }
});

test("a TWAMP reply has the fields of RFC 5357 and the padding behind its longer header", () => {
  const request = probe(60);
  for (let i = 14; i < 60; i++) request[i] = i;
  const reply = new Bench({ mode: "stateless" }).reflect(request)!;
  const view = new DataView(reply.buffer);
  assert.equal(view.getUint32(REFLECTOR.SEQ), 7);
  assert.equal(view.getUint32(REFLECTOR.SENDER_SEQ), 7);
  assert.deepEqual(reply.slice(REFLECTOR.SENDER_TIME, REFLECTOR.SENDER_TIME + 8), request.slice(4, 12));
  assert.equal(view.getUint16(REFLECTOR.SENDER_ERROR), 0x0142);
  assert.equal(view.getUint16(REFLECTOR.SSID), 0);
  assert.equal(view.getUint16(38), 0);
  assert.equal(reply[REFLECTOR.SENDER_TTL], 63);
  assert.deepEqual(reply.slice(41), request.slice(14, 33), "the first octets of the padding");
});

test("STAMP probes are told apart, their SSID comes back and their TLVs stay where they are", () => {
  const bench = new Bench();
  const stamp = probe(44 + 4 + 6 + 4, { fill: 0 });
  stamp.set([0xbe, 0xef], PROBE.SSID);
  stamp.set([0x80, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0x80, 200, 0, 0], 44);
  const reply = bench.reflect(stamp)!;
  assert.deepEqual([...reply.slice(14, 16)], [0xbe, 0xef]);
  assert.deepEqual([...reply.slice(41, 44)], [0, 0, 0]);
  assert.deepEqual([...reply.slice(44)], [0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0x80, 200, 0, 0]);
  assert.equal(bench.session.counters.stamp, 1);
  stamp[44] = 0; // U clear: no sender makes that, so it is padding
  bench.reflect(stamp);
  assert.equal(bench.session.counters.stamp, 1);
});

test("an unreadable TTL is sent as 255", () => {
  assert.equal(new Bench().reflect(probe(41), { flags: 0, ttl: 9 })?.[REFLECTOR.SENDER_TTL], 255);
});

test("a datagram cut off at the slot is counted and left alone", () => {
  const bench = new Bench();
  assert.equal(bench.reflect(probe(1000), { flags: SlotFlag.TRUNCATED }), undefined);
  assert.equal(bench.session.counters.truncated, 1);
});

test("numbers count by peer and session, and begin anew for a sender that does", () => {
  const bench = new Bench();
  const other = SENDER.slice();
  other[17]++;
  assert.deepEqual([0, 1, 2].map((seq) => number(bench.reflect(probe(41, { seq, ms: seq })))), [0, 1, 2]);
  assert.equal(number(bench.reflect(probe(41, { seq: 9, ms: 9 }), { peer: other })), 0);
  assert.equal(number(bench.reflect(probe(41, { seq: 4, ms: 4 }))), 3, "a lost probe leaves no gap");
  assert.equal(number(bench.reflect(probe(41, { seq: 3, ms: 3 }))), 4, "an overtaken one goes on");
  assert.equal(number(bench.reflect(probe(41, { seq: 0, ms: 0 }))), 5, "so does a copy of the first");
  assert.equal(number(bench.reflect(probe(41, { seq: 0, ms: 500 }))), 0, "a new first one begins anew");
  assert.equal(number(bench.reflect(probe(41, { seq: 1, ms: 510 }))), 1);
});

test("a sender whose clock was set back, or that has none, begins anew as well", () => {
  const bench = new Bench();
  const at = (seq: number, seconds: number) => {
    const packet = probe(41, { seq });
    if (seconds === 0) packet.fill(0, PROBE.TIME, PROBE.TIME + 8);
    else putNtp(new DataView(packet.buffer), PROBE.TIME, seconds, seq);
    return number(bench.reflect(packet));
  };
  assert.deepEqual([at(0, EPOCH), at(1, EPOCH), at(2, EPOCH)], [0, 1, 2]);
  assert.deepEqual([at(0, EPOCH - 3600), at(1, EPOCH - 3600)], [0, 1], "an hour back");
  assert.deepEqual([at(0, 0), at(1, 0), at(2, 0), at(1, 0), at(0, 0)], [0, 1, 2, 3, 0], "no clock at all");
});

test("STAMP sessions of one peer are told apart by SSID", () => {
  const bench = new Bench();
  const withSsid = (ssid: number) => {
    const packet = probe(44, { fill: 0, seq: 5 });
    packet[15] = ssid;
    return packet;
  };
  assert.equal(number(bench.reflect(withSsid(1))), 0);
  assert.equal(number(bench.reflect(withSsid(1))), 1);
  assert.equal(number(bench.reflect(withSsid(2))), 0);
});

test("a session silent for longer than the wait is forgotten, not before", () => {
  const bench = new Bench({ wait: 10e9 });
  bench.reflect(probe(41, { seq: 0, ms: 0 }));
  bench.clock.now += 9.9e9;
  assert.equal(number(bench.reflect(probe(41, { seq: 1, ms: 1 }))), 1);
  bench.clock.now += 10.1e9;
  assert.equal(bench.session.sessions(bench.clock.now)?.active, 0);
  assert.equal(number(bench.reflect(probe(41, { seq: 2, ms: 2 }))), 0);
});

test("more peers than there is room for cost the longest silent ones, and are counted", () => {
  const bench = new Bench({ sessions: 64 });
  const peer = SENDER.slice();
  for (let i = 0; i < 1000; i++) {
    peer[16] = i >> 8;
    peer[17] = i & 255;
    assert.equal(number(bench.reflect(probe(41), { peer })), 0);
  }
  const { active, evicted } = bench.session.sessions(bench.clock.now)!;
  assert.ok(active <= 64);
  assert.equal(active + evicted, 1000);
});

test("prefixes and rates decide who is answered, by reason", () => {
  const access = createAccess({
    allow: [parsePrefix("192.0.2.0/24")!, parsePrefix("2001:db8::/33")!],
    deny: [parsePrefix("192.0.2.128/25")!],
    rate: { pps: 10, ipv4: 32, ipv6: 128 },
    seed: 5,
  })!;
  const bench = new Bench({ access });
  const from = (last: number) => {
    const peer = SENDER.slice();
    peer[15] = last;
    return { peer };
  };
  assert.ok(bench.reflect(probe(41), from(1)));
  assert.ok(bench.reflect(probe(41), from(1)), "one may come early");
  assert.equal(bench.reflect(probe(41), from(1)), undefined, "one each 100 ms");
  assert.equal(bench.reflect(probe(41), from(129)), undefined);
  assert.deepEqual([bench.session.counters.rateLimited, bench.session.counters.denied], [1, 1]);
  bench.clock.now += 100e6;
  assert.ok(bench.reflect(probe(41), from(1)));
  for (const [prefix, isAllowed] of [["::ffff:192.0.2.0/120", false], ["::ffff:192.0.3.0/120", true]] as const) {
    const mapped = createAccess({ allow: [], deny: [parsePrefix(prefix)!], rate: undefined, seed: 1 })!;
    assert.equal(mapped.isAllowed(SENDER, 0), isAllowed, `${prefix} is a prefix of IPv4 in another form`);
  }
  const everySix = createAccess({ allow: [], deny: [parsePrefix("::/0")!], rate: undefined, seed: 1 })!;
  assert.equal(everySix.isAllowed(SENDER, 0), true, "IPv4 is no part of ::/0");
  for (const bad of ["192.0.2.0/33", "host", "::/129", "1.2.3.4/", "1.2.3.4/8/9", "/8"]) {
    assert.equal(parsePrefix(bad), undefined, bad);
  }
});

test("a reply is not answered: two reflectors would go on without end", () => {
  const bench = new Bench();
  for (const size of [14, 41, 44, 60]) {
    const reply = bench.reflect(probe(size, { fill: 0 }))!;
    assert.equal(bench.reflect(reply), undefined, `size ${size}`);
  }
  assert.equal(bench.session.counters.looped, 4);
  for (const octet of [1, 0x41, 0xaa, 0xff]) {
    for (const size of [36, 38, 41, 100]) {
      assert.ok(bench.reflect(new Uint8Array(size).fill(octet)), `${size} octets of ${octet} are no reply`);
    }
  }
});

test("auto: malformed TLVs get M where the session has shown to be STAMP, and are padding where it has not", () => {
  const zeros = (size: number, ms: number, rest: number[] = [], ssid = 0) => {
    const bytes = probe(size, { seq: ms, ms, fill: 0 });
    bytes[15] = ssid;
    bytes.set(rest, 44);
    return bytes;
  };
  const [whole, overrun, rest] = [[0x80, 1, 0, 4], [0x80, 1, 0, 0, 0x80, 1, 0, 1], [0x80, 1]];
  const bench = new Bench({ wait: 1e9, tlvs: [] });
  let ms = 1;
  /** What stands behind the base packet in the reply, and how many replies so far were STAMP's. */
  const ask = (size: number, tlvs: number[], ssid = 0) => {
    const reply = bench.reflect(zeros(size, ms++, tlvs, ssid))!;
    assert.equal(reply.length, size);
    return [[...reply.subarray(44, 44 + tlvs.length)], bench.session.counters.stamp];
  };
  const padding = (tlvs: number[]) => tlvs.map(() => 0); // it was pushed back
  assert.deepEqual(ask(44, []), [[], 1]);
  assert.deepEqual(ask(52, overrun), [padding(overrun), 1], "zeros alone are no proof");
  assert.deepEqual(ask(52, whole), [[0, 1, 0, 4], 2]);
  assert.deepEqual(ask(52, overrun), [[0, 1, 0, 0, 0x40, 1, 0, 1], 3]);
  assert.deepEqual(ask(46, rest), [[0xc0, 1], 4]);
  assert.deepEqual(ask(200, []), [[], 4], "zero padding of a TWAMP sender");
  assert.deepEqual(ask(52, overrun, 9), [padding(overrun), 4], "another session");
  assert.deepEqual(ask(44, [], 9), [[], 5]);
  assert.deepEqual(ask(52, overrun, 9), [[0, 1, 0, 0, 0x40, 1, 0, 1], 6], "an SSID is proof");
  const odd = zeros(52, ms++, overrun);
  odd[30] = 1;
  assert.equal(bench.reflect(odd)![44], 0);
  assert.equal(bench.session.counters.stamp, 6, "padding that is not zero where STAMP has zeros");
  bench.clock.now += 1.1e9;
  assert.deepEqual(ask(52, overrun), [padding(overrun), 6], "forgotten");
  assert.deepEqual(ask(52, whole), [[0, 1, 0, 4], 7]);
  assert.equal(number(bench.reflect(probe(60, { seq: 0, ms: ms++, fill: 0 }))), 0, "another run from that port");
  assert.deepEqual(ask(52, overrun), [padding(overrun), 7]);
  assert.deepEqual(ask(52, whole), [[0, 1, 0, 4], 8]);
  const first = zeros(52, 0, overrun);
  new DataView(first.buffer).setUint32(4, new DataView(probe(14, { ms: ms++ }).buffer).getUint32(4) + 1);
  const anew = bench.reflect(first)!;
  assert.deepEqual([number(anew), anew[48]], [0, 0x40], "another run of a STAMP sender, that begins with such a probe");
  assert.equal(bench.session.counters.stamp, 9);
  const second = first.slice();
  second[3] = 1;
  assert.deepEqual([number(bench.reflect(second)!), bench.session.counters.stamp], [1, 10], "and goes on with one");
  const simple = new Bench({ mode: "stateless" });
  simple.reflect(zeros(52, 1, whole));
  simple.reflect(zeros(52, 2, overrun));
  assert.equal(simple.session.counters.stamp, 1, "who remembers nothing goes by the packet");
});

test("any octets of any length: counted by reason, never a throw, never a reply that is too long", () => {
  const rng = new Rng(4711);
  for (const protocol of ["auto", "twamp", "stamp"] as const) {
    const bench = new Bench({ protocol });
    let loops = 0;
    for (let i = 0; i < 20_000; i++) {
      const size = Math.floor(rng.next() * (i % 3 === 0 ? 64 : 1500));
      const bytes = Uint8Array.from({ length: size }, () => rng.next() < 0.5 ? 0 : rng.next() * 256);
      if (i % 5 === 0 && size > 44) {
        bytes.fill(0, 16, 44);
        bytes[44] |= 0x80;
      }
      const reply = bench.reflect(bytes);
      const looped = bench.session.counters.looped;
      if (reply === undefined && size >= 36) assert.equal(looped, ++loops, `size ${size}`);
      else {assert.equal(
          reply?.length,
          size < 14 ? undefined : Math.max(size, replyBase(protocol, reply)),
          `size ${size}`,
        );}
    }
    const c = bench.session.counters;
    assert.equal(
      c.received,
      c.reflected + c.tooShort + c.truncated + c.wouldGrow + c.looped + c.denied + c.rateLimited,
    );
  }
});

function replyBase(protocol: string, reply: Uint8Array | undefined): number {
  return protocol === "stamp" || reply?.length === 44 ? 44 : 41;
}

test("recorded probes of other implementations get the replies that were recorded, but for numbers and stamps", () => {
  const folder = new URL("../../captures/", import.meta.url);
  for (const name of ["light-imix.json", "twamp-unauthenticated.json"]) {
    const { messages } = JSON.parse(readFileSync(new URL(name, folder), "utf8"));
    const udp = messages.filter((message: { proto: string }) => message.proto === "udp");
    const bench = new Bench();
    for (let i = 0; i + 1 < udp.length; i += 2) {
      const octets = (hex: string) => Uint8Array.from(hex.match(/../g)!, (pair) => parseInt(pair, 16));
      const [request, recorded] = [octets(udp[i].hex), octets(udp[i + 1].hex)];
      const reply = bench.reflect(request, { ttl: udp[i].ttl })!;
      const same = (from: number, to: number) =>
        assert.deepEqual(reply.slice(from, to), recorded.slice(from, to), `${name} ${i}`);
      same(0, 4);
      same(24, 38);
      if (recorded.length > 41) {
        assert.equal(reply.length, recorded.length);
        same(40, recorded.length);
      }
    }
  }
});
