/**
 * Which session a peer belongs to: a hash table of fixed size, by address and port or by address alone.
 *
 * Each key is there once, with how many sessions have it: a thousand sessions that expect the same peer take one cell, so
 * that nobody can make searching slow. The rows are kept as their exclusive or, which is the row where there is one.
 *
 * @module
 */

import { mix } from "./peer_hash.ts";

/** What {@linkcode PeerIndex.find} answers for a key that nobody has, and for one that several have. */
export const NONE = -1;
export const MANY = -2;

const KEY_WORDS = 5;
const ADDRESS_WORDS = 4;

/** Rows by peer; a peer is five words of `Batch.peerWords`, of which the last is the port and what is beside it. */
export class PeerIndex {
  readonly #seed: number;
  readonly #mask: number;
  readonly #keys: Uint32Array;
  /** Sessions with that key; 0 for a free cell. */
  readonly #count: Uint32Array;
  readonly #rows: Int32Array;

  /** `keys`: how many there are at most; `seed`: any number, so that nobody can aim at a cell. */
  constructor(keys: number, seed: number) {
    const cells = 2 ** Math.ceil(Math.log2(2 * Math.max(keys, 2)));
    this.#seed = seed >>> 0;
    this.#mask = cells - 1;
    this.#keys = new Uint32Array(cells * KEY_WORDS);
    this.#count = new Uint32Array(cells);
    this.#rows = new Int32Array(cells);
  }

  /** The row that has the key of the peer at word `at`, `NONE` or `MANY`. */
  find(words: Uint32Array, at: number, withPort: boolean): number {
    const cell = this.#cellOf(words, at, withPort);
    const count = this.#count[cell];
    return count === 1 ? this.#rows[cell] : count === 0 ? NONE : MANY;
  }

  add(words: Uint32Array, at: number, withPort: boolean, row: number): void {
    const cell = this.#cellOf(words, at, withPort);
    if (this.#count[cell]++ === 0) {
      this.#keys.set(words.subarray(at, at + ADDRESS_WORDS), cell * KEY_WORDS);
      this.#keys[cell * KEY_WORDS + ADDRESS_WORDS] = portOf(words, at, withPort);
      this.#rows[cell] = 0;
    }
    this.#rows[cell] ^= row;
  }

  /** Takes back what was added; throws if it was not. */
  remove(words: Uint32Array, at: number, withPort: boolean, row: number): void {
    let free = this.#cellOf(words, at, withPort);
    if (this.#count[free] === 0) throw new Error("this peer is in no session");
    this.#rows[free] ^= row;
    if (--this.#count[free] > 0) return;
    // Cells behind it that only lie there because it was taken move up, or they would not be found any more.
    for (let cell = (free + 1) & this.#mask; this.#count[cell] !== 0; cell = (cell + 1) & this.#mask) {
      const home = this.#hash(this.#keys, cell * KEY_WORDS, this.#keys[cell * KEY_WORDS + ADDRESS_WORDS]);
      if (((cell - home) & this.#mask) < ((cell - free) & this.#mask)) continue;
      this.#keys.copyWithin(free * KEY_WORDS, cell * KEY_WORDS, (cell + 1) * KEY_WORDS);
      this.#count[free] = this.#count[cell];
      this.#rows[free] = this.#rows[cell];
      this.#count[cell] = 0;
      free = cell;
    }
  }

  /** The cell of a key, or the free one where it would be. */
  #cellOf(words: Uint32Array, at: number, withPort: boolean): number {
    const keys = this.#keys;
    const port = portOf(words, at, withPort);
    for (let cell = this.#hash(words, at, port);; cell = (cell + 1) & this.#mask) {
      const key = cell * KEY_WORDS;
      if (
        this.#count[cell] === 0 ||
        (keys[key + 3] === words[at + 3] && keys[key + 4] === port && keys[key + 2] === words[at + 2] &&
          keys[key + 1] === words[at + 1] && keys[key] === words[at])
      ) return cell;
    }
  }

  #hash(words: Uint32Array, at: number, port: number): number {
    const high = mix(mix(mix(this.#seed, words[at]), words[at + 1]), words[at + 2]);
    return mix(mix(high, words[at + 3]), port) & this.#mask;
  }
}

/** The port's two octets, without the scope's beside them. */
function portOf(words: Uint32Array, at: number, withPort: boolean): number {
  return withPort ? (words[at + ADDRESS_WORDS] << 16) >>> 0 : 0;
}
