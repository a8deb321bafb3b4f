/** The histogram keeps the bound it states, over the whole range and both signs. */
import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import { Histogram } from "../../../core/stats/histogram.ts";

const SEED = { seed: 20_261_121, numRuns: 300 };
const nanos = fc.oneof(
  fc.integer({ min: -2000, max: 2000 }),
  fc.integer({ min: -2_000_000_000, max: 2_000_000_000 }),
  fc.double({ min: -(2 ** 62), max: 2 ** 62, noNaN: true }).map(Math.trunc),
);

test("every value falls into a bin that holds it, narrow enough for the stated error", () => {
  // Beyond 2^53 bounds of bins are rounded as all doubles are.
  fc.assert(
    fc.property(nanos.filter((value) => Math.abs(value) < 2 ** 52), (value) => {
      const histogram = new Histogram();
      histogram.record(value);
      const bins = [...histogram.bins()];
      assert.equal(bins.length, 1);
      const [from, to, count] = bins[0];
      assert.equal(count, 1);
      assert.ok(from <= value && value < to, `${from} <= ${value} < ${to}`);
      const read = histogram.quantiles([0.5])[0];
      assert.ok(Math.abs(read - value) <= Math.abs(value) * histogram.relativeError + 0.5, `${read} for ${value}`);
    }),
    SEED,
  );
});

test("quantiles are the nearest rank within the bound", () => {
  fc.assert(
    fc.property(
      fc.array(nanos, { minLength: 1, maxLength: 200 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (values, q) => {
        const histogram = new Histogram();
        values.forEach((value) => histogram.record(value));
        const exact = values.toSorted((a, b) => a - b)[Math.max(1, Math.ceil(q * values.length)) - 1];
        const read = histogram.quantiles([q])[0];
        assert.ok(Math.abs(read - exact) <= Math.abs(exact) * histogram.relativeError + 0.5, `${read} for ${exact}`);
      },
    ),
    SEED,
  );
});

test("bins are ascending, do not overlap, and add up", () => {
  fc.assert(
    fc.property(fc.array(nanos, { maxLength: 300 }), (values) => {
      const histogram = new Histogram();
      values.forEach((value) => histogram.record(value));
      let [end, total] = [-Infinity, 0];
      for (const [from, to, count] of histogram.bins()) {
        assert.ok(from >= end && to > from);
        end = to;
        total += count;
      }
      assert.equal(total, values.length);
      assert.equal(histogram.count, values.length);
    }),
    SEED,
  );
});

test("a merged histogram is the histogram of both", () => {
  fc.assert(
    fc.property(fc.array(nanos), fc.array(nanos), (a, b) => {
      const [left, right, both] = [new Histogram(), new Histogram(), new Histogram()];
      a.forEach((value) => left.record(value));
      b.forEach((value) => right.record(value));
      [...a, ...b].forEach((value) => both.record(value));
      left.merge(right);
      assert.deepEqual([...left.bins()], [...both.bins()]);
    }),
    SEED,
  );
});

test("values beyond 2^63 end in the last bin instead of nowhere", () => {
  const histogram = new Histogram();
  for (const value of [2 ** 63, 1e300, -1e300]) histogram.record(value);
  assert.equal([...histogram.bins()].reduce((sum, [, , count]) => sum + count, 0), 3);
});

test("an empty histogram has no quantile", () => {
  assert.ok(Number.isNaN(new Histogram().quantiles([0.5])[0]));
});
