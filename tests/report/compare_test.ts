/** When two runs are said to differ, and when not. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { compare, type Comparison, rankInterval, shareInterval } from "../../cli/report/compare.ts";
import { Accumulator } from "../../core/stats/accumulator.ts";
import type { Distribution } from "../../core/snapshot.ts";
import { NOTHING, snapshot } from "../outputs/fixture.ts";

/** Values that are spread like those of a queue, shifted; the same for the same seed. */
function values(count: number, seed: number, shift = 0): Distribution {
  const made = new Accumulator(10);
  let state = seed;
  for (let i = 0; i < count; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    made.record(1e6 + shift - 1e5 * Math.log((state + 1) / 2 ** 32));
  }
  return made.snapshot("rfc1889");
}

function compared(a: Distribution, b: Distribution): Map<string, Comparison> {
  const rows = compare(snapshot({ sent: a.count, rtt: a }), snapshot({ sent: b.count, rtt: b }));
  return new Map(rows.map((row) => [row.name, row]));
}

test("two runs of one path are within noise, one that is slower by a tenth of its spread differs", () => {
  let wrong = 0;
  for (let seed = 1; seed <= 100; seed++) {
    const rows = compared(values(2000, seed), values(2000, seed + 1000));
    for (const what of ["p50", "p90", "mean"]) if (rows.get(`Round trip ${what}`)!.judgement !== "same") wrong++;
  }
  assert.ok(wrong <= 12, `${wrong} of 300 by chance, where 1 % is meant`);
  const slower = compared(values(5000, 1), values(5000, 2, 2e4));
  for (const what of ["p50", "mean"]) assert.equal(slower.get(`Round trip ${what}`)!.judgement, "differs", what);
});

test("what cannot be judged is not", () => {
  const few = compared(values(8, 1), values(8, 2, 9e9));
  assert.equal(few.get("Round trip p50")!.judgement, "unknown");
  assert.equal(few.get("Round trip mean")!.judgement, "unknown");
  const rows = compared(values(2000, 1), values(2000, 2, 9e6));
  for (const what of ["p99.9", "min", "max", "jitter"]) {
    assert.equal(rows.get(`Round trip ${what}`)!.judgement, "unknown");
  }
  const unbinned = compared({ ...values(500, 1), histogram: [] }, values(500, 2, 9e9));
  assert.equal(unbinned.get("Round trip p50")!.judgement, "unknown");
  assert.equal(unbinned.get("Round trip mean")!.judgement, "differs");
  assert.equal(compared(NOTHING, NOTHING).has("Round trip p50"), false);
});

test("losses: 3 of 1000 and 9 of 1000 may be chance, 3 and 30 not; a direction that is not known has no row", () => {
  const judged = (a: number, b: number) => {
    const side = (lost: number) =>
      snapshot({ sent: 1000, received: 1000 - lost, lost, lostForward: null, lostBackward: null });
    const rows = compare(side(a), side(b));
    assert.ok(!rows.some(({ name }) => name === "Loss outbound"));
    return rows.find(({ name }) => name === "Loss")!.judgement;
  };
  assert.deepEqual([judged(3, 9), judged(3, 30), judged(0, 0), judged(0, 1000)], [
    "same",
    "differs",
    "same",
    "differs",
  ]);
});

test("of a run without any reply, nothing is said of the order of replies", () => {
  const a = snapshot({ sent: 200, received: 187, lost: 13, reordered: 30, duplicates: 3 });
  const b = snapshot({ sent: 5, received: 0, lost: 5, reordered: 0, duplicates: 0 });
  for (const name of ["Reordered", "Duplicates"]) {
    const row = compare(a, b).find((one) => one.name === name)!;
    assert.deepEqual([row.b, row.judgement], [null, "unknown"], name);
  }
  assert.equal(compare(b, b).some(({ name }) => name === "Reordered"), false);
});

test("the intervals are those of the books", () => {
  // Wilson (1927) at 99 %, 10 of 100: (10 + 6.635/2 -+ 2.5758 * sqrt(9 + 6.635/4)) / 106.635.
  const { low, high } = shareInterval(10, 100);
  assert.ok(Math.abs(low - 0.0460) < 1e-4 && Math.abs(high - 0.2037) < 1e-4, `${low} ${high}`);
  // Ranks of a median of 100 values at 99 %: 50 -+ 2.576 * 5, so the 38th and the 63rd.
  const made = new Accumulator(10);
  for (let i = 1; i <= 100; i++) made.record(i);
  assert.deepEqual(rankInterval(made.snapshot("rfc1889"), 0.5), { low: 38, value: 50, high: 63 });
});
