/** The sender machine against replies of every kind, one at a time. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { type Batch, createBatch, createTxStamps, PEER_SIZE, SlotFlag, type TxStamps } from "../../../core/batch.ts";
import { createRecord, ProbeFlag, type ProbeRecord } from "../../../core/record.ts";
import { createSender, type SenderOptions } from "../../../core/session/sender.ts";
import { REFLECTOR, SENDER } from "../../../core/wire/test_packet.ts";
import { ntpFraction, putNtp } from "../../../core/wire/timestamp.ts";
import { EPOCH, everyMs, RESPONDER, senderOptions, TestClock, writeWall } from "../../support/sim.ts";

const STRIDE = 256;

/** A sender with its far end in the hands of the test. */
class Bench {
  readonly clock = new TestClock();
  readonly session;
  readonly tx = createBatch(16, STRIDE);
  readonly rx = createBatch(16, STRIDE);
  readonly records: ProbeRecord[] = [];
  /** Every probe sent, as it was on the wire. */
  readonly probes: Uint8Array[] = [];

  constructor(options: Partial<SenderOptions> = {}) {
    this.session = createSender(senderOptions({ schedule: everyMs(10), timeout: 1e9, ...options }));
    this.session.start(0);
  }

  /** Sends what is due at `ms`. */
  at(ms: number): this {
    this.clock.now = ms * 1e6;
    this.session.handleTimeout(this.clock.now);
    this.drain();
    this.tx.count = 0;
    this.session.pollTransmit(this.clock.now, this.tx);
    this.session.stampTransmit(this.tx, this.clock);
    for (let i = 0; i < this.tx.count; i++) {
      this.probes.push(this.tx.bytes.slice(i * STRIDE, i * STRIDE + this.tx.length[i]));
    }
    return this;
  }

  /** Hands over replies; `change` may spoil each. */
  reply(seqs: number[], change: (view: DataView, i: number, rx: Batch) => void = () => {}, size = 41): this {
    this.rx.count = seqs.length;
    seqs.forEach((seq, i) => {
      const at = i * STRIDE;
      const { bytes, view } = this.rx;
      bytes.fill(0, at, at + STRIDE);
      const probe = this.probes[seq] ?? new Uint8Array(14);
      view.setUint32(at + REFLECTOR.SEQ, seq);
      putNtp(view, at + REFLECTOR.TIME, EPOCH + 5, 700);
      view.setUint16(at + REFLECTOR.ERROR, 0x0101);
      putNtp(view, at + REFLECTOR.RECEIVED, EPOCH + 5, 200);
      bytes.set(probe.subarray(SENDER.SEQ, SENDER.SEQ + 4), at + REFLECTOR.SENDER_SEQ);
      if (this.probes[seq] === undefined) view.setUint32(at + REFLECTOR.SENDER_SEQ, seq);
      bytes.set(probe.subarray(SENDER.TIME, SENDER.TIME + 8), at + REFLECTOR.SENDER_TIME);
      bytes[at + REFLECTOR.SENDER_TTL] = 60;
      this.rx.length[i] = size;
      this.rx.flags[i] = 0;
      writeWall(this.rx.stamp, 2 * i, this.clock.now);
      this.rx.peer.set(RESPONDER, i * PEER_SIZE);
      change(new DataView(bytes.buffer, at, STRIDE), i, this.rx);
    });
    this.session.handleDatagrams(this.clock.now, this.rx);
    this.drain();
    return this;
  }

  drain(): void {
    const record = createRecord();
    while (this.session.pollRecord(record)) this.records.push({ ...record, stamps: record.stamps.slice() });
  }

  get flags(): number[] {
    return this.records.map((record) => record.flags & 63);
  }
  codes(): string[] {
    return this.session.peerReport().findings.map((finding) => finding.code);
  }
}

test("probe n leaves at start + n x interval, however late probe n-1 was", () => {
  const bench = new Bench({ count: 5 });
  assert.equal(bench.at(0).tx.count, 1);
  assert.equal(bench.session.pollTimeout(), 10e6);
  assert.equal(bench.at(17).tx.count, 1, "late by 7 ms");
  assert.equal(bench.session.pollTimeout(), 20e6, "the next is not late for it");
  assert.equal(bench.at(40).tx.count, 3);
  assert.equal(bench.session.state, "draining");
  assert.equal(bench.at(41).tx.count, 0);
});

test("what a host that stood still is overdue with leaves in gaps, not in one burst", () => {
  const bench = new Bench({ count: 1000, window: 2048, schedule: everyMs(1) }).at(0);
  bench.at(500);
  assert.equal(bench.tx.count, 1);
  assert.equal(bench.session.pollTimeout(), 500e6 + 50_000);
  // A nanosecond later than asked for: milliseconds as doubles are not exact.
  const next = () => (bench.session.pollTimeout() + 1) / 1e6;
  let now = 500;
  for (let i = 0; i < 478; i++) bench.at(now = next());
  assert.equal(bench.probes.length, 480);
  assert.ok(now > 520 && now < 525, `caught up by ${now} ms`);
  for (let i = 0; i < 50; i++) bench.at(now = next());
  assert.ok(bench.at(now + 5).tx.count >= 4, "a timer that is late is no stall");
});

test("a spurious timeout is a no-op", () => {
  const bench = new Bench({ count: 3 }).at(0);
  for (let i = 0; i < 10; i++) bench.session.handleTimeout(1e6);
  bench.drain();
  assert.deepEqual(bench.records, []);
});

test("a probe is lost at its timeout, not before, and once", () => {
  const bench = new Bench({ count: 1 }).at(0).at(999.999);
  assert.deepEqual(bench.flags, []);
  bench.at(1000).at(2000);
  assert.deepEqual(bench.flags, [ProbeFlag.LOST]);
  assert.equal(bench.session.state, "done");
  assert.ok(Number.isNaN(bench.records[0].rtt) && Number.isNaN(bench.records[0].ttlForward));
});

test("a reply after the timeout is late, a second one a duplicate", () => {
  const bench = new Bench({ count: 2 }).at(0).at(10).at(1005).reply([0]).reply([0]);
  assert.deepEqual(bench.flags, [ProbeFlag.LOST, ProbeFlag.LATE, ProbeFlag.DUPLICATE]);
  assert.equal(bench.records[1].seq, 0);
});

test("a reply that comes late but before anybody looked is lost first, then late", () => {
  const bench = new Bench({ count: 1 }).at(0);
  bench.clock.now = 1.2e9;
  bench.reply([0]);
  assert.deepEqual(bench.flags, [ProbeFlag.LOST, ProbeFlag.LATE]);
});

test("a duplicate tells on which way it was made", () => {
  const bench = new Bench({ count: 1 }).at(0).reply([0]);
  bench.reply([0]);
  bench.reply([0], (view) => view.setUint32(REFLECTOR.SEQ, 77));
  assert.deepEqual(bench.flags, [
    ProbeFlag.RECEIVED,
    ProbeFlag.DUPLICATE,
    ProbeFlag.DUPLICATE | ProbeFlag.COPIED_OUTBOUND,
  ]);
});

test("replies from elsewhere, to a number not sent and to an earlier run are counted and left out", () => {
  const bench = new Bench({ count: 3 }).at(0).at(10);
  bench.reply([0], (_view, i, rx) => rx.peer[i * PEER_SIZE + 15]++);
  bench.reply([0], (_view, i, rx) => rx.peer[i * PEER_SIZE + 17]++);
  bench.reply([2]);
  bench.reply([4_000_000_000]);
  bench.reply([0], (view) => putNtp(view, REFLECTOR.SENDER_TIME, EPOCH - 60, 0));
  assert.deepEqual(bench.records, []);
  assert.equal(bench.session.counters.unexpected, 5);
  bench.reply([0, 1]);
  assert.deepEqual(bench.flags, [ProbeFlag.RECEIVED, ProbeFlag.RECEIVED]);
});

test("a reply of the run before, a moment ago, is not taken for one of ours", () => {
  const bench = new Bench({ count: 3 }).at(0);
  const old = (view: DataView) => putNtp(view, REFLECTOR.SENDER_TIME, EPOCH - 1, 995_000_000);
  bench.reply([0], old); // before any true echo: older than this run
  bench.reply([0]).at(10);
  bench.reply([1], (view) => putNtp(view, REFLECTOR.SENDER_TIME, EPOCH, 4_000_000)); // the far end can echo
  assert.equal(bench.session.counters.unexpected, 2);
  assert.deepEqual(bench.flags, [ProbeFlag.RECEIVED]);
});

test("an echo that is altered, by a far end that never echoes truly, is believed and told", () => {
  const bench = new Bench({ count: 3 }).at(0).reply([0], (view) => view.setUint32(REFLECTOR.SENDER_TIME + 4, 77));
  assert.deepEqual([bench.flags, bench.codes()], [[ProbeFlag.RECEIVED], ["echo-altered"]]);
});

test("times that cannot be are unknown: our clock was set, or the far end's stamps are wrong", () => {
  const bench = new Bench({ count: 3 }).at(20);
  bench.reply([0], (_view, i, rx) => rx.stamp[2 * i] -= 1); // a second back, in flight
  bench.reply([1], (view) => putNtp(view, REFLECTOR.TIME, EPOCH + 6, 0)); // resides longer than it was away
  assert.ok(bench.records.every((record) => Number.isNaN(record.rtt) && Number.isNaN(record.forward)));
  assert.deepEqual(bench.flags, [ProbeFlag.RECEIVED, ProbeFlag.RECEIVED]);
  assert.deepEqual(bench.codes(), ["clock-stepped", "implausible-residence"]);
});

test("a far end that claims to have sent before it received adds nothing to a round trip", () => {
  const bench = new Bench({ count: 1 }).at(0);
  bench.clock.now = 5e6;
  bench.reply([0], (view) => putNtp(view, REFLECTOR.RECEIVED, EPOCH + 6, 700)); // T2 = T3 + 1 s
  const [{ rtt, forward, backward }] = bench.records;
  assert.deepEqual([rtt, forward, backward], [NaN, NaN, NaN]);
});

test("what a probe waited in this host is known when its transmit time is", () => {
  const bench = new Bench({ count: 1 }).at(0);
  const stamps = createTxStamps(1);
  stamps.count = 1;
  stamps.flags[0] = SlotFlag.KERNEL_STAMP;
  writeWall(stamps.stamp, 0, 80e6);
  bench.session.handleTxStamps(stamps);
  assert.equal(bench.session.counters.longestHeld, 80e6);
});

test("a round trip across a step of the wall clock is what it was without one", () => {
  for (const by of [2e9, -2e9, 400_000, -400_000]) {
    // T2 and T3 are the far end's and do not step: there 500 ns pass.
    const bench = new Bench({ count: 3 }).at(20);
    bench.session.handleClockStep({ at: 21e6, by });
    bench.clock.now = 25e6;
    bench.reply([2], (_view, i, rx) => writeWall(rx.stamp, 2 * i, 25e6 + by));
    bench.reply([1], (_view, i, rx) => writeWall(rx.stamp, 2 * i, 25e6 + by));
    assert.deepEqual(bench.records.map((record) => Math.round(record.rtt)), [4_999_500, 4_999_500], `${by}`);
    assert.deepEqual(bench.codes(), []);
  }
});

test("a reply stamped before the clock was set and read after it needs no correction", () => {
  const bench = new Bench({ count: 1 }).at(0);
  bench.session.handleClockStep({ at: 6e6, by: 3e9 });
  bench.clock.now = 7e6;
  bench.reply([0], (_view, i, rx) => writeWall(rx.stamp, 2 * i, 5e6));
  assert.equal(Math.round(bench.records[0].rtt), 4_999_500);
});

test("a reply that was in time is in time, however late it is handled", () => {
  const bench = new Bench({ count: 1, timeout: 50e6 }).at(0);
  bench.clock.now = 60e6;
  bench.reply([0], (_view, i, rx) => writeWall(rx.stamp, 2 * i, 40e6));
  assert.deepEqual(bench.flags, [ProbeFlag.RECEIVED]);
});

test("replies of 36 octets and more are read, shorter ones are malformed", () => {
  const bench = new Bench({ count: 40, window: 64, schedule: everyMs(0.4) }).at(16);
  for (let size = 0; size < 36; size++) bench.reply([0], undefined, size);
  assert.equal(bench.session.counters.malformed, 36);
  bench.reply([0], undefined, 36).reply([1], undefined, 38).reply([2], undefined, 200);
  assert.deepEqual(bench.flags, [1, 1, 1]);
  assert.ok(Number.isNaN(bench.records[0].ttlForward), "36 octets have no TTL");
  assert.equal(bench.records[2].ttlForward, 60);
  assert.deepEqual(bench.codes(), ["short-reply", "asymmetric-size"]);
});

test("an unreadable TTL is unknown", () => {
  const bench = new Bench({ count: 9, ttl: 64, schedule: everyMs(1) }).at(8);
  bench.reply([0], (view) => view.setUint8(REFLECTOR.SENDER_TTL, 255));
  bench.reply([1], (view) => view.setUint8(REFLECTOR.SENDER_TTL, 0));
  bench.reply([2], (_view, i, rx) => {
    rx.flags[i] = SlotFlag.IP_HEADER;
    rx.ttl[i] = 57;
  });
  const [a, b, c] = bench.records;
  assert.ok(Number.isNaN(a.ttlForward) && Number.isNaN(b.ttlForward) && Number.isNaN(a.ttlBackward));
  assert.deepEqual([c.ttlForward, c.ttlBackward], [60, 57]);
});

test("the TOS of a reply is known where its header was read, and of a probe lost right after it is not", () => {
  const bench = new Bench({ count: 2, schedule: everyMs(1) }).at(1);
  bench.clock.now = 3e9;
  bench.session.handleTimeout(bench.clock.now);
  bench.reply([0], (_view, i, rx) => {
    writeWall(rx.stamp, 2 * i, 100e6); // it came in time, and is read late: both are told in one go, by one record
    rx.flags[i] = SlotFlag.TOS;
    rx.tos[i] = 0xb8;
  });
  assert.deepEqual(bench.flags, [ProbeFlag.RECEIVED, ProbeFlag.LOST]);
  const [answered, lost] = bench.records;
  assert.deepEqual([answered.tosForward, answered.tosBackward], [NaN, 0xb8]);
  assert.deepEqual([lost.tosForward, lost.tosBackward], [NaN, NaN]);
});

test("swapped stamps are recognised and read in their order", () => {
  const bench = new Bench({ count: 9, schedule: everyMs(1) }).at(8);
  for (const seq of [0, 1, 2]) {
    bench.reply([seq], (view) => {
      const t1 = view.getBigUint64(REFLECTOR.SENDER_TIME);
      view.setBigUint64(REFLECTOR.SENDER_TIME, view.getBigUint64(REFLECTOR.TIME));
      view.setBigUint64(REFLECTOR.TIME, t1);
    });
  }
  assert.deepEqual(bench.codes(), ["swapped-stamps"]);
  assert.equal(bench.records[0].residence, 500);
});

test("T2 = T3 is recognised once it is a habit", () => {
  const bench = new Bench({ count: 9, schedule: everyMs(1) }).at(8);
  const equal = (view: DataView) => view.setBigUint64(REFLECTOR.TIME, view.getBigUint64(REFLECTOR.RECEIVED));
  bench.reply([0], equal).reply([1], equal);
  assert.deepEqual(bench.codes(), []);
  bench.reply([2], equal);
  assert.deepEqual(bench.codes(), ["equal-stamps"]);
  assert.ok(bench.records.every((record) => Number.isNaN(record.residence)), "nothing takes no time");
  bench.reply([3]);
  assert.deepEqual(bench.codes(), [], "not a habit after all");
});

test("nanoseconds in the fraction field are recognised, and true fractions never taken for them", () => {
  const times = Array.from({ length: 40 }, (_, n) => 137_000_000 + n * 70e6 + (n % 3) * 20_000);
  for (const asNanos of [true, false]) {
    const bench = new Bench({ count: 40, schedule: everyMs(70) });
    times.forEach((time, seq) => {
      bench.at(seq * 70).reply([seq], (view) => {
        const [seconds, nanos] = [EPOCH + Math.floor(time / 1e9), time % 1e9];
        putNtp(view, REFLECTOR.RECEIVED, seconds, nanos);
        if (asNanos) view.setUint32(REFLECTOR.RECEIVED + 4, nanos);
        putNtp(view, REFLECTOR.TIME, seconds, 0);
        view.setUint32(REFLECTOR.TIME + 4, (asNanos ? nanos + 900 : ntpFraction(nanos + 900)) >>> 0);
      });
    });
    assert.deepEqual(bench.codes(), asNanos ? ["nanosecond-fraction"] : []);
  }
});

test("a stamp left zero is absent, and so is what needs it", () => {
  const bench = new Bench({ count: 3 }).at(20);
  bench.reply([0], (view) => view.setBigUint64(REFLECTOR.RECEIVED, 0n));
  const [record] = bench.records;
  assert.ok(Number.isNaN(record.forward) && Number.isNaN(record.residence) && !Number.isNaN(record.backward));
  assert.equal(record.rtt, 20e6 - 20e6 + 0, "T4 - T1 alone");
  assert.deepEqual(bench.codes(), ["missing-stamps"]);
});

test("the peer's Error Estimate and S bit are shown", () => {
  const bench = new Bench({ count: 3 }).at(20).reply([0], (view) => view.setUint16(REFLECTOR.ERROR, 0x8000));
  const report = bench.session.peerReport();
  assert.deepEqual([report.synchronized, report.errorEstimateNs, report.timestampFormat], [true, null, "ntp"]);
  assert.deepEqual(bench.codes(), ["no-error-estimate"]);
  assert.equal(bench.records[0].flags & ProbeFlag.UNSYNCHRONIZED, 0);
});

test("replies with PTP timestamps (Z = 1) are read as such", () => {
  const bench = new Bench({ count: 3 }).at(20).reply([0], (view) => {
    view.setUint16(REFLECTOR.ERROR, 0x4001);
    for (const [at, nanos] of [[REFLECTOR.RECEIVED, 30], [REFLECTOR.TIME, 530]]) {
      view.setUint32(at, EPOCH + 1);
      view.setUint32(at + 4, nanos);
    }
  });
  assert.equal(bench.records[0].residence, 500);
  assert.deepEqual([...bench.records[0].stamps.subarray(2, 6)], [EPOCH + 1, 30, EPOCH + 1, 530]);
});

test("an abandoned run leaves what is in flight out of its counts", () => {
  const bench = new Bench({ count: 10 }).at(30).reply([0, 2]);
  bench.session.abandon();
  bench.drain();
  assert.deepEqual(bench.session.counters, {
    sent: 2,
    malformed: 0,
    forged: 0,
    reflectedVerified: 0,
    reflectedAltered: 0,
    unexpected: 0,
    unfinished: 2,
    latestDeparture: 30e6,
    longestHeld: 0,
    t3Corrected: 0,
    t3Refused: 0,
  });
  assert.equal(bench.session.state, "done");
});

test("a full window holds probes back instead of forgetting any", () => {
  const bench = new Bench({ count: 20, window: 4, schedule: everyMs(1) }).at(10);
  assert.equal(bench.tx.count, 4);
  bench.reply([0, 1, 2, 3]).at(11);
  assert.equal(bench.tx.count, 4);
});

test("STAMP probes have their SSID, zeros, and an Extra Padding TLV around their padding", () => {
  const bench = new Bench({
    count: 1,
    protocol: "stamp",
    ssid: 0xbeef,
    traffic: { name: "t", maxSize: 60, size: () => 60, fill: (bytes, at, end) => void bytes.fill(0xaa, at, end) },
  }).at(0);
  const hex = Array.from(bench.probes[0], (octet) => octet.toString(16).padStart(2, "0")).join("");
  assert.match(hex, /^00000000[0-9a-f]{16}0001beef0{56}8001000c(aa){12}$/);
  bench.reply([0], undefined, 60);
  assert.deepEqual(bench.codes(), ["ssid-not-returned"]);
});

test("handing over replies before the last ones were drained is a mistake of the caller", () => {
  const bench = new Bench({ count: 2 }).at(10);
  bench.rx.count = 1;
  bench.session.handleDatagrams(0, bench.rx);
  assert.throws(() => bench.session.handleDatagrams(0, bench.rx), /drained/);
});

/** Transmit times `[seq, nanoseconds after T1 of the first probe, flags]`. */
function txStamps(...told: readonly [seq: number, ns: number, flags: number][]): TxStamps {
  const stamps = createTxStamps(8);
  stamps.count = told.length;
  told.forEach(([seq, ns, flags], i) => {
    stamps.token[i] = seq;
    writeWall(stamps.stamp, 2 * i, ns);
    stamps.flags[i] = flags;
  });
  return stamps;
}

test("of two transmit times the card's is taken, whichever comes first; without it, the kernel's", () => {
  const { KERNEL_STAMP: KERNEL, HARDWARE_STAMP: HARDWARE } = SlotFlag;
  const orders: [string, [number, number, number][], number, number][] = [
    ["kernel, card", [[0, 3000, KERNEL], [0, 5000, HARDWARE]], ProbeFlag.T1_HARDWARE, 5000],
    ["card, kernel", [[0, 5000, HARDWARE], [0, 3000, KERNEL]], ProbeFlag.T1_HARDWARE, 5000],
    ["kernel alone", [[0, 3000, KERNEL]], ProbeFlag.T1_KERNEL, 3000],
    ["a card's that cannot be", [[0, 3000, KERNEL], [0, -5000, HARDWARE]], ProbeFlag.T1_KERNEL, 3000],
    ["one far ahead", [[0, 3000, KERNEL], [0, 37e9, HARDWARE]], ProbeFlag.T1_KERNEL, 3000],
    ["the card's told twice", [[0, 5000, HARDWARE], [0, 7000, HARDWARE]], ProbeFlag.T1_HARDWARE, 5000],
  ];
  for (const [what, told, flag, lag] of orders) {
    const bench = new Bench({ count: 1 }).at(0);
    for (const one of told) bench.session.handleTxStamps(txStamps(one));
    bench.at(1).reply([0]);
    const [{ flags, txLag, stamps }] = bench.records;
    assert.deepEqual([flags & (ProbeFlag.T1_KERNEL | ProbeFlag.T1_HARDWARE), txLag, stamps[1]], [flag, lag, lag], what);
  }
});

test("a reply lacks the transmit time that was asked for until that, or a better one, is there", () => {
  const bench = new Bench({ count: 1 }).at(0);
  const rx = createBatch(1, STRIDE);
  rx.count = 1;
  rx.length[0] = 41;
  const lacks = () => (["kernel", "hardware"] as const).map((source) => bench.session.lacksTxStamps(rx, source));
  assert.deepEqual(lacks(), [true, true]);
  bench.session.handleTxStamps(txStamps([0, 3000, SlotFlag.KERNEL_STAMP]));
  assert.deepEqual(lacks(), [false, true]);
  bench.session.handleTxStamps(txStamps([0, 5000, SlotFlag.HARDWARE_STAMP]));
  assert.deepEqual(lacks(), [false, false]);
});
