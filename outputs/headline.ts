/**
 * A run in one sentence, and whether there was one: for formats that begin with a verdict.
 *
 * @module
 */
import type { RunInfo } from "../core/plugin.ts";
import type { Snapshot, ThresholdResult } from "../core/snapshot.ts";
import { numberOf } from "./run.ts";
import { delayText, percentOf, percentText } from "./units.ts";

/** `round trip min/avg/max 243us/10.28ms/30.36ms, p99 29.42ms, loss 0.0% of 5 probes`. */
export function headline(s: Snapshot): string {
  const { min, mean, max, p99 } = s.rtt;
  const delays = `round trip min/avg/max ${[min, mean, max].map(delayText).join("/")}, p99 ${delayText(p99)}`;
  return `${delays}, loss ${percentText(percentOf(s.lost, s.sent))} of ${probes(s.sent)}`;
}

function probes(count: number): string {
  return `${count} ${count === 1 ? "probe" : "probes"}`;
}

/** Why there is nothing to be judged; undefined where something was measured. */
export function notMeasured(s: Snapshot): string | undefined {
  if (s.received > 0) return undefined;
  if (s.lost === 0) return "ended before there was any reply";
  if (s.sendErrors > 0 && s.sendErrors >= s.sent) return `none of ${probes(s.sent)} could be sent`;
  if (s.malformed > 0) return `no reply to ${probes(s.sent)}: what came back is too short to be one`;
  return `no reply to ${probes(s.sent)}`;
}

/** `10.99.0.2:20001`, and which session of several. */
export function target({ session: { number, remote } }: RunInfo): string {
  return number === undefined || number.of < 2 ? remote : `${remote} (session ${number.index} of ${number.of})`;
}

/** Names of the sessions that were asked for and are not among `runs`: they were refused, or never started. */
export function missing(runs: readonly RunInfo[]): string[] {
  const of = runs[0]?.session.number?.of ?? 0;
  const there = new Set(runs.map(({ session: { number } }) => number?.index));
  return Array.from({ length: of }, (_, i) => i + 1).filter((index) => !there.has(index))
    .map((index) => `session ${index} of ${of}`);
}

/** The thresholds that were crossed. */
export function crossings({ thresholds = [] }: Snapshot): readonly ThresholdResult[] {
  return thresholds.filter(({ crossed }) => crossed);
}

/** Name and value of every number that most formats have, in milliseconds, percent and counts; null: not known. */
export interface Figure {
  /** As an identifier: `rtt_p99`, `outbound_min`, `loss_inbound`. */
  readonly key: string;
  /** As thresholds call it: `rtt.p99`. */
  readonly metric: string;
  readonly unit: "ms" | "%" | "";
  readonly value: number | null;
}

const STATISTICS = ["min", "mean", "max", "jitter", "p50", "p99"] as const;

/** The figures of a result, in one order everywhere. */
export function figures(s: Snapshot): Figure[] {
  const delays = [["rtt", s.rtt], ["outbound", s.forward], ["inbound", s.backward]] as const;
  const losses = [["loss", s.lost], ["loss.outbound", s.lostForward], ["loss.inbound", s.lostBackward]] as const;
  const counts = ["sent", "received", "lost", "duplicates", "reordered", "late"] as const;
  return [
    ...delays.flatMap(([name, d]) =>
      STATISTICS.map((what) => figure(`${name}.${what}`, "ms", d[what] === null ? null : d[what] / 1e6))
    ),
    ...losses.map(([name, lost]) => figure(name, "%", percentOf(lost, s.sent))),
    ...counts.map((name) => figure(name, "", s[name])),
  ];
}

function figure(metric: string, unit: Figure["unit"], value: number | null): Figure {
  return { key: metric.replace(".", "_"), metric, unit, value: value === null || Number.isNaN(value) ? null : value };
}

/** The number of a session as a prefix of keys, where it is one of several. */
export function keyPrefix(run: RunInfo): string {
  const number = numberOf(run);
  return number === undefined ? "" : `session${number}_`;
}
