/**
 * Values of a stretch of time, all of a few and a share of many: enough to say how they spread.
 *
 * Which are kept depends on the sequence number alone, so that a picture repeats and no rhythm of the traffic has a say
 * in it.
 *
 * @module
 */
import type { ProbeRecord } from "../../core/record.ts";

/** Kept at most; of more, about half as many or above. */
const MOST = 128;
const FIRST = 4;

/** The three delays of a probe, by column. */
export const Way = { RTT: 0, OUTBOUND: 1, INBOUND: 2 } as const;
export type Way = (typeof Way)[keyof typeof Way];
const COLUMNS = 3;

/** A bounded sample of probes. */
export class Sample {
  #hash = new Uint32Array(FIRST);
  #values = new Float64Array(COLUMNS * FIRST);
  #size = 0;
  /** One in `#mask + 1` is kept. */
  #mask = 0;

  add({ seq, rtt, forward, backward }: Readonly<ProbeRecord>): void {
    this.#add(scramble(seq), rtt, forward, backward);
  }

  #add(hash: number, rtt: number, forward: number, backward: number): void {
    if ((hash & this.#mask) !== 0) return;
    if (this.#size === this.#hash.length) {
      this.#makeRoom();
      if ((hash & this.#mask) !== 0) return;
    }
    const at = this.#size++;
    this.#hash[at] = hash;
    this.#values[COLUMNS * at] = rtt;
    this.#values[COLUMNS * at + 1] = forward;
    this.#values[COLUMNS * at + 2] = backward;
  }

  /** Adds what another has kept. */
  merge(other: Sample): void {
    while (this.#mask < other.#mask) this.#thin();
    for (let i = 0; i < other.#size; i++) {
      const [rtt, forward, backward] = other.#values.subarray(COLUMNS * i);
      this.#add(other.#hash[i], rtt, forward, backward);
    }
  }

  #makeRoom(): void {
    if (this.#size < MOST) {
      const [hash, values] = [this.#hash, this.#values];
      this.#hash = new Uint32Array(2 * this.#size);
      this.#hash.set(hash);
      this.#values = new Float64Array(2 * COLUMNS * this.#size);
      this.#values.set(values);
      return;
    }
    // A hash of which none is thinned out, 1 in 2^64, ends at a mask of all bits.
    while (this.#size > MOST / 2 && this.#mask !== 0xffff_ffff) this.#thin();
    if (this.#size === MOST) this.#size = MOST / 2;
  }

  #thin(): void {
    this.#mask = (2 * this.#mask + 1) >>> 0;
    let kept = 0;
    for (let i = 0; i < this.#size; i++) {
      if ((this.#hash[i] & this.#mask) !== 0) continue;
      this.#hash[kept] = this.#hash[i];
      this.#values.copyWithin(COLUMNS * kept, COLUMNS * i, COLUMNS * i + COLUMNS);
      kept++;
    }
    this.#size = kept;
  }

  /** The values of one way that are known, ascending. */
  sorted(way: Way): Float64Array {
    const known: number[] = [];
    for (let i = 0; i < this.#size; i++) {
      const value = this.#values[COLUMNS * i + way];
      if (!Number.isNaN(value)) known.push(value);
    }
    return Float64Array.from(known).sort();
  }
}

/** Of ascending values the one that a share `q` does not exceed: nearest rank; `NaN` of none. */
export function quantile(sorted: Float64Array, q: number): number {
  return sorted.length === 0 ? NaN : sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)];
}

/** The finalizer of MurmurHash3. */
function scramble(seq: number): number {
  let h = (seq ^ Math.floor(seq / 2 ** 32)) | 0;
  h = Math.imul(h ^ h >>> 16, 0x85ebca6b);
  h = Math.imul(h ^ h >>> 13, 0xc2b2ae35);
  return (h ^ h >>> 16) >>> 0;
}
