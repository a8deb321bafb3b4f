/**
 * A log-linear histogram of signed nanoseconds in bounded memory: exact to the nanosecond below 2^bits, and from there
 * on 2^(bits-1) bins an octave, so that a value read back is wrong by at most 2^-bits of itself.
 *
 * Octaves are allocated when first used; 2^63 is the last.
 *
 * @module
 */
import type { Bin } from "../snapshot.ts";

/** Bits that give 0.1 %. */
export const DEFAULT_BITS = 10;
const LAST_OCTAVE = 62;

type Row = Float64Array | undefined;

/** The lowest whole value of a bin, how many whole values are in it, and its count; false: no more. */
type Visit = (from: number, width: number, count: number) => boolean;

/** Counts by bin. */
export class Histogram {
  readonly bits: number;
  count = 0;
  readonly #positive: Row[] = [];
  readonly #negative: Row[] = [];
  readonly #scale: Float64Array;
  readonly #octaveBins: number;

  constructor(bits: number = DEFAULT_BITS) {
    this.bits = bits;
    this.#octaveBins = 2 ** (bits - 1);
    this.#scale = Float64Array.from({ length: LAST_OCTAVE + 2 }, (_, octave) => 2 ** (octave - bits + 1));
  }

  /** Relative error of a value read back, at most. */
  get relativeError(): number {
    return 2 ** -this.bits;
  }

  /** Counts `value` (nanoseconds, finite). */
  record(value: number): void {
    this.count++;
    if (value < 0) this.#add(this.#negative, Math.floor(-value), 1);
    else this.#add(this.#positive, Math.floor(value), 1);
  }

  /** Row 0 is the linear part, row k the octave from 2^(bits+k-1). */
  #add(rows: Row[], magnitude: number, count: number): void {
    const octave = Math.min(octaveOf(magnitude), LAST_OCTAVE);
    const row = octave < this.bits ? 0 : octave - this.bits + 1;
    let bins = rows[row];
    if (bins === undefined) bins = rows[row] = new Float64Array(row === 0 ? 2 ** this.bits : this.#octaveBins);
    const bin = row === 0 ? magnitude : Math.floor(magnitude / this.#scale[octave]) - this.#octaveBins;
    bins[bin < bins.length ? bin : bins.length - 1] += count;
  }

  /** Adds the counts of `other`, which must have as many bits. */
  merge(other: Histogram): void {
    if (other.bits !== this.bits) throw new Error(`histograms of ${this.bits} and ${other.bits} bits cannot be merged`);
    this.count += other.count;
    mergeRows(this.#positive, other.#positive);
    mergeRows(this.#negative, other.#negative);
  }

  /**
   * The values that each of `quantiles` (0 to 1, ascending) of the counts do not exceed: nearest rank, middle of its
   * bin. NaN if empty. One pass over the bins, for it is asked for while probes are under way.
   */
  quantiles(quantiles: readonly number[]): number[] {
    const found: number[] = [];
    let seen = 0;
    this.#visit((from, width, count) => {
      seen += count;
      while (found.length < quantiles.length && seen >= Math.max(1, Math.ceil(quantiles[found.length] * this.count))) {
        found.push(from + (width - 1) / 2);
      }
      return found.length < quantiles.length;
    });
    while (found.length < quantiles.length) found.push(NaN);
    return found;
  }

  /** Bins with a count, ascending; `from <= value < to` in whole nanoseconds. */
  bins(): Bin[] {
    const found: Bin[] = [];
    this.#visit((from, width, count) => {
      found.push([from, from + width, count]);
      return true;
    });
    return found;
  }

  /** Calls `visit` for every bin with a count, in ascending order of values; false ends it. */
  #visit(visit: Visit): void {
    if (this.#visitRows(this.#negative, -1, visit)) this.#visitRows(this.#positive, 1, visit);
  }

  #visitRows(rows: readonly Row[], sign: 1 | -1, visit: Visit): boolean {
    for (let r = sign > 0 ? 0 : rows.length - 1; r >= 0 && r < rows.length; r += sign) {
      const bins = rows[r];
      if (bins === undefined) continue;
      const width = this.#width(r);
      const start = this.#start(r);
      for (let b = sign > 0 ? 0 : bins.length - 1; b >= 0 && b < bins.length; b += sign) {
        if (bins[b] === 0) continue;
        const least = start + b * width;
        if (!visit(sign > 0 ? least : 1 - least - width, width, bins[b])) return false;
      }
    }
    return true;
  }

  /** The first magnitude of row `r`. */
  #start(r: number): number {
    return r === 0 ? 0 : 2 ** (r + this.bits - 1);
  }

  /** The width of its bins. */
  #width(r: number): number {
    return r === 0 ? 1 : this.#scale[r + this.bits - 1];
  }
}

/** floor(log2) of a whole number; 0 for 0. */
function octaveOf(value: number): number {
  if (value < 4294967296) return 31 - Math.clz32(value | 0 || 1);
  return value < 2 ** 63 ? 63 - Math.clz32(value / 4294967296) : 63;
}

function mergeRows(into: Row[], from: readonly Row[]): void {
  from.forEach((bins, row) => {
    if (bins === undefined) return;
    const mine = into[row] ??= new Float64Array(bins.length);
    for (let b = 0; b < bins.length; b++) mine[b] += bins[b];
  });
}
