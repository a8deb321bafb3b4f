import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ERROR_PTP, ERROR_SYNCHRONIZED, errorEstimate, errorNanos } from "../../../core/wire/error_estimate.ts";

const UNIT_NS = 1e9 / 2 ** 32;
const LARGEST_NS = 255 * 2 ** 63 * UNIT_NS;
/** Multipliers run from 128 to 255 once there is a scale: rounding up by one is at most this much. */
const WIDEST = 1 + 1 / 128;

test("never a multiplier of 0, never better than asked, never much worse", () => {
  const exponent = fc.double({ min: -3, max: 28, noNaN: true });
  fc.assert(
    fc.property(exponent, fc.boolean(), fc.boolean(), (power, synchronized, ptp) => {
      const asked = 10 ** power;
      const bits = errorEstimate(asked, synchronized, ptp);
      assert.ok(Number.isInteger(bits) && bits >= 0 && bits <= 0xffff);
      assert.notEqual(bits & 0xff, 0);
      assert.equal((bits & ERROR_SYNCHRONIZED) !== 0, synchronized);
      assert.equal((bits & ERROR_PTP) !== 0, ptp);
      const claimed = errorNanos(bits);
      if (asked > LARGEST_NS) assert.equal(claimed, LARGEST_NS);
      else assert.ok(claimed >= asked * (1 - Number.EPSILON), `${claimed} claimed for ${asked}`);
      if (asked <= LARGEST_NS) assert.ok(claimed <= Math.max(asked * WIDEST, asked + UNIT_NS));
    }),
    { seed: 1, numRuns: 5000 },
  );
});

test("what it says comes back as it was, for every scale and multiplier", () => {
  for (let bits = 0; bits < 0x4000; bits++) {
    if ((bits & 0xff) === 0) assert.ok(Number.isNaN(errorNanos(bits)));
    else assert.equal(errorNanos(errorEstimate(errorNanos(bits), false)), errorNanos(bits));
  }
});

test("extremes", () => {
  assert.equal(errorEstimate(0, false), 0x0001);
  assert.equal(errorEstimate(-1, false), 0x0001);
  assert.equal(errorEstimate(-Infinity, false), 0x0001);
  assert.equal(errorEstimate(1e-3, true), 0x8001);
  assert.equal(errorEstimate(16e9, false), 0x1d80, "16 s = 128 * 2^(29-32) s");
  assert.equal(errorEstimate(Infinity, false), 0x3fff);
  assert.equal(errorEstimate(NaN, false), 0x3fff, "not known is not good");
  assert.equal(errorEstimate(NaN, true, true), 0xffff);
  assert.equal(errorEstimate(Number.MAX_VALUE, false), 0x3fff);
});

test("flags do not change what is claimed", () => {
  assert.equal(errorNanos(0x0a80), 128 * 2 ** 10 * UNIT_NS);
  assert.equal(errorNanos(0xca80), errorNanos(0x0a80));
});
