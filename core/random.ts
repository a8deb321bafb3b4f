/**
 * Seeded randomness that is the same on every runtime and in every run: for traffic, impairments and tests, never for
 * secrets.
 *
 * @module
 */

/** Octets of a seed. */
export const SEED_SIZE = 16;

/**
 * The generator xoshiro128** of Blackman and Vigna: 32-bit words alone, which both runtimes keep in registers, and a
 * period of 2^128 - 1.
 */
export class Random {
  readonly #key: Uint32Array;
  /** Four words, and the last one drawn. A typed array: words of 32 bits in plain fields would be boxed. */
  readonly #state = new Uint32Array(5);

  /** Starts in the state `key`, four words that are not all 0. */
  constructor(key: ArrayLike<number>) {
    this.#key = Uint32Array.from(key);
    this.#state.set(key);
  }

  /** Leaves the next 32 random bits in `#state`: returned, they would be boxed where this is not inlined. */
  #step(): void {
    const s = this.#state;
    const product = Math.imul(s[1], 5);
    const shifted = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = s[3] << 11 | s[3] >>> 21;
    s[WORD] = Math.imul(product << 7 | product >>> 25, 9);
  }

  /** The next 32 random bits, 0 to 2^32 - 1. */
  next32(): number {
    this.#step();
    return this.#state[WORD];
  }

  /** At least 0, less than 1, in steps of 2^-32. */
  nextFloat(): number {
    return this.next32() / 4294967296;
  }

  /** A whole number from 0 to `n` - 1, each as likely; `n` is 1 to 2^32. */
  below(n: number): number {
    if (!(n >= 1 && n <= 4294967296)) throw new RangeError(`below(${n}): 1 to 2^32`);
    // The last, incomplete run of n among the 2^32 words would favour small numbers: draw again.
    const fair = 4294967296 - 4294967296 % n;
    const s = this.#state;
    do this.#step(); while (s[WORD] >= fair);
    return s[WORD] % n;
  }

  /** Writes random octets to `at` up to `end` (exclusive). */
  fill(bytes: Uint8Array, at: number, end: number): void {
    let word = 0;
    for (let left = 0; at < end; at++, left--) {
      if (left === 0) {
        this.#step();
        word = this.#state[WORD];
        left = 4;
      }
      bytes[at] = word;
      word >>>= 8;
    }
  }

  /**
   * Goes to the beginning of stream `index` (0 to 2^53 - 1) of this generator's key: each packet, or block of packets,
   * can have one of its own, so that what it draws does not depend on what was drawn before.
   */
  restart(index: number): void {
    const key = this.#key;
    const state = this.#state;
    let h = scramble(index ^ GOLDEN);
    h = scramble(h ^ index / 4294967296);
    for (let i = 0; i < 4; i++) h = scramble(h ^ key[i]);
    // Now all 192 bits have a say in h. Each word of the state is drawn from it and from one word of the key.
    for (let i = 0; i < 4; i++) state[i] = h = scramble(h + GOLDEN ^ key[i]);
    if ((state[0] | state[1] | state[2] | state[3]) === 0) state[0] = 1; // the one state that never leaves itself
  }
}

/** Where in the state the last word drawn is. */
const WORD = 4;

/** The generator of `seed` (16 octets) for one purpose: another label, other numbers that have nothing to do with it. */
export function createRandom(seed: Uint8Array, label: string): Random {
  if (seed.length !== SEED_SIZE) throw new RangeError(`a seed has ${SEED_SIZE} octets, not ${seed.length}`);
  let h = GOLDEN;
  for (let i = 0; i < label.length; i++) h = scramble(h ^ label.charCodeAt(i));
  const view = new DataView(seed.buffer, seed.byteOffset, SEED_SIZE);
  const random = new Random([0, 4, 8, 12].map((at) => h = scramble(h + GOLDEN ^ view.getUint32(at))));
  random.restart(0);
  return random;
}

/** 2^32 over the golden ratio: an odd number without a pattern. */
const GOLDEN = 0x9e3779b9;

/** The finalizer of MurmurHash3: one to one, and each bit of `h` changes about half of the result. */
function scramble(h: number): number {
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ h >>> 16;
}
