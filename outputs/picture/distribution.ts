/**
 * A distribution as a picture shows it: bars of one width, and how much lies beyond them.
 *
 * @module
 */
import type { Bin, Distribution } from "../../core/snapshot.ts";
import type { Nanos } from "../../core/time/clock.ts";

/** Bars `from + i * width`. */
export interface Bars {
  readonly from: Nanos;
  readonly width: Nanos;
  readonly counts: readonly number[];
  /** Values at or above the last bar. */
  readonly beyond: number;
  readonly total: number;
}

/** Of a long tail this share has no bars: they would press all others into one. */
const TAIL = 0.005;
/** Nor has what lies further above the median than p90, so many times. */
const BODY = 6;

/** The least of 1, 2, 5 times a power of ten that is not below `value`. */
export function niceStep(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((digit) => digit * power).find((step) => step >= value * (1 - 1e-9)) ?? 10 * power;
}

/** At most `most` bars; undefined where the bins are not known or there is nothing in them. */
export function barsOf(d: Distribution, most: number): Bars | undefined {
  const bins = [...d.histogram];
  const total = bins.reduce((sum, [, , count]) => sum + count, 0);
  if (total === 0) return undefined;
  const last = endOf(bins, total);
  // Of a saved result they may contradict each other.
  const least = Math.min(d.min ?? bins[0][0], last);
  const width = Math.max(1, niceStep(Math.max(1, last - least) / Math.max(1, most - 1)));
  const from = Math.floor(least / width) * width;
  const counts = new Array<number>(Math.min(most, Math.floor((last - from) / width) + 1)).fill(0);
  const end = from + counts.length * width;
  let beyond = 0;
  for (const [low, high, count] of bins) {
    // What is in a bin wider than a bar is anywhere in it; never below the least value, nor above the greatest.
    const a = Math.max(low, least);
    const b = Math.min(high, (d.max ?? high - 1) + 1);
    const span = Math.max(b - a, 1);
    const first = Math.floor((a - from) / width);
    for (let i = Math.max(0, first); i < counts.length && from + i * width < a + span; i++) {
      counts[i] += count * overlap(a, a + span, from + i * width, width) / span;
    }
    if (a + span > end) beyond += count * Math.min(1, (a + span - end) / span);
  }
  return { from, width, counts, beyond, total };
}

/** Where the tail begins that is not drawn; the end of it all where that is not far. */
function endOf(bins: readonly Bin[], total: number): Nanos {
  const [low, high] = [bins[0][0], bins[bins.length - 1][1] - 1];
  const [half, most, nearlyAll] = [0.5, 0.9, 1 - TAIL].map((share) => upTo(bins, share * total));
  const body = most > half ? Math.min(nearlyAll, half + BODY * (most - half)) : nearlyAll;
  return high - low < 2 * (body - low) ? high : body;
}

/** The greatest value of the bin in which the count reaches `wanted`. */
function upTo(bins: readonly Bin[], wanted: number): Nanos {
  let seen = 0;
  return bins.find(([, , count]) => (seen += count) >= wanted)![1] - 1;
}

function overlap(a: number, b: number, from: number, width: number): number {
  return Math.max(0, Math.min(b, from + width) - Math.max(a, from));
}

/** A share of all values and the value that it does not exceed. */
export type Point = readonly [share: number, value: Nanos];

/**
 * The cumulative curve at `shares`, ascending; from the bins, or between the percentiles that are saved with every
 * result. It ends with the greatest value, half a value before the end: beyond that there is nothing to say.
 */
export function curveOf(d: Distribution, shares: readonly number[]): Point[] {
  const bins = [...d.histogram];
  const total = bins.reduce((sum, [, , count]) => sum + count, 0);
  if (total === 0) return savedPoints(d);
  const points: Point[] = [];
  let seen = 0;
  let i = 0;
  for (const [from, to, count] of bins) {
    seen += count;
    while (i < shares.length && seen >= Math.max(1, Math.ceil(shares[i] * total))) {
      const value = Math.min(Math.max(from + (to - from - 1) / 2, d.min ?? from), d.max ?? to);
      points.push([shares[i++], value]);
    }
  }
  return points.filter(([share]) => (1 - share) * total >= 0.499);
}

function savedPoints(d: Distribution): Point[] {
  const saved = [[0, d.min], [0.5, d.p50], [0.9, d.p90], [0.95, d.p95], [0.99, d.p99], [0.999, d.p999]] as const;
  return saved.flatMap(([share, value]) => value !== null && (1 - share) * d.count >= 0.499 ? [[share, value]] : []);
}
