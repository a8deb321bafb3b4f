/**
 * The lines that a clock's offset can have taken, between what went there and what came back.
 *
 * With c the offset at time 0 and r the drift, a probe that took no negative time there says c + r x <= forward, and its
 * reply c + r x >= -backward. So c is between -depth(r) and height(r), each the least of straight lines in r and thus
 * concave: all that is asked for is found by searching along one axis.
 *
 * @module
 */
import { ROW, type TimeBins } from "./time_bins.ts";

/** No clock that deserves the name is this far off; beyond it a drift is taken for a clock that was set. */
export const MOST_DRIFT = 0.01;

/** Points with ascending x. */
export class Points {
  readonly x: number[] = [];
  readonly y: number[] = [];
  #alsoX = 0;
  #alsoY = Infinity;

  /** One point more, wherever its x. */
  also(x: number, y: number): this {
    this.#alsoX = x;
    this.#alsoY = y;
    return this;
  }

  /** Adds a point and drops those above the line from the one before them to it: the lower convex hull remains. */
  add(x: number, y: number): void {
    const { x: xs, y: ys } = this;
    for (let n = xs.length; n > 0; n--) {
      const isAbove = n > 1
        ? (ys[n - 1] - ys[n - 2]) * (x - xs[n - 2]) >= (y - ys[n - 2]) * (xs[n - 1] - xs[n - 2])
        : xs[0] === x && ys[0] >= y;
      if (!isAbove) break;
      xs.pop();
      ys.pop();
    }
    xs.push(x);
    ys.push(y);
  }

  /** The least of y - r x: how high a line of slope r below all points is at 0. */
  height(r: number): number {
    const { x, y } = this;
    let least = this.#alsoY - r * this.#alsoX;
    for (let i = 0; i < x.length; i++) {
      const height = y[i] - r * x[i];
      if (height < least) least = height;
    }
    return least;
  }
}

/** The points in `column` of bins `from` to `to`, from time `origin` on, each `relax(x)` looser. */
export function pointsOf(
  { rows }: TimeBins,
  column: number,
  from: number,
  to: number,
  origin: number,
  relax: (x: number) => number,
): Points {
  const points = new Points();
  for (let at = from * ROW + column; at < to * ROW; at += ROW) {
    const x = rows[at] - origin;
    if (!Number.isNaN(x)) points.add(x, rows[at + 1] + relax(x));
  }
  return points;
}

/** Steps of the search: each leaves 0.62 of the range, so that nanoseconds remain of weeks. */
const STEPS = 64;
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** Where a concave function is greatest. */
export function maximize(of: (r: number) => number, low: number, high: number): number {
  let [a, b] = [high - GOLDEN * (high - low), low + GOLDEN * (high - low)];
  let [atA, atB] = [of(a), of(b)];
  for (let i = 0; i < STEPS; i++) {
    if (atA < atB) {
      [low, a, atA] = [a, b, atB];
      b = low + GOLDEN * (high - low);
      atB = of(b);
    } else {
      [high, b, atB] = [b, a, atA];
      a = high - GOLDEN * (high - low);
      atA = of(a);
    }
  }
  return (low + high) / 2;
}

/** How far from `inside`, where a concave function is not negative, it stays so on the way to `outside`. */
export function edge(of: (r: number) => number, inside: number, outside: number): number {
  if (of(outside) >= 0) return outside;
  for (let i = 0; i < STEPS; i++) {
    const middle = (inside + outside) / 2;
    if (of(middle) >= 0) inside = middle;
    else outside = middle;
  }
  return outside; // the wider one: it is a bound
}

/** What is possible: least and most of the drift, and of the offset at time 0. */
export interface Possible {
  readonly drift: readonly [number, number];
  readonly offset: readonly [number, number];
}

/** All lines between the two; undefined if there is none. */
export function possible(forward: Points, backward: Points): Possible | undefined {
  const gap = (r: number) => forward.height(r) + backward.height(-r);
  const widest = maximize(gap, -MOST_DRIFT, MOST_DRIFT);
  if (!(gap(widest) >= 0)) return undefined;
  const low = edge(gap, widest, -MOST_DRIFT);
  const high = edge(gap, widest, MOST_DRIFT);
  const most = maximize((r) => forward.height(r), low, high);
  const least = maximize((r) => backward.height(-r), low, high);
  return { drift: [low, high], offset: [-backward.height(-least), forward.height(most)] };
}
