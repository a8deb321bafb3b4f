/**
 * What the clocks are estimated from: the least and greatest one-way values of each stretch of time, in bins that are
 * merged two by two when they no longer reach.
 *
 * Least is meant along the drift that is known so far. Which probe of a bin is kept decides how tight a bound becomes,
 * never whether it holds: each is a fact by itself.
 *
 * @module
 */
import type { Nanos } from "../time/clock.ts";

export const BINS = 256;
/** Of a bin at first. */
const FIRST_WIDTH: Nanos = 1e6;

/** What a bin has, one number after another: a probe touches one or two of them, and with it few lines of the cache. */
export const Column = {
  /** Time, NaN where there is none, and value. */
  LEAST_FORWARD: 0,
  LEAST_BACKWARD: 2,
  GREATEST_FORWARD: 4,
  GREATEST_BACKWARD: 6,
  /** The quickest round trip, where the offset is known best: two times and values. */
  QUICKEST_FORWARD: 8,
  QUICKEST_BACKWARD: 10,
  COUNT: 12,
  SUM_X: 13,
  SUM_FORWARD: 14,
  SUM_BACKWARD: 15,
} as const;

/** Where the four numbers of a probe are: an array, because engines box a double that is passed to a call. */
export const Place = { X: 0, FORWARD: 1, X_BACKWARD: 2, BACKWARD: 3 } as const;

/** Numbers of a bin. */
export const ROW = 16;

const EMPTY = new Float64Array(ROW).fill(NaN, 0, Column.COUNT);

/** Times are those of the far end, from an origin; forward values grow with the offset, backward ones fall. */
export class TimeBins {
  /** Row after row. */
  readonly rows = new Float64Array(BINS * ROW);
  /** Bins from the first to the last with something in it. */
  used = 0;
  width: Nanos = FIRST_WIDTH;
  /** Drift so far, nanoseconds a nanosecond. */
  tilt = 0;
  /** Where the last bin ends. */
  #end: Nanos = BINS * FIRST_WIDTH;

  constructor() {
    this.clear();
  }

  /** Takes one probe, a `Place` each. True if bins had to be merged. */
  add(probe: Float64Array): boolean {
    const x = probe[Place.X];
    const forward = probe[Place.FORWARD];
    const xBackward = probe[Place.X_BACKWARD];
    const backward = probe[Place.BACKWARD];
    const last = x > xBackward ? x : xBackward;
    const isFull = last >= this.#end;
    while (last >= this.#end) this.#halve();
    const { rows, tilt, width } = this;
    // What came before the origin is in the first bin.
    const bin = x > 0 ? (x / width) | 0 : 0;
    const otherBin = xBackward < (bin + 1) * width ? bin : (xBackward / width) | 0;
    if (otherBin >= this.used) this.used = otherBin + 1;
    const at = ROW * bin;
    const other = ROW * otherBin;
    const level = forward - tilt * x;
    // Not (a >= b): an empty place is NaN.
    if (!(level >= rows[at + 1] - tilt * rows[at])) {
      rows[at] = x;
      rows[at + 1] = forward;
    }
    if (!(level <= rows[at + 5] - tilt * rows[at + 4])) {
      rows[at + 4] = x;
      rows[at + 5] = forward;
    }
    const levelBackward = backward + tilt * xBackward;
    if (!(levelBackward >= rows[other + 3] + tilt * rows[other + 2])) {
      rows[other + 2] = xBackward;
      rows[other + 3] = backward;
    }
    if (!(levelBackward <= rows[other + 7] + tilt * rows[other + 6])) {
      rows[other + 6] = xBackward;
      rows[other + 7] = backward;
    }
    if (!(forward + backward >= rows[at + 9] + rows[at + 11])) {
      rows[at + 8] = x;
      rows[at + 9] = forward;
      rows[at + 10] = xBackward;
      rows[at + 11] = backward;
    }
    rows[at + 12]++;
    rows[at + 13] += x;
    rows[at + 14] += forward;
    rows[at + 15] += backward;
    return isFull;
  }

  #halve(): void {
    const { rows, tilt } = this;
    for (let i = 0; i < BINS / 2; i++) {
      const [a, b, to] = [2 * i * ROW, (2 * i + 1) * ROW, i * ROW];
      const level = (at: number, way: number) => rows[at + 1] - way * tilt * rows[at];
      const trip = (at: number) => rows[at + 1] + rows[at + 3];
      const choose = (column: number, size: number, isSecond: boolean) => {
        const from = isSecond || Number.isNaN(rows[a + column]) ? b : a;
        rows.copyWithin(to + column, from + column, from + column + size);
      };
      choose(0, 2, level(b, 1) < level(a, 1));
      choose(2, 2, level(b + 2, -1) < level(a + 2, -1));
      choose(4, 2, level(b + 4, 1) > level(a + 4, 1));
      choose(6, 2, level(b + 6, -1) > level(a + 6, -1));
      choose(8, 4, trip(b + 8) < trip(a + 8));
      for (let column = Column.COUNT; column < ROW; column++) rows[to + column] = rows[a + column] + rows[b + column];
    }
    for (let i = BINS / 2; i < BINS; i++) rows.set(EMPTY, i * ROW);
    this.used = Math.ceil(this.used / 2);
    this.width *= 2;
    this.#end *= 2;
  }

  /** Forgets all. */
  clear(): void {
    for (let i = 0; i < BINS; i++) this.rows.set(EMPTY, i * ROW);
    this.used = 0;
    this.width = FIRST_WIDTH;
    this.#end = BINS * FIRST_WIDTH;
    this.tilt = 0;
  }
}
