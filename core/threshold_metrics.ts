/**
 * What a threshold can be about: the names, and how each number is read off a snapshot.
 *
 * A name is that of the JSON document: `rtt.p99` (or `roundtrip.p99`), `outbound.jitter`, `loss`, `lost.inbound`. Upper
 * and lower case are one, `-` and `_` are nothing. A statistic by itself is of the round trip.
 *
 * @module
 */
import { OptionError } from "./errors.ts";
import { closest } from "./plugin_options.ts";
import type { Distribution, Snapshot, ThresholdUnit } from "./snapshot.ts";
import { undecidedLosses } from "./stats/direction.ts";

/** A number of a result. */
export interface Metric {
  /** As results call it. */
  readonly name: string;
  /** Of a limit without a sign of its own: nanoseconds, a count, a share of one, parts per million. */
  readonly unit: ThresholdUnit;
  /** Whether it can be below 0. */
  readonly signed: boolean;
  /** Null where it is not known. */
  readonly read: (snapshot: Snapshot) => number | null;
  /** The same as a share of the probes sent, where that says something. */
  readonly share?: (snapshot: Snapshot) => number | null;
  /** What a count is at the most, where it is known only to be that or less. */
  readonly most?: (snapshot: Snapshot) => number | null;
}

type Read = (snapshot: Snapshot) => number | null;

const DISTRIBUTIONS: Readonly<Record<string, (snapshot: Snapshot) => Distribution | null>> = {
  rtt: (s) => s.rtt,
  outbound: (s) => s.forward,
  inbound: (s) => s.backward,
  residence: (s) => s.residence,
  ipdv: (s) => s.ipdv,
  outboundCorrected: (s) => s.forwardCorrected,
  inboundCorrected: (s) => s.backwardCorrected,
};
/** A span that one clock measures is never below 0. */
const UNSIGNED = ["rtt", "residence"];

const STATISTICS: Readonly<Record<string, (d: Distribution) => number | null>> = {
  min: (d) => d.min,
  max: (d) => d.max,
  mean: (d) => d.mean,
  stddev: (d) => d.stddev,
  jitter: (d) => d.jitter,
  p50: (d) => d.p50,
  p90: (d) => d.p90,
  p95: (d) => d.p95,
  p99: (d) => d.p99,
  p999: (d) => d.p999,
};
const SPREADS = ["stddev", "jitter"];

const COUNTS: Readonly<Record<string, Read>> = {
  lost: (s) => s.lost,
  "lost.outbound": (s) => s.lostForward,
  "lost.inbound": (s) => s.lostBackward,
  duplicates: (s) => s.duplicates,
  reordered: (s) => s.reordered,
  "reordered.outbound": (s) => s.reorderedForward,
  "reordered.inbound": (s) => s.reorderedBackward,
  late: (s) => s.late,
  sent: (s) => s.sent,
  received: (s) => s.received,
  malformed: (s) => s.malformed,
  unexpected: (s) => s.unexpected,
  forged: (s) => s.forged,
  unfinished: (s) => s.unfinished,
  sendErrors: (s) => s.sendErrors,
  lostInHost: (s) => s.lostInHost,
};
/** Losses after the last reply may have been on either way. */
const MOST: Readonly<Record<string, Read>> = {
  "lost.outbound": (s) => s.lostForward === null ? null : s.lostForward + undecidedLosses(s),
  "lost.inbound": (s) => s.lostBackward === null ? null : s.lostBackward + undecidedLosses(s),
};
/** Counts of which a percentage is one of the probes sent. */
const SHARED = /^(lost|duplicates|reordered|late|received)\b/;

const OTHERS: readonly Metric[] = [
  { name: "loss", unit: "ratio", signed: false, read: share(COUNTS.lost) },
  ...["outbound", "inbound"].map((way): Metric => ({
    name: `loss.${way}`,
    unit: "ratio",
    signed: false,
    read: share(COUNTS[`lost.${way}`]),
    most: share(MOST[`lost.${way}`]),
  })),
  { name: "offset", unit: "ns", signed: true, read: (s) => s.clock?.offsetNs ?? null },
  { name: "offset.bound", unit: "ns", signed: false, read: (s) => s.clock?.boundNs ?? null },
  { name: "drift", unit: "ppm", signed: true, read: (s) => s.clock?.driftPpm ?? null },
];

/** What else people call them. */
const ALIASES: Readonly<Record<string, string>> = {
  roundtrip: "rtt",
  avg: "mean",
  average: "mean",
  median: "p50",
  forward: "outbound",
  backward: "inbound",
};

function share(count: Read): Read {
  return (s) => {
    const of = count(s);
    return of === null || s.sent === 0 ? null : of / s.sent;
  };
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[-_]/g, "");
}

function canonical(name: string): string {
  const text = plain(name);
  return Object.hasOwn(ALIASES, text) ? ALIASES[text] : text;
}

function named<T>(table: Readonly<Record<string, T>>, name: string): [string, T] | undefined {
  const wanted = canonical(name);
  return Object.entries(table).find(([key]) => plain(key) === wanted);
}

const NAMED_METRICS: Readonly<Record<string, Metric>> = Object.fromEntries([
  ...OTHERS.map((metric) => [metric.name, metric] as const),
  ...Object.entries(COUNTS).map(([name, read]) => {
    const most = Object.hasOwn(MOST, name) ? { most: MOST[name] } : {};
    const metric: Metric = { name, unit: "count", signed: false, read, ...most };
    return [name, SHARED.test(name) ? { ...metric, share: share(read) } : metric] as const;
  }),
]);

/**
 * `p75`, `p99.99`, and without the point as in results: `p9999`. Undefined where it is none, or is 0 or 100. With more
 * digits it could be rounded to 100, or have a power of ten in its name, which is none that can be read again.
 */
function percentile(text: string): number | undefined {
  const [, whole, rest] = /^p(\d{1,2})(?!\.$)\.?(\d{0,6})$/i.exec(text) ?? [];
  const percent = whole === undefined ? 0 : Number(`${whole}.${rest || 0}`);
  return percent > 0 && !/^p100$/i.test(text) ? percent : undefined;
}

/** By nearest rank, the middle of its bin, as the named percentiles are made; null where the bins were not kept. */
function fromHistogram(d: Distribution, percent: number): number | null {
  const bins = [...d.histogram];
  const count = bins.reduce((sum, [, , n]) => sum + n, 0);
  // A hair less, as 7 % of 100 is a hair above 7 in binary.
  const rank = Math.max(1, Math.ceil(percent / 100 * count * (1 - 2 ** -50)));
  let seen = 0;
  for (const [from, to, n] of bins) {
    seen += n;
    if (seen >= rank) return Math.min(Math.max(from + (to - from - 1) / 2, d.min ?? from), d.max ?? to);
  }
  return null;
}

function statistic(name: string): [string, (d: Distribution) => number | null] | undefined {
  const found = named(STATISTICS, name);
  if (found !== undefined) return found;
  const percent = percentile(name);
  if (percent === undefined) return undefined;
  const known = Object.entries(STATISTICS).find(([key]) => percentile(key) === percent);
  return known ?? [`p${percent}`, (d) => fromHistogram(d, percent)];
}

/** Undefined where there is no such number. */
export function findMetric(text: string): Metric | undefined {
  const [first, ...more] = text.split(".");
  const rest = more.join(".");
  const other = named(NAMED_METRICS, text) ?? named(NAMED_METRICS, `${rest}.${first}`) ??
    (canonical(first) === "rtt" ? named(NAMED_METRICS, rest) : undefined);
  if (other !== undefined) return other[1];
  const alone = statistic(text);
  const of = alone === undefined ? named(DISTRIBUTIONS, first) : named(DISTRIBUTIONS, "rtt");
  const what = alone ?? statistic(rest);
  if (of === undefined || what === undefined) return undefined;
  const signed = !UNSIGNED.includes(of[0]) && !SPREADS.includes(what[0]);
  return {
    name: `${of[0]}.${what[0]}`,
    unit: "ns",
    signed,
    read(s) {
      const d = of[1](s);
      return d === null ? null : what[1](d);
    },
  };
}

/** Says what there is instead of `text`; `where`: what to name before it. */
export function unknownMetric(where: string, text: string): OptionError {
  const [first, ...more] = text.split(".");
  const directions = Object.keys(DISTRIBUTIONS);
  const statistics = Object.keys(STATISTICS);
  const of = named(DISTRIBUTIONS, first);
  if (of !== undefined) {
    const rest = more.join(".");
    const guess = hint(closest(rest, statistics), of[0]);
    const what = rest === "" ? `'${text}' does not say which number of it` : `'${rest}' is none of its numbers`;
    return new OptionError(`${where}: ${what}: give ${of[0]}. and ${statistics.join(", ")} or a percentile${guess}`);
  }
  const guess = more.length === 0
    ? hint(closest(text, [...Object.keys(NAMED_METRICS), ...statistics]))
    : hint(closest(first, [...directions, "roundtrip"]), undefined, `.${more.join(".")}`);
  return new OptionError(
    `${where}: '${text}' is not known: give ${directions.join(", ")} with a statistic, as rtt.p99, or loss, offset, ` +
      `drift, ${Object.keys(COUNTS).filter((name) => !name.includes(".")).join(", ")}${guess}`,
  );
}

function hint(word: string | undefined, before?: string, after: string = ""): string {
  return word === undefined ? "" : ` (did you mean ${before === undefined ? "" : `${before}.`}${word}${after}?)`;
}
