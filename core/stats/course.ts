/**
 * How a clock's offset went through a run.
 *
 * @module
 */
import { knowsDrift, likelyLine, type Line, offsetAt } from "./likely_line.ts";
import type { TimeBins } from "./time_bins.ts";

/** Bins and probes that a piece has at least. */
const PIECE_BINS = 8;
const PIECE_PROBES = 100;
/** How much likelier two lines must be than one: three more numbers explain so much in no run of a straight clock. */
const GAIN = 20;

/**
 * The offset over time: straight lines, joined. Temperature bends a clock: halves are taken where they are much likelier
 * than the whole. Where the quickest round trip has changed with them, it was the path and no clock.
 */
export class Course {
  /** The most likely one through all. */
  readonly line: Line;
  readonly #x: number[] = [];
  readonly #offset: number[] = [];

  /** Of all that is in `bins`, which must be something. */
  constructor(bins: TimeBins) {
    this.line = likelyLine(bins, 0, bins.used);
    const end = bins.used * bins.width;
    const lines: { from: number; line: Line }[] = [];
    const split = (from: number, to: number, line: Line) => {
      const halves = knowsDrift(line) ? halvesOf(bins, from, to, line) : undefined;
      if (halves === undefined) lines.push({ from, line });
      else {
        split(from, halves.middle, halves.left);
        split(halves.middle, to, halves.right);
      }
    };
    split(0, bins.used, this.line);
    lines.forEach(({ from, line }, i) => {
      const x = from * bins.width;
      const before = i === 0 ? line : lines[i - 1].line;
      this.#add(x, (offsetAt(before, x) + offsetAt(line, x)) / 2);
    });
    this.#add(end, offsetAt(lines.at(-1)!.line, end));
  }

  #add(x: number, offset: number): void {
    this.#x.push(x);
    this.#offset.push(offset);
  }

  /** The drift around `x`, over a share of the run, so that a joint does not matter. */
  driftAt(x: number): number {
    const reach = (this.#x.at(-1)! - this.#x[0]) / 12;
    return (this.at(x + reach) - this.at(x - reach)) / (2 * reach);
  }

  /** The offset at `x`, and along the nearest piece outside. */
  at(x: number): number {
    const xs = this.#x;
    let i = 1;
    while (i < xs.length - 1 && x > xs[i]) i++;
    const slope = (this.#offset[i] - this.#offset[i - 1]) / (xs[i] - xs[i - 1]);
    return this.#offset[i] + slope * (x - xs[i]);
  }
}

function halvesOf(bins: TimeBins, from: number, to: number, whole: Line) {
  const middle = (from + to) >> 1;
  if (middle - from < PIECE_BINS) return undefined;
  const left = likelyLine(bins, from, middle);
  const right = likelyLine(bins, middle, to);
  if (!(left.count >= PIECE_PROBES && right.count >= PIECE_PROBES)) return undefined;
  if (left.likelihood + right.likelihood - whole.likelihood < GAIN) return undefined;
  const away = (line: Line, bin: number) =>
    Math.abs(offsetAt(line, bin * bins.width) - offsetAt(whole, bin * bins.width));
  const bend = Math.max(away(left, from), away(left, middle), away(right, middle), away(right, to));
  return Math.abs(left.quickest - right.quickest) > bend / 2 ? undefined : { middle, left, right };
}
