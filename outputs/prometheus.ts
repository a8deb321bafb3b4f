/**
 * `--output prometheus`: the text format of Prometheus, for the textfile collector of node_exporter:
 * `prometheus:file=/var/lib/node_exporter/twampede.prom`.
 *
 * All gauges, of the last run: a counter would have to outlive it. Seconds and shares of 1, as Prometheus wants it; what
 * is not known has no line. Statistics have names of their own, for `quantile` is a label of summaries alone.
 *
 * @module
 */
import type { OutputPlugin, RunInfo } from "../core/plugin.ts";
import type { Distribution, Snapshot } from "../core/snapshot.ts";
import { numberOf, RunHolder } from "./run.ts";
import { percentOf } from "./units.ts";

type Labels = readonly (readonly [name: string, value: string])[];
/** Labels besides those of the session, and a value. */
type Sample = readonly [labels: Labels, value: number | null];

interface Family {
  readonly name: string;
  readonly help: string;
  readonly read: (snapshot: Snapshot, run: RunInfo) => readonly Sample[];
}

/** A backslash, a quote and a line feed are escaped; nothing else needs it. */
export function labelValue(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

/** To a thousandth of a nanosecond: a double's dust is no measurement. */
function seconds(ns: number | null): number | null {
  return ns === null ? null : Math.round(ns * 1000) / 1e12;
}

function share(part: number | null, of: number): number | null {
  const percent = percentOf(part, of);
  return percent === null || part === null ? null : part / of;
}

const STATISTICS = [
  ["min", "Smallest delay"],
  ["mean", "Mean delay"],
  ["max", "Largest delay"],
  ["stddev", "Standard deviation of the delay"],
  ["jitter", "Jitter of the delay"],
  ["p50", "50th percentile of the delay"],
  ["p90", "90th percentile of the delay"],
  ["p95", "95th percentile of the delay"],
  ["p99", "99th percentile of the delay"],
  ["p999", "99.9th percentile of the delay"],
] as const;

function delays(s: Snapshot): readonly (readonly [string, Distribution | null])[] {
  return [
    ["roundtrip", s.rtt],
    ["outbound", s.forward],
    ["inbound", s.backward],
    ["residence", s.residence],
    ["outbound_corrected", s.forwardCorrected],
    ["inbound_corrected", s.backwardCorrected],
  ];
}

function one(value: number | null): readonly Sample[] {
  return [[[], Number.isNaN(value) ? null : value]];
}

function directed(roundtrip: number | null, outbound: number | null, inbound: number | null): readonly Sample[] {
  const values = [["roundtrip", roundtrip], ["outbound", outbound], ["inbound", inbound]] as const;
  return values.map(([direction, value]) => [[["direction", direction]], value]);
}

const FAMILIES: readonly Family[] = [
  ...STATISTICS.map(([statistic, help]): Family => ({
    name: `twampede_delay_${statistic}_seconds`,
    help: `${help}, by direction.`,
    read: (s) => delays(s).map(([direction, d]) => [[["direction", direction]], seconds(d?.[statistic] ?? null)]),
  })),
  {
    name: "twampede_loss_ratio",
    help: "Share of the probes that got lost, by direction.",
    read: (s) => directed(share(s.lost, s.sent), share(s.lostForward, s.sent), share(s.lostBackward, s.sent)),
  },
  { name: "twampede_probes_sent", help: "Probes sent.", read: (s) => one(s.sent) },
  { name: "twampede_probes_received", help: "Probes answered in time.", read: (s) => one(s.received) },
  {
    name: "twampede_probes_lost",
    help: "Probes not answered in time, by direction.",
    read: (s) => directed(s.lost, s.lostForward, s.lostBackward),
  },
  { name: "twampede_replies_duplicate", help: "Replies to a probe already answered.", read: (s) => one(s.duplicates) },
  { name: "twampede_replies_late", help: "Replies to a probe that counts as lost.", read: (s) => one(s.late) },
  {
    name: "twampede_probes_reordered",
    help: "Probes answered after a later one, by direction.",
    read: (s) => directed(s.reordered, s.reorderedForward, s.reorderedBackward),
  },
  {
    name: "twampede_clock_offset_seconds",
    help: "Their clock minus ours, if the path is symmetric.",
    read: (s) => one(seconds(s.clock?.offsetNs ?? null)),
  },
  {
    name: "twampede_clock_offset_bound_seconds",
    help: "The offset is certain within this, on any path.",
    read: (s) => one(seconds(s.clock?.boundNs ?? null)),
  },
  {
    name: "twampede_threshold_crossed",
    help: "1 if the threshold was crossed, 0 if it was kept.",
    read: ({ thresholds = [] }) => {
      // The same twice would be one series with two values.
      const once = new Map(thresholds.map(({ expression, crossed }) => [expression, crossed ? 1 : 0]));
      return [...once].map(([expression, value]): Sample => [[["expression", expression]], value]);
    },
  },
  {
    name: "twampede_run_duration_seconds",
    help: "How long the run took.",
    read: (s) => one(seconds(s.durationNs)),
  },
  {
    name: "twampede_run_end_timestamp_seconds",
    help: "When the run ended, UNIX time: an old one means that no new run had a result.",
    read: (s, run) => one(ended(run, s)),
  },
  {
    name: "twampede_run_info",
    help: "What measured: always 1.",
    read: (
      _s,
      { tool },
    ) => [[[["version", tool.version], ["runtime", tool.runtime], ["transport", tool.transport]], 1]],
  },
];

/** To the millisecond, as the beginning is. */
function ended(run: RunInfo, s: Snapshot): number | null {
  const started = Date.parse(run.startedAt);
  return Number.isNaN(started) ? null : Math.round(started + s.durationNs / 1e6) / 1000;
}

/** Without the port of this end: the system may choose another for each run, and each would be a series of its own. */
function localAddress({ session: { local } }: RunInfo): string {
  return local.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
}

/** `session` is one of several: without it, two to one target would be one series. */
function sessionLabels(run: RunInfo): Labels {
  const { remote, protocol } = run.session;
  const number = numberOf(run);
  const labels: Labels = [["target", remote], ["local", localAddress(run)], ["protocol", protocol]];
  return number === undefined ? labels : [...labels, ["session", String(number)]];
}

function line(name: string, labels: Labels, value: number): string {
  const pairs = labels.map(([key, text]) => `${key}="${labelValue(text)}"`).join(",");
  return `${name}{${pairs}} ${value}\n`;
}

/** One family after the other, each with the lines of all sessions: they must not be mixed. */
function text(results: readonly (readonly [RunInfo, Snapshot])[]): string {
  return FAMILIES.map(({ name, help, read }) => {
    const lines = results.flatMap(([run, snapshot]) =>
      read(snapshot, run).flatMap(([labels, value]) =>
        value === null || Number.isNaN(value) ? [] : [line(name, [...sessionLabels(run), ...labels], value)]
      )
    );
    return lines.length === 0 ? "" : `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join("")}`;
  }).join("");
}

export const prometheus: OutputPlugin = {
  api: 1,
  kind: "output",
  name: "prometheus",
  summary: "text format of Prometheus, for node_exporter's textfile collector",
  options: [],
  inOnePiece: true,
  create(_options, sink) {
    const run = new RunHolder();
    return { begin: (info) => run.keep(info), end: (summary) => sink.write(text([[run.get(), summary]])) };
  },
  createGroup(_options, sink) {
    const results: [RunInfo, Snapshot][] = [];
    return {
      session() {
        const run = new RunHolder();
        return { begin: (info) => run.keep(info), end: (summary) => void results.push([run.get(), summary]) };
      },
      end: () => sink.write(text(results)),
    };
  },
};
