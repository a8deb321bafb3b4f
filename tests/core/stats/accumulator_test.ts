/** Moments and jitter against their definitions, computed the long way. */
import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import { Accumulator } from "../../../core/stats/accumulator.ts";

const SEED = { seed: 3550, numRuns: 200 };
const delays = fc.array(fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }), { minLength: 2, maxLength: 300 });

function filled(values: readonly number[]): Accumulator {
  const accumulator = new Accumulator(10);
  values.forEach((value) => accumulator.record(value));
  return accumulator;
}

function close(got: number | null, expected: number): void {
  assert.ok(got !== null && Math.abs(got - expected) <= 1e-9 * Math.abs(expected) + 1e-3, `${got} for ${expected}`);
}

test("mean and deviation are those of the values, whatever offset the clocks have", () => {
  fc.assert(
    fc.property(delays, fc.constantFrom(0, 1e9, -4e15), (values, offset) => {
      const mean = values.reduce((a, b) => a + b) / values.length;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
      const snapshot = filled(values.map((value) => value + offset)).snapshot("rfc3393");
      assert.ok(Math.abs(snapshot.mean! - offset - mean) <= 4, `${snapshot.mean}`);
      assert.ok(Math.abs(snapshot.stddev! - Math.sqrt(variance)) <= 1e-6 * Math.sqrt(variance) + 4);
      assert.equal(snapshot.jitter, snapshot.stddev, "RFC 3393: the root of the mean squared difference from the mean");
    }),
    SEED,
  );
});

test("RFC 3550 jitter follows its recurrence from 0", () => {
  fc.assert(
    fc.property(delays, (values) => {
      let jitter = 0;
      for (let i = 1; i < values.length; i++) jitter += (Math.abs(values[i] - values[i - 1]) - jitter) / 16;
      close(filled(values).snapshot("rfc1889").jitter, jitter);
    }),
    SEED,
  );
});

test("percentiles never leave the range of what was seen", () => {
  const snapshot = filled([1_234_567, 1_234_567]).snapshot("rfc1889");
  assert.deepEqual([snapshot.min, snapshot.p50, snapshot.p999, snapshot.max], [
    1_234_567,
    1_234_567,
    1_234_567,
    1_234_567,
  ]);
});

test("what is not known is null", () => {
  const empty = new Accumulator(10).snapshot("rfc1889");
  assert.deepEqual([empty.min, empty.mean, empty.p99, empty.jitter], [null, null, null, null]);
  assert.equal(filled([5]).snapshot("rfc1889").jitter, null, "one value has no jitter");
  const holes = filled([NaN, 7, NaN]);
  assert.equal(holes.count, 1);
  assert.equal(holes.snapshot("rfc1889").mean, 7);
});

test("merged moments are those of all values", () => {
  fc.assert(
    fc.property(delays, delays, (a, b) => {
      const merged = filled(a);
      merged.merge(filled(b));
      const [got, expected] = [merged.snapshot("rfc3393"), filled([...a, ...b]).snapshot("rfc3393")];
      assert.deepEqual([got.count, got.min, got.max, got.p50, got.p99], [
        expected.count,
        expected.min,
        expected.max,
        expected.p50,
        expected.p99,
      ]);
      close(got.mean, expected.mean!);
      close(got.stddev, expected.stddev!);
    }),
    SEED,
  );
});
