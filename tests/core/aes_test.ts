import assert from "node:assert/strict";
import { test } from "node:test";
import { createCipheriv } from "node:crypto";
import fc from "fast-check";
import { Aes128 } from "../../core/aes.ts";

function octets(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g)!, (pair) => parseInt(pair, 16));
}

function encrypt(key: Uint8Array, block: Uint8Array): Uint8Array {
  const view = new DataView(block.buffer, block.byteOffset, 16);
  const words = Uint32Array.from({ length: 4 }, (_, i) => view.getUint32(4 * i));
  new Aes128(key).encrypt(words);
  const out = new DataView(new ArrayBuffer(16));
  words.forEach((word, i) => out.setUint32(4 * i, word));
  return new Uint8Array(out.buffer);
}

test("the examples of FIPS 197", () => {
  const examples = [
    // Appendix B
    ["2b7e151628aed2a6abf7158809cf4f3c", "3243f6a8885a308d313198a2e0370734", "3925841d02dc09fbdc118597196a0b32"],
    // Appendix C.1
    ["000102030405060708090a0b0c0d0e0f", "00112233445566778899aabbccddeeff", "69c4e0d86a7b0430d8cdb78070b4c55a"],
  ];
  for (const [key, plain, cipher] of examples) assert.deepEqual(encrypt(octets(key), octets(plain)), octets(cipher));
});

test("any block under any key is what node:crypto makes of it", () => {
  const block = fc.uint8Array({ minLength: 16, maxLength: 16 });
  fc.assert(
    fc.property(block, block, (key, plain) => {
      const expected = createCipheriv("aes-128-ecb", key, null).setAutoPadding(false).update(plain);
      assert.deepEqual(encrypt(key, plain), Uint8Array.from(expected));
    }),
    { numRuns: 500, seed: 197 },
  );
});

test("a key that lies within a larger buffer, and one of the wrong size", () => {
  const buffer = new Uint8Array(21);
  buffer.set(octets("2b7e151628aed2a6abf7158809cf4f3c"), 5);
  const cipher = encrypt(buffer.subarray(5), octets("3243f6a8885a308d313198a2e0370734"));
  assert.deepEqual(cipher, octets("3925841d02dc09fbdc118597196a0b32"));
  assert.throws(() => new Aes128(new Uint8Array(24)), RangeError);
});
