/**
 * Hashes of peers, for tables that strangers fill.
 *
 * @module
 */
import { PEER_PORT } from "../batch.ts";

/** One step of a hash over words. */
export function mix(hash: number, word: number): number {
  const product = Math.imul(hash ^ word, 0x9e3779b1);
  return product ^ (product >>> 15);
}

/** Halves of the words that are hashed: an address, and a port beside an SSID. */
const HALVES = 10;

/**
 * A hash that nobody can aim at without the seed: a sum of the key's 16-bit halves, each times a secret number. Of any two
 * keys the upper 16 bits are the same for one seed in 2^16 or so, whatever the keys (multilinear hashing is strongly
 * universal); hashes that mix word by word have pairs of keys that are the same under every seed. And there is no chain
 * of steps that have to wait for one another.
 */
export class PeerHash {
  readonly #secrets = new Int32Array(HALVES + 1);

  constructor(seed: number) {
    let state = seed | 0;
    for (let i = 0; i < this.#secrets.length; i++) {
      state = (state + 0x9e3779b9) | 0;
      const once = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
      const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
      this.#secrets[i] = twice ^ (twice >>> 16);
    }
  }

  /** The hash of the peer at word `at` (see `Batch.peerWords`) and an SSID: 32 bits, of which the upper ones are good. */
  of(words: Uint32Array, at: number, ssid: number): number {
    const s = this.#secrets;
    const k0 = words[at];
    const k1 = words[at + 1];
    const k2 = words[at + 2];
    const k3 = words[at + 3];
    const port = words[at + PEER_PORT / 4];
    return (s[HALVES] +
      Math.imul(k0 & 0xffff, s[0]) + Math.imul(k0 >>> 16, s[1]) +
      Math.imul(k1 & 0xffff, s[2]) + Math.imul(k1 >>> 16, s[3]) +
      Math.imul(k2 & 0xffff, s[4]) + Math.imul(k2 >>> 16, s[5]) +
      Math.imul(k3 & 0xffff, s[6]) + Math.imul(k3 >>> 16, s[7]) +
      Math.imul(port & 0xffff, s[8]) + Math.imul(ssid, s[9])) >>> 0;
  }
}
