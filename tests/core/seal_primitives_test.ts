import assert from "node:assert/strict";
import { createCipheriv, createDecipheriv, createHmac } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { Cbc, createChain } from "../../core/cbc.ts";
import { HmacSha1 } from "../../core/hmac_sha1.ts";
import { HmacSha256 } from "../../core/hmac_sha256.ts";

function octets(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

const block = fc.uint8Array({ minLength: 16, maxLength: 16 });
const blocks = fc.integer({ min: 1, max: 8 }).chain((n) => fc.uint8Array({ minLength: 16 * n, maxLength: 16 * n }));

test("the example of RFC 3602 (AES-CBC), both ways", () => {
  const cbc = new Cbc(octets("c286696d887c9aa0611bbb3e2025a45a"));
  const iv = octets("562e17996d093d28ddb3ba695a2e6f58");
  const plain = octets("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
  const bytes = plain.slice();
  cbc.encrypt(viewOf(bytes), 0, 2, createChain(iv));
  assert.deepEqual(bytes, octets("d296cd94c2cccf8a3a863028b5e1dc0a7586602d253cfff91b8266bea6d61ab1"));
  cbc.decrypt(viewOf(bytes), 0, 2, createChain(iv));
  assert.deepEqual(bytes, plain);
});

test("CBC is what node:crypto makes of it, at any place, in any pieces", () => {
  fc.assert(
    fc.property(block, block, blocks, fc.nat(40), (key, iv, plain, at) => {
      const cipher = createCipheriv("aes-128-cbc", key, iv).setAutoPadding(false);
      const expected = Uint8Array.from(cipher.update(plain));
      const bytes = new Uint8Array(at + plain.length + 5);
      bytes.set(plain, at);
      const cbc = new Cbc(key);
      const chain = createChain(iv);
      const first = Math.floor(plain.length / 32);
      cbc.encrypt(viewOf(bytes), at, first, chain);
      cbc.encrypt(viewOf(bytes), at + 16 * first, plain.length / 16 - first, chain);
      assert.deepEqual(bytes.slice(at, at + plain.length), expected);
      const decipher = createDecipheriv("aes-128-cbc", key, iv).setAutoPadding(false);
      assert.deepEqual(Uint8Array.from(decipher.update(expected)), plain);
      const back = createChain(iv);
      cbc.decrypt(viewOf(bytes), at, first, back);
      cbc.decrypt(viewOf(bytes), at + 16 * first, plain.length / 16 - first, back);
      assert.deepEqual(bytes.slice(at, at + plain.length), plain);
      assert.ok(bytes.subarray(0, at).every((octet) => octet === 0), "nothing before it is touched");
      assert.ok(bytes.subarray(at + plain.length).every((octet) => octet === 0), "nothing behind it is touched");
    }),
    { numRuns: 300, seed: 3602 },
  );
  assert.throws(() => new Cbc(new Uint8Array(32)), RangeError);
});

for (const [hash, Class] of [["sha1", HmacSha1], ["sha256", HmacSha256]] as const) {
  test(`HMAC-${hash} is what node:crypto makes of it, truncated: whole, in pieces, again and again`, () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 100 }),
        fc.array(fc.uint8Array({ maxLength: 150 }), { maxLength: 4 }),
        fc.nat(150),
        (key, messages, split) => {
          const hmac = new Class(key);
          for (const message of messages) {
            const expected = Uint8Array.from(createHmac(hash, key).update(message).digest()).slice(0, 16);
            const out = new Uint8Array(20);
            hmac.update(message.subarray(0, split));
            hmac.update(message.subarray(split));
            hmac.finish(out, 4);
            assert.deepEqual(out.slice(4), expected);
            hmac.write(message, 0, message.length, out, 0);
            assert.deepEqual(out.slice(0, 16), expected);
            assert.ok(hmac.check(message, 0, message.length, out, 0));
            out[split % 16] ^= 1 << (split % 8);
            assert.ok(!hmac.check(message, 0, message.length, out, 0), "one flipped bit");
          }
        },
      ),
      { numRuns: 300, seed: 2104 },
    );
  });
}

test("the example AUTH256-2 of RFC 4868 section 2.7.2.1 (HMAC-SHA-256-128)", () => {
  const out = new Uint8Array(16);
  const text = new TextEncoder().encode("what do ya want for nothing?");
  new HmacSha256(new TextEncoder().encode("Jefe".repeat(8))).write(text, 0, text.length, out, 0);
  assert.deepEqual(out, octets("167f928588c5cc2eef8e3093caa0e87c"));
});
