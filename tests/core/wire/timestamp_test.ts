import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  ntpEpochSeconds,
  ntpFraction,
  ntpNanos,
  ntpSeconds,
  putNtp,
  putPtp,
  readTimestamp,
} from "../../../core/wire/timestamp.ts";

const view = new DataView(new ArrayBuffer(10));
const words = new Uint32Array(3);
const PRIME_STEP = 997;
const seconds = fc.integer({ min: 0, max: 0xffff_ffff });
const nanos = fc.integer({ min: 0, max: 999_999_999 });

test("NTP: nanoseconds come back exactly, over the whole second", () => {
  for (let ns = 0; ns < 1e9; ns += PRIME_STEP) {
    view.setUint32(4, ntpFraction(ns));
    const back = ntpNanos(view, 0);
    if (back !== ns) assert.equal(back, ns);
  }
});

test("NTP: nanoseconds come back exactly at both ends of the second and at powers of two", () => {
  const exact = [0, 1, 2, 3, 999_999_997, 999_999_998, 999_999_999, 500_000_000, 499_999_999];
  for (let power = 1; power < 1e9; power *= 2) exact.push(power - 1, power, power + 1);
  for (const ns of exact) {
    view.setUint32(4, ntpFraction(ns));
    assert.equal(ntpNanos(view, 0), ns);
  }
});

test("NTP: the fraction is the nearest there is, and grows with the nanoseconds", () => {
  fc.assert(
    fc.property(nanos, (ns) => {
      const exact = (BigInt(ns) << 33n) / 1_000_000_000n;
      assert.equal(BigInt(ntpFraction(ns)), (exact + 1n) >> 1n);
      if (ns < 999_999_999) assert.ok(ntpFraction(ns) < ntpFraction(ns + 1));
    }),
    { seed: 1, numRuns: 5000 },
  );
});

test("NTP: UNIX times from 1970 to 2106, over both eras, come back exactly", () => {
  fc.assert(
    fc.property(seconds, nanos, (s, ns) => {
      putNtp(view, 1, s, ns);
      readTimestamp(view, 1, false, words, 1);
      assert.deepEqual([words[1], words[2]], [s, ns]);
      assert.equal(view.getUint32(1), ntpEpochSeconds(s));
      assert.equal(view.getUint32(5), ntpFraction(ns));
    }),
    { seed: 2, numRuns: 5000 },
  );
});

test("NTP: the change of era and the ends of what 32 bits hold", () => {
  const raw = (value: number) => {
    view.setUint32(0, value);
    return ntpSeconds(view, 0);
  };
  const utc = (text: string) => Date.parse(text) / 1000;
  assert.equal(raw(2_208_988_800), utc("1970-01-01T00:00:00Z"));
  assert.equal(raw(0xffff_ffff), utc("2036-02-07T06:28:15Z"));
  assert.equal(raw(0), utc("2036-02-07T06:28:16Z"));
  assert.equal(raw(2_208_988_799), 0xffff_ffff);
  for (const s of [0, 1, 0x7fff_ffff, 0x8000_0000, 2_085_978_495, 2_085_978_496, 0xffff_ffff]) {
    assert.equal(raw(ntpEpochSeconds(s)), s);
  }
});

test("NTP: any fraction reads as 0 to a whole second, never more, and is off by half a nanosecond at most", () => {
  fc.assert(
    fc.property(seconds, (fraction) => {
      view.setUint32(4, fraction);
      const ns = ntpNanos(view, 0);
      assert.ok(ns >= 0 && ns <= 1e9);
      assert.ok(Math.abs(ns - fraction * (1e9 / 2 ** 32)) <= 0.5);
    }),
    { seed: 3, numRuns: 5000 },
  );
  view.setUint32(4, 0xffff_ffff);
  assert.equal(ntpNanos(view, 0), 1e9);
});

test("PTP: seconds and nanoseconds as they are", () => {
  fc.assert(
    fc.property(seconds, nanos, (s, ns) => {
      putPtp(view, 2, s, ns);
      assert.deepEqual([view.getUint32(2), view.getUint32(6)], [s, ns]);
      readTimestamp(view, 2, true, words, 0);
      assert.deepEqual([words[0], words[1]], [s, ns]);
    }),
    { seed: 4, numRuns: 1000 },
  );
});

test("a stamp is written and read nowhere but in its 8 octets and 2 words", () => {
  const around = new Uint8Array(12).fill(0xee);
  putNtp(new DataView(around.buffer), 2, 1, 1);
  assert.deepEqual([around[0], around[1], around[10], around[11]], [0xee, 0xee, 0xee, 0xee]);
  const out = Uint32Array.of(7, 7, 7, 7);
  readTimestamp(new DataView(around.buffer), 2, false, out, 1);
  assert.deepEqual([...out], [7, 1, 1, 7]);
});
