import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createCipheriv } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { Exponential } from "../../../plugins/schedule/exponential.ts";

// The same cases on every run and runtime.
fc.configureGlobal({ seed: 4656 });

/** RFC 4656 appendix B: a SID, and the sum of its first million deviates. */
const VECTORS = [
  ["2872979303ab47eeac028dab3829dab2", "000f4479bd317381", 1000569.739036],
  ["0102030405060708090a0b0c0d0e0f00", "000f433686466a62", 1000246.524512],
  ["deadbeefdeadbeefdeadbeefdeadbeef", "000f416c8884d2d3", 999788.533277],
  ["feed0feed1feed2feed3feed4feed5ab", "000f3f0b4b416ec8", 999179.293967],
] as const;

for (const [sid, sum, seconds] of VECTORS) {
  test(`a million deviates of ${sid} add up to what RFC 4656 says`, () => {
    const deviates = new Exponential(Uint8Array.from(sid.match(/../g)!, (pair) => parseInt(pair, 16)));
    const out = new Float64Array(1);
    let high = 0;
    let low = 0;
    for (let i = 0; i < 1_000_000; i++) {
      deviates.next(out, 0);
      high += Math.floor(out[0] / 2 ** 32);
      low += out[0] >>> 0;
    }
    high += Math.floor(low / 2 ** 32);
    assert.equal(hex(high) + hex(low % 2 ** 32), sum);
    assert.ok(Math.abs(high + low % 2 ** 32 / 2 ** 32 - seconds) < 1e-6);
  });
}

function hex(word: number): string {
  return word.toString(16).padStart(8, "0");
}

/** Section 5 as it is written, in 64-bit integers and with somebody else's AES. */
function* reference(seed: Uint8Array): Generator<bigint> {
  const cipher = createCipheriv("aes-128-ecb", seed, null);
  const q = [1n, 2n, 6n, 24n, 120n, 720n, 5040n, 40320n, 362880n, 3628800n, 39916800n];
  let counter = 0;
  let block = Buffer.alloc(16);
  const uniform = () => {
    if (counter % 4 === 0) {
      const input = Buffer.alloc(16);
      input.writeUInt32BE(counter, 12);
      block = cipher.update(input);
    }
    return BigInt(block.readUInt32BE(4 * (counter++ % 4)));
  };
  // The sums themselves, from ln 2 in 160 bits: they must round to the constants that the RFC prints.
  const ln2 = 0xb17217f7d1cf79abc9e3b39803f2f6af40f34326n;
  const sums: bigint[] = [];
  for (let k = 0, power = ln2, sum = 0n; k < q.length; k++) {
    sum += power / q[k];
    sums.push((sum + (1n << 127n)) >> 128n);
    power = power * ln2 >> 160n;
  }
  const least = 0xffffffffn;
  const Q = sums.map((sum) => sum < least ? sum : least);
  while (true) {
    let u = uniform();
    let j = 0n;
    for (; j < 32n && u & 0x80000000n; j++) u = u << 1n & 0xffffffffn;
    if (j === 32n) yield (32n << 32n) * Q[0] >> 32n;
    else {
      u = u << 1n & 0xffffffffn;
      if (u < Q[0]) yield ((j << 32n) * Q[0] >> 32n) + u;
      else {
        let k = 2;
        while (u >= Q[k - 1]) k++;
        let v = uniform();
        while (--k > 0) {
          const other = uniform();
          if (other < v) v = other;
        }
        yield ((j << 32n) + v) * Q[0] >> 32n;
      }
    }
  }
}

test("deviate by deviate, it is what the RFC's text computes in 64-bit integers", () => {
  fc.assert(fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (seed) => {
    const deviates = new Exponential(seed);
    const expected = reference(seed);
    const out = new Float64Array(1);
    for (let i = 0; i < 500; i++) {
      deviates.next(out, 0);
      assert.equal(BigInt(out[0]), expected.next().value);
    }
  }));
});

test("a deviate is a whole number of 2^-32, not below 0 and not above 32 ln 2", () => {
  const deviates = new Exponential(new Uint8Array(16));
  const out = new Float64Array(3);
  for (let i = 0; i < 100_000; i++) {
    deviates.next(out, 1);
    assert.ok(Number.isInteger(out[1]) && out[1] >= 0 && out[1] <= 32 * 0xb17217f8);
  }
  assert.deepEqual([out[0], out[2]], [0, 0]);
});

test("a seed has 16 octets", () => {
  assert.throws(() => new Exponential(new Uint8Array(8)), RangeError);
});
