/**
 * What the charts of a page are drawn from: numbers alone, by stretches of time, short enough to be written into it.
 *
 * @module
 */
import type { RunInfo } from "../../../core/plugin.ts";
import type { ClockOffset, Distribution, Snapshot } from "../../../core/snapshot.ts";
import type { Nanos } from "../../../core/time/clock.ts";
import { type Bars, barsOf, curveOf } from "../../../outputs/picture/distribution.ts";
import { quantile, Way } from "../../../outputs/picture/sample.ts";
import type { Stretch, Timeline } from "../../../outputs/picture/timeline.ts";

/** One session as it was told. */
export interface Told {
  readonly run: RunInfo;
  readonly summary: Snapshot;
  readonly timeline: Timeline;
}

/** Rows of numbers, less what they have in common, so that digits go where they differ; null is a gap. */
export interface Rows {
  readonly base: Nanos;
  readonly rows: readonly (readonly (number | null)[])[];
}

/** Least, p10, p25, median, p75, p90 and greatest of each stretch. */
const SHARES = [0.1, 0.25, 0.5, 0.75, 0.9];
/** Bars of a histogram: fewer where there are few values. */
const barsFew = (count: number) => Math.min(60, Math.max(8, Math.round(3 * Math.sqrt(count))));

/** The data of one session; `script/` reads it by these names. */
export interface SessionData {
  /** Milliseconds of UNIX time at which `x` is 0; null where nobody knows. */
  readonly origin: number | null;
  /** Of a stretch, seconds. */
  readonly width: number;
  readonly x: readonly number[];
  /** Probes of each stretch that are answered or lost. */
  readonly finished: readonly number[];
  /** Null where there are none in the whole run. */
  readonly lost: readonly number[] | null;
  readonly reordered: readonly number[] | null;
  readonly doubled: readonly number[] | null;
  readonly rtt: Rows | null;
  readonly outbound: Rows | null;
  readonly inbound: Rows | null;
  /** One way less what the clocks differ by. */
  readonly corrected: boolean;
  /** Their clock less ours: certainly at least, likely, certainly at most. */
  readonly offset: Rows | null;
  readonly bars: Bars | null;
  /** Nines: 1 is 90 %, 2 is 99 %; and the delays that so many do not exceed. */
  readonly curve: { readonly x: readonly number[]; readonly rows: readonly (readonly (number | null)[])[] } | null;
}

/** All of it; `most`: stretches that there is room for. */
export function dataOf({ summary, timeline }: Told, most: number): SessionData {
  timeline.reduce(most);
  const stretches = timeline.stretches();
  const origin = timeline.originMs;
  const correction = correctionOf(summary.clock, origin);
  const count = (read: (stretch: Stretch) => number) => {
    const counts = stretches.map(read);
    return counts.some((one) => one > 0) ? counts : null;
  };
  return {
    origin: Number.isNaN(origin) ? null : Math.round(origin * 1e3) / 1e3,
    width: round(timeline.width / 1e9, 6),
    x: stretches.map(({ at }) => Number((at / 1e9).toFixed(6))),
    finished: stretches.map(({ finished }) => finished),
    lost: count(({ lost }) => lost),
    reordered: count(({ reordered }) => reordered),
    doubled: count(({ duplicates }) => duplicates),
    rtt: spread(stretches, Way.RTT, () => 0),
    outbound: spread(stretches, Way.OUTBOUND, (at) => -(correction?.(at) ?? 0)),
    inbound: spread(stretches, Way.INBOUND, (at) => correction?.(at) ?? 0),
    corrected: correction !== undefined,
    offset: offsets(stretches),
    bars: barsFor(summary.rtt),
    curve: curves(summary),
  };
}

/** What the clocks differ by over time. A line is for all of the run only if no clock was set in it. */
function correctionOf(clock: ClockOffset | null, origin: number): ((at: Nanos) => Nanos) | undefined {
  if (clock === null || clock.steps > 0 || Number.isNaN(origin) || !Number.isFinite(clock.offsetNs)) return undefined;
  const since = (clock.referenceAt - origin) * 1e6;
  return (at) => clock.offsetNs + (clock.driftPpm ?? 0) * 1e-6 * (at - since);
}

function round(value: number, digits: number): number {
  return Number(value.toPrecision(digits));
}

/** Four digits of what is beyond the least value. */
function packed(rows: readonly (readonly number[])[]): Rows | null {
  const known = rows.flat().filter(Number.isFinite);
  if (known.length === 0) return null;
  const base = Math.floor(known.reduce((least, value) => Math.min(least, value), Infinity));
  return { base, rows: rows.map((row) => row.map((value) => Number.isFinite(value) ? round(value - base, 4) : null)) };
}

function spread(stretches: readonly Stretch[], way: Way, correct: (at: Nanos) => Nanos): Rows | null {
  const rows: number[][] = Array.from({ length: SHARES.length + 2 }, () => []);
  for (const { at, min, max, sample } of stretches) {
    const sorted = sample.sorted(way);
    const more = correct(at);
    [min[way], ...SHARES.map((share) => quantile(sorted, share)), max[way]].forEach((value, i) =>
      rows[i].push(value + more)
    );
  }
  return packed(rows);
}

/**
 * A probe arrives after it has left: so their clock less ours is at most the least outbound value, and at least the least
 * inbound one below zero. Between these it is half the difference of the quickest round trip, if both its ways are alike.
 */
function offsets(stretches: readonly Stretch[]): Rows | null {
  return packed([
    stretches.map(({ min }) => -min[Way.INBOUND]),
    stretches.map(({ quickest: [outbound, inbound] }) => (outbound - inbound) / 2),
    stretches.map(({ min }) => min[Way.OUTBOUND]),
  ]);
}

function barsFor(d: Distribution): Bars | null {
  const bars = barsOf(d, barsFew(d.count));
  return bars === undefined ? null : { ...bars, counts: bars.counts.map((count) => round(count, 4)) };
}

/** A tenth of a nine apart: even steps where the tail is stretched. */
const NINES = Array.from({ length: 71 }, (_, i) => i / 10);

function curves(summary: Snapshot): SessionData["curve"] {
  const { rtt, forward, backward, forwardCorrected, backwardCorrected } = summary;
  // The bins of a corrected distribution are not saved, nor made again of probes.
  const ways = forwardCorrected !== null && backwardCorrected !== null
    ? [rtt, forwardCorrected, backwardCorrected]
    : [rtt, forward, backward];
  const shares = NINES.map((nines) => 1 - 10 ** -nines);
  const found = ways.map((d) => new Map(curveOf(d, shares)));
  const x = [...new Set(found.flatMap((points) => [...points.keys()]))].sort((a, b) => a - b);
  if (x.length === 0) return null;
  return {
    x: x.map((share) => round(-Math.log10(1 - share), 5)),
    rows: found.map((points) => x.map((share) => points.has(share) ? round(points.get(share)!, 5) : null)),
  };
}
