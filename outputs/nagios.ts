/**
 * `--output nagios`: one line and performance data, as Nagios, Icinga and what else runs Nagios plugins reads them.
 *
 * `warning` and `critical` are thresholds as `--fail-if` has them, with `;` between several. What `--fail-if` found crossed is critical
 * too. With `exit` the process ends with the status that Nagios expects instead of the program's own.
 *
 * @module
 */
import type { Output, OutputPlugin, PluginOptions, RunInfo } from "../core/plugin.ts";
import type { Snapshot, ThresholdResult } from "../core/snapshot.ts";
import { describeThreshold, evaluateThresholds, parseThreshold, type Threshold } from "../core/threshold.ts";
import { crossings, type Figure, figures, headline, keyPrefix, missing, notMeasured, target } from "./headline.ts";
import { RunHolder } from "./run.ts";
import { decimal } from "./units.ts";

/** By the exit status that plugins have for each. */
const STATES = ["OK", "WARNING", "CRITICAL", "UNKNOWN"] as const;
type State = 0 | 1 | 2 | 3;
/** Of several sessions the worst counts: what is known to be bad goes before what is not known. */
const RANK: readonly number[] = [0, 1, 3, 2];

interface Judgement {
  readonly run: RunInfo;
  readonly protocol: string;
  readonly state: State;
  readonly text: string;
  readonly perfdata: string;
}

interface Limits {
  readonly warning: readonly Threshold[];
  readonly critical: readonly Threshold[];
}

/** The line for when there is no result at all, and its status. */
export function nagiosNoResult(isCritical: boolean, why: string): { text: string; status: number } {
  const state = isCritical ? 2 : 3;
  return { text: `TWAMP ${STATES[state]} - ${clean(why)}\n`, status: state };
}

/** A bar begins the performance data, a line break ends the line. */
function clean(text: string): string {
  return text.replace(/\s+/g, " ").replaceAll("|", "/");
}

function readLimits(options: PluginOptions): Limits {
  const read = (level: "warning" | "critical") =>
    String(options[level] ?? "").split(";").filter((text) => text.trim() !== "")
      .map((text) => parseThreshold(text, `--output nagios: ${level}`));
  return { warning: read("warning"), critical: read("critical") };
}

function judge(run: RunInfo, s: Snapshot, limits: Limits): Judgement {
  const protocol = run.session.protocol.toUpperCase();
  const perfdata = figures(s).flatMap((figure) => performance(figure, keyPrefix(run), limits)).join(" ");
  const why = notMeasured(s);
  if (why !== undefined) {
    return { run, protocol, state: s.lost > 0 ? 2 : 3, text: clean(`${target(run)}: ${why}`), perfdata };
  }
  const critical = [...evaluateThresholds(limits.critical, s), ...crossings(s)].filter(({ crossed }) => crossed);
  const warning = evaluateThresholds(limits.warning, s).filter(({ crossed }) => crossed);
  const state = critical.length > 0 ? 2 : warning.length > 0 ? 1 : 0;
  const reasons = once(state === 2 ? critical : warning).map((reason) => `${reason}; `).join("");
  return { run, protocol, state, text: clean(`${target(run)}: ${reasons}${headline(s)}`), perfdata };
}

/** Sessions that were refused: as a host that refuses. */
function absent(judgements: readonly Judgement[]): Judgement[] {
  return missing(judgements.map(({ run }) => run)).map((name) => ({
    ...judgements[0],
    state: 2,
    text: `${name}: there is no result, standard error says why`,
    perfdata: "",
  }));
}

function once(results: readonly ThresholdResult[]): string[] {
  return [...new Set(results.map(describeThreshold))];
}

/** `'label'=value[unit];[warn];[crit];[min];[max]`; nothing for what is not known. */
function performance({ key, metric, unit, value }: Figure, prefix: string, limits: Limits): string[] {
  if (value === null) return [];
  const least = /^(outbound|inbound)_/.test(key) ? "" : "0";
  const range = (limits: readonly Threshold[]) => rangeOf(limits.find((one) => one.metric === metric), unit, least);
  const most = unit === "%" ? "100" : "";
  const number = unit === "" ? String(value) : decimal(value);
  return [`${prefix}${key}=${number}${unit};${range(limits.warning)};${range(limits.critical)};${least};${most}`];
}

/** A threshold as a range that must not be left, in the unit of the figure; nothing where it is none. */
function rangeOf(threshold: Threshold | undefined, unit: Figure["unit"], least: string): string {
  if (threshold === undefined || (threshold.unit === "ratio") !== (unit === "%")) return "";
  const { operator, limit } = threshold;
  const value = unit === "ms" ? decimal(limit / 1e6) : unit === "%" ? decimal(limit * 100) : String(limit);
  // Without a colon a range begins at 0, which a one-way delay need not.
  if (operator === ">" || operator === ">=") return least === "0" ? value : `~:${value}`;
  return operator === "<" || operator === "<=" ? `${value}:` : "";
}

/** The worst first, in the line that lists show; what belongs to the others below it. */
function write(judgements: readonly Judgement[]): { text: string; status: number } {
  const worst = judgements.reduce((a, b) => RANK[b.state] > RANK[a.state] ? b : a);
  const [first, ...others] = [worst, ...judgements.filter((judgement) => judgement !== worst)];
  const lines = others.map(({ state, text }) => `${STATES[state]} - ${text}\n`).join("");
  const perfdata = judgements.map((judgement) => judgement.perfdata).filter((text) => text !== "").join(" ");
  const verdict = `${first.protocol} ${STATES[first.state]} - ${first.text}`;
  return { text: `${verdict} | ${perfdata}\n${lines}`, status: first.state };
}

/** What a session comes to, handed to `done` at its end. */
function session(limits: Limits, done: (judgement: Judgement) => void): Output {
  const run = new RunHolder();
  return { begin: (info) => run.keep(info), end: (summary) => done(judge(run.get(), summary, limits)) };
}

export const nagios: OutputPlugin = {
  api: 1,
  kind: "output",
  name: "nagios",
  summary: "one line and performance data, for Nagios, Icinga and the like",
  options: [
    { name: "warning", type: "string", default: "", summary: "thresholds with ; between them: rtt.p99>20ms;loss>1%" },
    { name: "critical", type: "string", default: "", summary: "the same; --fail-if is critical too" },
    {
      name: "exit",
      type: "boolean",
      default: false,
      summary: "end with the status of a Nagios plugin: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN",
    },
  ],
  create(options, sink) {
    const limits = readLimits(options);
    let status: number | undefined;
    const output = session(limits, (judgement) => {
      const result = write([judgement]);
      status = result.status;
      sink.write(result.text);
    });
    return { ...output, exitStatus: () => options.exit === true ? status : undefined };
  },
  createGroup(options, sink) {
    const limits = readLimits(options);
    const judgements: Judgement[] = [];
    let status: number | undefined;
    return {
      session: () => session(limits, (judgement) => void judgements.push(judgement)),
      end() {
        if (judgements.length === 0) return;
        const result = write([...judgements, ...absent(judgements)]);
        status = result.status;
        sink.write(result.text);
      },
      exitStatus: () => options.exit === true ? status : undefined,
    };
  },
};
