/** Which stamps a result is of: one source for every value, the best that most replies have. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { createRecord, ProbeFlag } from "../../../core/record.ts";
import { createStats, type Stats } from "../../../core/stats/stats.ts";
import type { StampSource } from "../../../core/transport.ts";
import type { Snapshot } from "../../../core/snapshot.ts";
import { exchange } from "../../support/clocks.ts";
import { counters } from "../../support/run.ts";

const { T1_KERNEL, T1_HARDWARE, T4_KERNEL, T4_HARDWARE } = ProbeFlag;
/** Round trip by the card, and what the other sources add at each end. */
const RTT = 10_000;
const LAG = 1000;

/** Replies, so many of each kind, told apart by `flags`. */
function told(stamps: { t1: StampSource; t4: StampSource }, ...kinds: [count: number, flags: number][]): Stats {
  const stats = createStats({ stamps });
  const record = createRecord();
  let seq = 0;
  for (const [count, flags] of kinds) {
    for (let i = 0; i < count; i++) {
      const txLag = flags & (T1_KERNEL | T1_HARDWARE) ? LAG : 0;
      const rxLag = flags & (T4_KERNEL | T4_HARDWARE) ? LAG : 0;
      const rtt = RTT + 2 * LAG - txLag - rxLag;
      stats.record(Object.assign(record, { seq: seq++, flags: flags | ProbeFlag.RECEIVED, rtt, txLag, rxLag }));
    }
  }
  return stats;
}

function snapshotOf(stats: Stats): Snapshot {
  return stats.snapshot({
    counters: counters(),
    peer: { errorEstimateNs: null, synchronized: null, timestampFormat: null, findings: [] },
    durationNs: 0,
    sendErrors: 0,
    lostInHost: 0,
    notes: [],
  });
}

function seen(stats: Stats) {
  const { stamps, rtt, notes } = snapshotOf(stats);
  return { is: [stamps.t1, stamps.t4, stamps.fallback], count: rtt.count, range: [rtt.min, rtt.max], notes };
}

const CARD = { t1: "hardware", t4: "hardware" } as const;
const BOTH = T1_HARDWARE | T4_HARDWARE;

test("what most replies have by the card is told by the card, the others are left out and counted", () => {
  const { is, count, range, notes } = seen(told(CARD, [60, BOTH], [30, T1_KERNEL | T4_HARDWARE], [10, T4_HARDWARE]));
  assert.deepEqual(is, ["hardware", "hardware", 40]);
  assert.deepEqual([count, ...range], [60, RTT, RTT]);
  assert.deepEqual(notes.length, 1);
});

test("where the card tells few transmit times, the kernel's do, and then the program's", () => {
  const kernel = seen(told(CARD, [30, BOTH], [70, T1_KERNEL | T4_HARDWARE]));
  assert.deepEqual(kernel.is, ["kernel", "hardware", 30]);
  assert.match(kernel.notes[0], /\(T1 hardware\): the kernel's are used/);
  const own = seen(told(CARD, [30, BOTH], [70, T4_HARDWARE]));
  assert.deepEqual([own.is, own.range], [["user", "hardware", 0], [RTT + LAG, RTT + LAG]], "of all, one way");
});

test("replies that come in past the card are told by the kernel, or by the program at both ends", () => {
  assert.deepEqual(seen(told(CARD, [100, T1_KERNEL | T4_KERNEL])).is, ["kernel", "kernel", 0]);
  assert.deepEqual(seen(told(CARD, [100, T1_HARDWARE | T4_KERNEL])).is, ["hardware", "kernel", 0]);
  const none = seen(told(CARD, [30, BOTH], [70, 0]));
  assert.deepEqual([none.is, none.range], [["user", "user", 0], [RTT + 2 * LAG, RTT + 2 * LAG]]);
  assert.match(none.notes[0], /\(T1 hardware, T4 hardware\): the program's own are used/);
});

test("sessions are merged source by source", () => {
  const stats = told(CARD, [60, BOTH]);
  stats.merge(told(CARD, [70, T1_KERNEL | T4_HARDWARE], [60, BOTH]));
  assert.deepEqual(seen(stats).is, ["hardware", "hardware", 70]);
});

test("asked for the kernel's or the program's, they are what is told", () => {
  const kernel = { t1: "kernel", t4: "kernel" } as const;
  assert.deepEqual(seen(told(kernel, [9, T1_KERNEL | T4_KERNEL], [1, T4_KERNEL])).is, ["kernel", "kernel", 1]);
  assert.deepEqual(seen(told(kernel, [10, T4_KERNEL])).is, ["user", "kernel", 0]);
  assert.deepEqual(seen(told({ t1: "user", t4: "user" }, [10, 0])).is, ["user", "user", 0]);
});

test("how it stands, asked all the time, is what the result says, and does not take as long", () => {
  assert.deepEqual(createStats().progress(), { received: 0, lost: 0, medianRtt: null });
  const stats = told(CARD, [60, BOTH], [30, T1_KERNEL | T4_HARDWARE], [10, T4_HARDWARE]);
  stats.record(Object.assign(createRecord(), { seq: 100, flags: ProbeFlag.LOST }));
  assert.deepEqual(stats.progress(), { received: 100, lost: 1, medianRtt: RTT });
  const run = { seed: 1, probes: 4000, base: () => [5e6, 5e6] as const, remote: (t: number) => 1e9 + 20e-6 * t };
  const long = createStats();
  const record = createRecord();
  const least = { progress: Infinity, snapshot: Infinity };
  exchange(run, (answer) => {
    const { seq, rtt, forward, backward, residence } = answer;
    record.stamps.set(answer.stamps);
    long.record(Object.assign(record, { seq, flags: ProbeFlag.RECEIVED, rtt, forward, backward, residence }));
    if (seq % 100 !== 99) return;
    const begun = performance.now();
    const { medianRtt } = long.progress();
    const between = performance.now();
    assert.equal(medianRtt, snapshotOf(long).rtt.p50);
    if (seq < run.probes / 2) return;
    least.progress = Math.min(least.progress, between - begun);
    least.snapshot = Math.min(least.snapshot, performance.now() - between);
  });
  // It is a fiftieth or so: what clocks are corrected by is left out.
  assert.ok(least.progress < least.snapshot / 4, `${least.progress} ms of ${least.snapshot} ms`);
});
