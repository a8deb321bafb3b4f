/**
 * Exponentially distributed numbers as RFC 4656 section 5 prescribes them: whoever has the seed has the schedule.
 *
 * @module
 */
import { Aes128 } from "../../core/aes.ts";

/** Q[k], k from 1: partial sums of ln(2)^i / i! as fractions of 2^32; exactly these (RFC 4656 section 5.2). */
const Q = Uint32Array.of(
  0, // there is no Q[0]
  0xb17217f8,
  0xeef193f7,
  0xfd271862,
  0xff9d6dd0,
  0xfff4cfd0,
  0xfffee819,
  0xffffe7ff,
  0xfffffe2b,
  0xffffffe0,
  0xfffffffe,
  0xffffffff,
);
const LN2 = Q[1];

/** Deviates of mean 1, in the order that the RFC prescribes. */
export class Exponential {
  readonly #cipher: Aes128;
  readonly #block = new Uint32Array(4);
  /** 16-octet counter of words drawn; its upper half stays 0 for the next 2^53 of them. */
  #drawn = 0;

  /** `seed`: 16 octets; in OWAMP the SID. */
  constructor(seed: Uint8Array) {
    this.#cipher = new Aes128(seed);
  }

  /** Algorithm Unif (section 5.3): where in `#block` the next 32 random bits are. The word itself would be boxed. */
  #uniform(): number {
    const at = this.#drawn & 3;
    if (at === 0) this.#refill();
    this.#drawn++;
    return at;
  }

  /** The counter counts words, so that blocks are encryptions of 0, 4, 8 and so on. */
  #refill(): void {
    const block = this.#block;
    block[0] = block[1] = 0;
    block[2] = this.#drawn / 4294967296;
    block[3] = this.#drawn;
    this.#cipher.encrypt(block);
  }

  /**
   * Algorithm S (section 5.1): writes the next deviate to `out[at]`, in units of 2^-32. Returned, it would be boxed.
   *
   * The RFC wants 64-bit fixed point with exact products. The largest deviate is 32 ln 2, which is 37 bits here, and the
   * largest product on the way 48: whole numbers that a double holds exactly.
   */
  next(out: Float64Array, at: number): void {
    const block = this.#block;
    // S1: U. Count the ones that it begins with, and shift off these and the zero after them. Without any zero, X is
    // 32 ln 2.
    let u = block[this.#uniform()];
    const j = Math.clz32(~u);
    out[at] = j * LN2;
    if (j === 32) return;
    u = u << j << 1 >>> 0; // not << j + 1: a shift by 32 would be none
    // S2: immediate acceptance.
    if (u < LN2) {
      out[at] += u;
      return;
    }
    // S3: the least k of at least 2 with U < Q[k], and the least of k new numbers. U ends in 0, so Q[11] is above it.
    let k = 2;
    while (u >= Q[k]) k++;
    let v = block[this.#uniform()];
    for (; k > 1; k--) {
      const other = block[this.#uniform()];
      if (other < v) v = other;
    }
    // S4: (j + V) ln 2. The part of j is there, and whole; of the part of V the lower 32 bits of 64 are cut off.
    const low = (v & 0xffff) * LN2;
    const high = (v >>> 16) * LN2;
    out[at] += Math.floor((high + Math.floor(low / 65536)) / 65536);
  }
}
