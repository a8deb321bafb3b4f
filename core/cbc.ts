/**
 * AES-128 in Cipher Block Chaining over octets in place, as TWAMP seals its control connection and its test packets
 * (RFC 4656 sections 3.4 and 4.1.2): @noble/ciphers behind one small class, with both key schedules made once.
 *
 * Beside `aes.ts`, which encrypts single blocks for schedules. A cipher of tables can be read out through the cache by
 * somebody on the same processor: SECURITY.md says so.
 *
 * @module
 */
import { unsafe } from "@noble/ciphers/aes.js";

/** Octets of a block, and of a key. */
export const BLOCK = 16;

/** What a stream is chained to: the block before. Four words in the package's order of octets. */
export type Chain = Uint32Array;

/** A chain that begins at `iv`, 16 octets; without one, at zeros. */
export function createChain(iv?: Uint8Array): Chain {
  const chain = new Uint32Array(4);
  if (iv === undefined) return chain;
  const view = new DataView(iv.buffer, iv.byteOffset, BLOCK);
  for (let i = 0; i < 4; i++) chain[i] = view.getUint32(4 * i, true);
  return chain;
}

/** One key, both ways. One block with a chain of zeros is Electronic Codebook mode. */
export class Cbc {
  readonly #forth: Uint32Array;
  readonly #back: Uint32Array;

  /** @throws RangeError for a key that has not 16 octets */
  constructor(key: Uint8Array) {
    if (key.length !== BLOCK) throw new RangeError(`an AES-128 key has ${BLOCK} octets, not ${key.length}`);
    const copy = key.slice();
    this.#forth = unsafe.expandKeyLE(copy);
    this.#back = unsafe.expandKeyDecLE(copy);
  }

  /** Encrypts `blocks` blocks at `at` in place; `chain` becomes the last of them. */
  encrypt(view: DataView, at: number, blocks: number, chain: Chain): void {
    for (let i = 0; i < blocks; i++, at += BLOCK) {
      const { s0, s1, s2, s3 } = unsafe.encrypt(
        this.#forth,
        view.getUint32(at, true) ^ chain[0],
        view.getUint32(at + 4, true) ^ chain[1],
        view.getUint32(at + 8, true) ^ chain[2],
        view.getUint32(at + 12, true) ^ chain[3],
      );
      view.setUint32(at, chain[0] = s0, true);
      view.setUint32(at + 4, chain[1] = s1, true);
      view.setUint32(at + 8, chain[2] = s2, true);
      view.setUint32(at + 12, chain[3] = s3, true);
    }
  }

  /** Decrypts `blocks` blocks at `at` in place; `chain` becomes the last of them as it was. */
  decrypt(view: DataView, at: number, blocks: number, chain: Chain): void {
    for (let i = 0; i < blocks; i++, at += BLOCK) {
      const c0 = view.getUint32(at, true);
      const c1 = view.getUint32(at + 4, true);
      const c2 = view.getUint32(at + 8, true);
      const c3 = view.getUint32(at + 12, true);
      const { s0, s1, s2, s3 } = unsafe.decrypt(this.#back, c0, c1, c2, c3);
      view.setUint32(at, s0 ^ chain[0], true);
      view.setUint32(at + 4, s1 ^ chain[1], true);
      view.setUint32(at + 8, s2 ^ chain[2], true);
      view.setUint32(at + 12, s3 ^ chain[3], true);
      chain[0] = c0;
      chain[1] = c1;
      chain[2] = c2;
      chain[3] = c3;
    }
  }
}
