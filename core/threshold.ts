/**
 * Thresholds: `rtt.p99>20ms`, `loss>1%`. Read from text, and held against what was measured. Nothing else is asked, so
 * that a saved result is judged as the run itself was.
 *
 * @module
 */
import { OptionError } from "./errors.ts";
import type { Snapshot, ThresholdOperator, ThresholdResult, ThresholdUnit } from "./snapshot.ts";
import { findMetric, type Metric, unknownMetric } from "./threshold_metrics.ts";
import { formatDuration } from "./time/duration.ts";

/** A limit that a result must keep. It is crossed where the comparison is true. */
export interface Threshold {
  /** As it was given. */
  readonly expression: string;
  /** The number that it is about, as results call it. */
  readonly metric: string;
  readonly operator: ThresholdOperator;
  /** In `unit`. */
  readonly limit: number;
  readonly unit: ThresholdUnit;
}

const COMPARE: Readonly<Record<ThresholdOperator, (actual: number, limit: number) => boolean>> = {
  ">": (actual, limit) => actual > limit,
  ">=": (actual, limit) => actual >= limit,
  "<": (actual, limit) => actual < limit,
  "<=": (actual, limit) => actual <= limit,
  "==": (actual, limit) => actual === limit,
  "!=": (actual, limit) => actual !== limit,
};
const OPERATORS = Object.keys(COMPARE).join(" ");

/** Powers of ten, which are put into the digits before they become a number: 0.7/100 is not the double next to 0.007. */
const TIMES: Readonly<Record<string, number>> = { ns: 0, us: 3, "\u00b5s": 3, "\u03bcs": 3, ms: 6, s: 9 };
const SHARES: Readonly<Record<string, number>> = { "%": -2, ppm: -6 };

/**
 * Reads one.
 *
 * @param where what the user typed before it, for messages
 * @throws OptionError
 */
export function parseThreshold(text: string, where: string = "--fail-if"): Threshold {
  const expression = text.trim();
  const at = `${where} '${expression}'`;
  const parts = /^([^<>=!]*)([<>=!]+)([^<>=!]*)$/.exec(expression);
  if (parts === null) {
    const isSeveral = (expression.match(/[<>=!]+/g)?.length ?? 0) > 1;
    throw new OptionError(
      isSeveral
        ? `${at} is more than one comparison: give each by itself`
        : `${at} is no comparison: write it as rtt.p99>20ms or loss>1%`,
    );
  }
  const [name, operator, value] = [parts[1].trim(), parts[2], parts[3].trim()];
  if (!isOperator(operator)) {
    const meant = operator === "=" ? " (did you mean ==?)" : "";
    throw new OptionError(`${at}: '${operator}' is no comparison: give one of ${OPERATORS}${meant}`);
  }
  if (name === "") throw new OptionError(`${at} does not say what to compare: write it as rtt.p99${expression}`);
  const metric = findMetric(name);
  if (metric === undefined) throw unknownMetric(at, name);
  return { expression, metric: metric.name, operator, ...readLimit(at, metric, value) };
}

function isOperator(text: string): text is ThresholdOperator {
  return Object.hasOwn(COMPARE, text);
}

function readLimit(at: string, metric: Metric, text: string): { limit: number; unit: ThresholdUnit } {
  const [, digits, unit] = /^([+-]?(?:\d+\.?\d*|\.\d+))\s*([a-z\u00b5\u03bc%]*)$/.exec(text) ?? [];
  if (digits === undefined) throw new OptionError(`${at}: '${text}' is no number${EXPECTED[metric.unit]}`);
  if (Number(digits) < 0 && !metric.signed) {
    throw new OptionError(`${at}: ${metric.name} is never below 0: give a limit from 0 upward`);
  }
  const read = READ[metric.unit](digits, unit, metric);
  if (read === undefined) {
    const what = unit === "" ? "a bare number" : `'${unit}'`;
    throw new OptionError(`${at}: ${what} is no unit of ${metric.name}${EXPECTED[metric.unit]}`);
  }
  if (!Number.isFinite(read.limit)) throw new OptionError(`${at}: '${text}' is too large${EXPECTED[metric.unit]}`);
  if (read.unit === "ratio" && read.limit > 1) {
    throw new OptionError(`${at}: ${metric.name} is never above 100%: give a limit up to that`);
  }
  return read;
}

const EXPECTED: Readonly<Record<ThresholdUnit, string>> = {
  ns: ": write a time with its unit: 500us, 20ms, 1.5s",
  ratio: ": write 1%, 100ppm, or a share below 1 as 0.01",
  count: ": write a whole number, or of lost, duplicates, reordered, late and received a percentage of the probes",
  ppm: ": write it as 50ppm",
};

type Limit = { limit: number; unit: ThresholdUnit } | undefined;

function scaled(digits: string, unit: string, powers: Readonly<Record<string, number>>): number {
  return Number(`${digits}e${powers[unit]}`);
}

const READ: Readonly<Record<ThresholdUnit, (digits: string, unit: string, metric: Metric) => Limit>> = {
  ns(digits, unit) {
    if (Object.hasOwn(TIMES, unit)) return { limit: scaled(digits, unit, TIMES), unit: "ns" };
    return unit === "" && Number(digits) === 0 ? { limit: 0, unit: "ns" } : undefined;
  },
  ratio(digits, unit) {
    if (Object.hasOwn(SHARES, unit)) return { limit: scaled(digits, unit, SHARES), unit: "ratio" };
    // `loss>1` is hardly meant to be everything: a limit that nothing can cross would pass for ever.
    return unit === "" && Number(digits) < 1 ? { limit: Number(digits), unit: "ratio" } : undefined;
  },
  count(digits, unit, metric) {
    if (unit === "" && /^\+?\d+$/.test(digits)) return { limit: Number(digits), unit: "count" };
    return metric.share === undefined || unit === "" ? undefined : READ.ratio(digits, unit, metric);
  },
  ppm: (digits, unit) => unit === "ppm" ? { limit: Number(digits), unit: "ppm" } : undefined,
};

/** Holds a result against each. What is not known crosses: nothing shows that the limit was kept. */
export function evaluateThresholds(thresholds: readonly Threshold[], snapshot: Snapshot): ThresholdResult[] {
  return thresholds.map(({ expression, metric, operator, limit, unit }) => {
    const found = findMetric(metric);
    if (found === undefined) throw new Error(`there is no number '${metric}' in a result`);
    const { actual, most } = range(found, unit, snapshot);
    const compare = COMPARE[operator];
    // Between what it is at the least and at the most, the limit may be crossed or not.
    const isKnown = actual !== null && compare(actual, limit) === compare(most, limit) &&
      !(limit > actual && limit < most);
    const crossed = !isKnown || compare(actual, limit);
    return { expression, metric, operator, limit, unit, actual: isKnown ? actual : null, crossed };
  });
}

/** The number in the unit of the limit, and what it is at the most where more than that is not known. */
function range(metric: Metric, unit: ThresholdUnit, snapshot: Snapshot): { actual: number | null; most: number } {
  const isShare = unit === "ratio" && metric.share !== undefined;
  const actual = (isShare ? metric.share! : metric.read)(snapshot);
  if (actual === null || Number.isNaN(actual)) return { actual: null, most: NaN };
  const most = metric.most?.(snapshot) ?? null;
  return { actual, most: most === null ? actual : isShare ? most / snapshot.sent : most };
}

/** `23.1 ms`, `3.333 %`, `12`; `unknown` where it is. */
export function actualText({ actual, limit, unit }: ThresholdResult): string {
  if (actual === null) return "unknown";
  const text = rounded(actual, unit);
  // Rounded to what it differs from, it would contradict the verdict.
  return actual !== limit && text === rounded(limit, unit) ? exact(actual, unit) : text;
}

function rounded(value: number, unit: ThresholdUnit): string {
  if (unit === "ns") return formatDuration(value).replace(/[a-z]+$/, " $&");
  if (unit === "count") return String(value);
  const scale = unit === "ratio" ? 100 : 1;
  return `${Math.round(value * scale * 1000) / 1000} ${unit === "ratio" ? "%" : "ppm"}`;
}

function exact(value: number, unit: ThresholdUnit): string {
  if (unit === "ns") return `${Number((value / 1e6).toPrecision(15))} ms`;
  return unit === "ratio" ? `${Number((value * 100).toPrecision(12))} %` : `${value} ppm`;
}

/** `rtt.p99 is 23.1 ms, which crosses rtt.p99>20ms`, or `..., which keeps ...`. */
export function describeThreshold(result: ThresholdResult): string {
  return `${result.metric} is ${actualText(result)}, which ${
    result.crossed ? "crosses" : "keeps"
  } ${result.expression}`;
}
