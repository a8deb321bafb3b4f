import assert from "node:assert/strict";
import { test } from "node:test";
import { OptionError } from "../../../core/errors.ts";
import type { Schedule } from "../../../core/plugin.ts";
import { SCHEDULES } from "../../../plugins/schedule/mod.ts";
import { fixed } from "../../../plugins/schedule/fixed.ts";
import { poisson } from "../../../plugins/schedule/poisson.ts";

const SEED = Uint8Array.from({ length: 16 }, (_, i) => i);
const MS = 1e6;

function gaps(schedule: Schedule, count: number): number[] {
  return Array.from({ length: count }, () => schedule.next());
}

test("fixed: the first probe at once, then one every interval", () => {
  assert.deepEqual(gaps(fixed.create({}, 10 * MS, SEED), 4), [0, 10 * MS, 10 * MS, 10 * MS]);
  assert.deepEqual(gaps(fixed.create({}, 1e9 / 3, SEED), 2), [0, 333_333_333]);
});

test("fixed: two schedules do not know of each other", () => {
  const first = fixed.create({}, MS, SEED);
  first.next();
  assert.deepEqual(gaps(fixed.create({}, MS, SEED), 2), [0, MS]);
  assert.equal(first.next(), MS);
});

test("poisson: a seed repeats its gaps, another has others", () => {
  const first = gaps(poisson.create({}, 10 * MS, SEED), 100);
  assert.deepEqual(gaps(poisson.create({}, 10 * MS, SEED), 100), first);
  assert.notDeepEqual(gaps(poisson.create({}, 10 * MS, SEED.map((octet) => octet ^ 1)), 100), first);
});

test("poisson: the gaps of a SID of RFC 4656, the same on every runtime", () => {
  const sid = Uint8Array.from("2872979303ab47eeac028dab3829dab2".match(/../g)!, (pair) => parseInt(pair, 16));
  assert.deepEqual(gaps(poisson.create({}, 1e9, sid), 5), [
    426_390_007,
    206_233_085,
    152_977_964,
    1_718_005_361,
    2_448_474_510,
  ]);
});

test("poisson: whole nanoseconds, exponentially distributed around the interval", () => {
  const drawn = gaps(poisson.create({}, 10 * MS, SEED), 100_000);
  assert.ok(drawn.every((gap) => Number.isSafeInteger(gap) && gap >= 0));
  const mean = drawn.reduce((sum, gap) => sum + gap, 0) / drawn.length;
  assert.ok(Math.abs(mean / (10 * MS) - 1) < 0.01, String(mean));
  // Kolmogorov-Smirnov: above 1.95 / sqrt(n) once in a thousand seeds, and this one is fixed.
  drawn.sort((a, b) => a - b);
  const distance = drawn.map((gap, i) => Math.abs(1 - Math.exp(-gap / (10 * MS)) - i / drawn.length));
  assert.ok(Math.max(...distance.slice(0, 50_000), ...distance.slice(50_000)) < 1.95 / Math.sqrt(drawn.length));
});

test("an interval that cannot be is refused in one line", () => {
  for (const schedule of SCHEDULES) {
    for (const interval of [0, -1, 0.4, NaN, Infinity, 2 ** 53]) {
      assert.throws(() => schedule.create({}, interval, SEED), (error) => {
        assert.ok(error instanceof OptionError);
        assert.match(error.message, new RegExp(`^interval ${interval} of schedule ${schedule.name} .*give`));
        return true;
      });
    }
  }
});

test("they say what they are", () => {
  assert.deepEqual(SCHEDULES.map((plugin) => plugin.name), ["fixed", "poisson"]);
  for (const plugin of SCHEDULES) {
    assert.equal(plugin.create({}, MS, SEED).name, plugin.name);
    assert.deepEqual([plugin.api, plugin.kind], [1, "schedule"]);
  }
});
