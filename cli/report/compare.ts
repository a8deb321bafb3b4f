/**
 * Two results side by side, and whether they differ by more than chance.
 *
 * What is judged: percentiles by an interval of ranks, which assumes nothing of the shape of a distribution (a count below
 * a percentile is binomial, in the normal approximation); the mean by its standard error (Welch); losses by Newcombe's
 * interval for the difference of two shares (his method 10, of Wilson's intervals). Each at 99 %. All of them take probes
 * for independent: within a queue they are not, so that "differs" is the more certain the further apart two values are.
 *
 * @module
 */
import type { Distribution, Snapshot } from "../../core/snapshot.ts";

/** Two-sided 99 % of the normal distribution. */
const Z = 2.5758;
/** Values that an interval of ranks takes at least, on both sides of it. */
const LEAST_BEYOND = 5;

/** What can be said of a difference. */
export type Judgement = "differs" | "same" | "unknown";

/** One row; delays in nanoseconds, shares from 0 to 1. */
export interface Comparison {
  readonly name: string;
  readonly kind: "delay" | "share" | "count";
  readonly a: number | null;
  readonly b: number | null;
  readonly judgement: Judgement;
}

/** A value and where it certainly lies, at 99 %. */
interface Interval {
  readonly low: number;
  readonly value: number;
  readonly high: number;
}

/** Of the percentile at `share`, from the bins; undefined without them, or where there are too few values. */
export function rankInterval(d: Distribution, share: number): Interval | undefined {
  const bins = [...d.histogram];
  const n = bins.reduce((sum, [, , count]) => sum + count, 0);
  const reach = Z * Math.sqrt(n * share * (1 - share));
  const [first, middle, last] = [n * share - reach, n * share, n * share + reach].map(Math.ceil);
  if (first < LEAST_BEYOND || n - last < LEAST_BEYOND) return undefined;
  // Not the middle of a bin: the least that it can be, and the greatest.
  let seen = 0;
  const found: number[] = [];
  for (const [from, to, count] of bins) {
    seen += count;
    if (found.length === 0 && seen >= first) found.push(from);
    if (found.length === 1 && seen >= middle) found.push(from + (to - from - 1) / 2);
    if (found.length === 2 && seen >= last) found.push(to - 1);
  }
  return { low: found[0], value: found[1], high: found[2] };
}

/** Whether two values differ: by more than both intervals, put together as independent errors are. */
function apart(a: Interval, b: Interval): boolean {
  const distance = Math.abs(b.value - a.value);
  const [mine, theirs] = b.value > a.value ? [a.high - a.value, b.value - b.low] : [a.value - a.low, b.high - b.value];
  return distance > Math.hypot(mine, theirs);
}

function judgePercentile(a: Distribution, b: Distribution, share: number): Judgement {
  const [one, other] = [rankInterval(a, share), rankInterval(b, share)];
  return one === undefined || other === undefined ? "unknown" : apart(one, other) ? "differs" : "same";
}

/** Means of few values are no more normal than those are. */
const LEAST_FOR_MEAN = 30;

function judgeMean(a: Distribution, b: Distribution): Judgement {
  if (a.count < LEAST_FOR_MEAN || b.count < LEAST_FOR_MEAN) return "unknown";
  if (a.mean === null || b.mean === null || a.stddev === null || b.stddev === null) return "unknown";
  const error = Math.hypot(a.stddev / Math.sqrt(a.count), b.stddev / Math.sqrt(b.count));
  return Math.abs(b.mean - a.mean) > Z * error ? "differs" : "same";
}

/** Wilson's interval of a share. */
export function shareInterval(part: number, whole: number): Interval {
  const share = part / whole;
  const square = Z * Z;
  const middle = (part + square / 2) / (whole + square);
  const reach = Z / (whole + square) * Math.sqrt(part * (whole - part) / whole + square / 4);
  return { low: Math.max(0, middle - reach), value: share, high: Math.min(1, middle + reach) };
}

function judgeShare(a: number, ofA: number, b: number, ofB: number): Judgement {
  if (!(a <= ofA && b <= ofB && ofA > 0 && ofB > 0)) return "unknown";
  return apart(shareInterval(a, ofA), shareInterval(b, ofB)) ? "differs" : "same";
}

function shareOf(part: number | null, whole: number): number | null {
  return part === null || !(whole > 0) ? null : part / whole;
}

function share(name: string, a: Snapshot, b: Snapshot, read: (s: Snapshot) => number | null): Comparison {
  const [mine, theirs] = [read(a), read(b)];
  return {
    name,
    kind: "share",
    a: shareOf(mine, a.sent),
    b: shareOf(theirs, b.sent),
    judgement: mine === null || theirs === null ? "unknown" : judgeShare(mine, a.sent, theirs, b.sent),
  };
}

/** What is counted of replies is 0 without any, and says nothing then. */
function ifAny(read: (s: Snapshot) => number): (s: Snapshot) => number | null {
  return (s) => s.received > 0 ? read(s) : null;
}

const PERCENTILES = [["p50", 0.5], ["p90", 0.9], ["p95", 0.95], ["p99", 0.99], ["p999", 0.999]] as const;
const NAMES: Readonly<Record<string, string>> = { p999: "p99.9" };

function delays(name: string, a: Distribution, b: Distribution, isWhole: boolean): Comparison[] {
  if (a.count === 0 && b.count === 0) return [];
  const row = (
    what: "min" | "max" | "mean" | "jitter" | "p50" | "p90" | "p95" | "p99" | "p999",
    judgement: Judgement,
  ) => ({
    name: `${name} ${NAMES[what] ?? what}`,
    kind: "delay" as const,
    a: a[what],
    b: b[what],
    judgement,
  });
  const percentiles = PERCENTILES.filter(([what]) => isWhole || what === "p50" || what === "p99")
    .map(([what, at]) => row(what, judgePercentile(a, b, at)));
  const rest = isWhole ? [row("max", "unknown"), row("mean", judgeMean(a, b)), row("jitter", "unknown")] : [];
  return [row("min", "unknown"), ...percentiles, ...rest];
}

/** Every row. One way is compared without the difference of the clocks, where both runs know it. */
export function compare(a: Snapshot, b: Snapshot): Comparison[] {
  const isCorrected = [a, b].every((s) => s.forwardCorrected !== null && s.backwardCorrected !== null);
  const ways = isCorrected
    ? [
      ...delays("Outbound corrected", a.forwardCorrected!, b.forwardCorrected!, false),
      ...delays("Inbound corrected", a.backwardCorrected!, b.backwardCorrected!, false),
    ]
    : [...delays("Outbound", a.forward, b.forward, false), ...delays("Inbound", a.backward, b.backward, false)];
  return [
    share("Loss", a, b, (s) => s.lost),
    share("Loss outbound", a, b, (s) => s.lostForward),
    share("Loss inbound", a, b, (s) => s.lostBackward),
    share("Reordered", a, b, ifAny(({ reordered }) => reordered)),
    share("Duplicates", a, b, ifAny(({ duplicates }) => duplicates)),
    ...delays("Round trip", a.rtt, b.rtt, true),
    ...ways,
  ].filter((row) => row.a !== null || row.b !== null);
}
