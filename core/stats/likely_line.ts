/**
 * The offset and drift of a clock that are most likely.
 *
 * What queues add to a delay is never negative, often next to nothing, and seldom much. With exponential queueing the
 * most likely drift is the one that leaves the least queueing, each way counted in its own mean: the lines below all
 * points that lie highest. It rests on the few quickest probes, wherever in the run they are. The offset is the middle
 * between the two lines: that alone takes the path for symmetric.
 *
 * @module
 */
import { maximize, MOST_DRIFT, type Points, pointsOf } from "./band.ts";
import { Column, ROW, type TimeBins } from "./time_bins.ts";

/** An offset of `offset + drift * (x - origin)`. */
export interface Line {
  readonly origin: number;
  readonly offset: number;
  readonly drift: number;
  /** What the drift is likely wrong by at most. */
  readonly spread: number;
  /** Logarithm, to compare lines through the same probes. */
  readonly likelihood: number;
  readonly count: number;
  /** Round trip of the quickest packets of both ways. */
  readonly quickest: number;
}

/** Below it what is left is the clocks' resolution. */
const LEAST_QUEUEING = 1;
/** ln 20: of one drift against another. */
const UNLIKELY = 3;
/** No clock in order drifts by more, so a run that leaves more room than this knows nothing of a drift. */
const SOUND_DRIFT = 500e-6;
/** Nor does one of fewer probes. */
const DRIFT_LEAST = 10;

const exactly = () => 0;

/** The means of bins `from` to `to`. */
function means({ rows }: TimeBins, from: number, to: number) {
  const sum = (column: number) => {
    let total = 0;
    for (let i = from; i < to; i++) total += rows[i * ROW + column];
    return total;
  };
  const count = sum(Column.COUNT);
  return {
    count,
    x: sum(Column.SUM_X) / count,
    forward: sum(Column.SUM_FORWARD) / count,
    backward: sum(Column.SUM_BACKWARD) / count,
  };
}

/** The most likely line through bins `from` to `to`; one without drift if they do not tell it. */
export function likelyLine(bins: TimeBins, from: number, to: number): Line {
  const { count, x: origin, forward, backward } = means(bins, from, to);
  const there = pointsOf(bins, Column.LEAST_FORWARD, from, to, origin, exactly);
  const back = pointsOf(bins, Column.LEAST_BACKWARD, from, to, origin, exactly);
  // With the origin at the mean of x, a slope does not change the mean.
  const queued = (points: Points, mean: number, r: number) => Math.max(mean - points.height(r), LEAST_QUEUEING);
  const queueing = (r: number) => [queued(there, forward, r), queued(back, backward, -r)] as const;
  let weights = [1, 1] as readonly [number, number];
  const depth = (r: number) => there.height(r) / weights[0] + back.height(-r) / weights[1];
  let drift = 0;
  for (let round = 0; round < 2; round++) {
    drift = maximize(depth, -MOST_DRIFT, MOST_DRIFT);
    weights = queueing(drift);
  }
  const spread = count < DRIFT_LEAST
    ? Infinity
    : Math.max(spreadOf(depth, drift, UNLIKELY / count), scatterOf(bins, from, to, drift));
  if (spread > SOUND_DRIFT) drift = 0;
  const [a, b] = queueing(drift);
  return {
    origin,
    drift,
    offset: (there.height(drift) - back.height(-drift)) / 2,
    spread,
    likelihood: -count * (Math.log(a) + Math.log(b)),
    count,
    quickest: there.height(drift) + back.height(-drift),
  };
}

/** Half of the range in which a concave function is no more than `less` below its greatest value, the wider side. */
function spreadOf(of: (r: number) => number, best: number, less: number): number {
  const least = of(best) - less;
  const reach = (sign: 1 | -1) => {
    let [inside, outside] = [0, 2 * MOST_DRIFT];
    for (let i = 0; i < 40; i++) {
      const middle = (inside + outside) / 2;
      if (of(best + sign * middle) >= least) inside = middle;
      else outside = middle;
    }
    return outside;
  };
  return Math.max(reach(1), reach(-1));
}

/** Stretches of a run whose offsets are compared, and what of so many is 95 % of a slope's error in their scatter. */
const STRETCHES = 8;
const SCATTER = 3;

/**
 * What the drift may be wrong by as the run itself shows: how far the offsets of its stretches are from the line. Few
 * queues are exponential, and a clock that bends is seen here too.
 */
function scatterOf(bins: TimeBins, from: number, to: number, drift: number): number {
  const offsets: number[] = [];
  for (let i = 0; i < STRETCHES; i++) {
    const [start, end] = [i, i + 1].map((n) => from + Math.floor((to - from) * n / STRETCHES));
    const there = pointsOf(bins, Column.LEAST_FORWARD, start, end, 0, exactly).height(drift);
    const back = pointsOf(bins, Column.LEAST_BACKWARD, start, end, 0, exactly).height(-drift);
    if (Number.isFinite(there + back)) offsets.push((there - back) / 2);
  }
  if (offsets.length < STRETCHES / 2) return Infinity;
  const mean = offsets.reduce((sum, offset) => sum + offset, 0) / offsets.length;
  const squares = offsets.reduce((sum, offset) => sum + (offset - mean) ** 2, 0);
  return SCATTER * Math.sqrt(squares / (offsets.length - 2)) / ((to - from) * bins.width);
}

/** Whether a line's drift is told by its probes. */
export function knowsDrift({ spread }: Line): boolean {
  return spread <= SOUND_DRIFT;
}

/** The offset by `line` at `x`. */
export function offsetAt(line: Line, x: number): number {
  return line.offset + line.drift * (x - line.origin);
}
