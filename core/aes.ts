/**
 * AES-128, one block at a time: @noble/ciphers behind one small class, so that another library is a one-file change.
 *
 * The package's `unsafe` functions keep an expanded key, which its safe ones make anew for every call. Tables indexed by
 * secret octets can be read out through the cache by somebody on the same processor: schedules do not mind, whoever
 * seals packets with this must say so.
 *
 * @module
 */
import { unsafe } from "@noble/ciphers/aes.js";

const KEY_SIZE = 16;

/** A cipher with its key expanded. */
export class Aes128 {
  readonly #keys: Uint32Array;

  /** @throws RangeError for a key that has not 16 octets */
  constructor(key: Uint8Array) {
    if (key.length !== KEY_SIZE) throw new RangeError(`an AES-128 key has ${KEY_SIZE} octets, not ${key.length}`);
    this.#keys = unsafe.expandKeyLE(key.slice());
  }

  /** Encrypts a block in place: its 16 octets as four words, most significant octet first. */
  encrypt(block: Uint32Array): void {
    const { s0, s1, s2, s3 } = unsafe.encrypt(
      this.#keys,
      swap(block[0]),
      swap(block[1]),
      swap(block[2]),
      swap(block[3]),
    );
    block[0] = swap(s0);
    block[1] = swap(s1);
    block[2] = swap(s2);
    block[3] = swap(s3);
  }
}

/** The package counts octets of a word from the other end. */
function swap(word: number): number {
  return (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
}
