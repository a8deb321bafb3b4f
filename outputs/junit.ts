/**
 * `--output junit`: JUnit XML, as GitLab, Jenkins, GitHub actions and what else reads test reports take it.
 *
 * A suite a session: a case for the measurement itself, which is an error where there is none, and one for each threshold,
 * which fails where it was crossed. The numbers are properties of the suite.
 *
 * @module
 */
import type { Output, OutputPlugin, RunInfo } from "../core/plugin.ts";
import type { Snapshot, ThresholdResult } from "../core/snapshot.ts";
import { describeThreshold } from "../core/threshold.ts";
import { crossings, figures, headline, missing, notMeasured, target } from "./headline.ts";
import { RunHolder } from "./run.ts";
import { tableText } from "./table.ts";
import { decimal } from "./units.ts";

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
  "\n": "&#10;",
  "\r": "&#13;",
  "\t": "&#9;",
};

/** For text and attributes alike. What XML 1.0 has no way to write (section 2.2) becomes a replacement character. */
export function escapeXml(text: string): string {
  // deno-lint-ignore no-control-regex
  const sayable = text.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|\p{Cs}/gu, "\ufffd");
  return sayable.replace(/[&<>"'\n\r\t]/g, (letter) => ENTITIES[letter]);
}

/** The same, with its lines as they are: between tags they need no entity. */
function block(text: string): string {
  return escapeXml(text).replaceAll("&#10;", "\n");
}

/** What is null is not known and left out. */
type Attributes = Readonly<Record<string, string | number | null>>;

function open(name: string, attributes: Attributes): string {
  const known = Object.entries(attributes).filter(([, value]) => value !== null);
  return `<${name}${known.map(([key, value]) => ` ${key}="${escapeXml(`${value}`)}"`).join("")}`;
}

function element(depth: number, name: string, attributes: Attributes, content: string = ""): string {
  const indent = "  ".repeat(depth);
  if (content === "") return `${indent}${open(name, attributes)}/>\n`;
  const inner = content.startsWith("  ") ? `\n${content}${indent}` : content;
  return `${indent}${open(name, attributes)}>${inner}</${name}>\n`;
}

const UNITS = { ms: "_ms", "%": "_percent", "": "" } as const;

function properties({ tool, session }: RunInfo, s: Snapshot): string {
  const facts: [string, string][] = [
    ["target", session.remote],
    ["local", session.local],
    ["protocol", session.protocol],
    ["mode", session.mode],
    ["profile", session.profile],
    ["schedule", session.schedule],
    ["tool", `${tool.name} ${tool.version} (${tool.runtime}, ${tool.transport})`],
  ];
  const numbers = figures(s).flatMap(({ metric, unit, value }): [string, string][] =>
    value === null ? [] : [[metric + UNITS[unit], unit === "" ? String(value) : decimal(value)]]
  );
  return [...facts, ...numbers].map(([name, value]) => element(3, "property", { name, value })).join("");
}

function measuredCase(classname: string, s: Snapshot, time: string | null): string {
  const why = notMeasured(s);
  const attributes = { classname, name: "measured", time };
  if (why === undefined) return element(2, "testcase", attributes);
  return element(2, "testcase", attributes, element(3, "error", { type: "no result", message: why }));
}

function thresholdCase(classname: string, result: ThresholdResult, s: Snapshot): string {
  const attributes = { classname, name: result.expression, time: "0" };
  if (!result.crossed) return element(2, "testcase", attributes);
  const message = describeThreshold(result);
  const more = s.received > 0 ? block(`${message}\n${headline(s)}`) : block(message);
  return element(2, "testcase", attributes, element(3, "failure", { type: "threshold", message }, more));
}

interface Told {
  readonly tests: number;
  readonly failures: number;
  readonly errors: number;
  readonly text: string;
}

interface Suite extends Told {
  readonly run: RunInfo;
}

function suite(run: RunInfo, s: Snapshot): Suite {
  const { thresholds = [] } = s;
  // A point parts packages from classes there.
  const classname = `twampede.${target(run).replaceAll(".", "_")}`;
  const time = Number.isNaN(s.durationNs) ? null : decimal(Math.max(0, s.durationNs) / 1e9);
  const counts = { tests: 1 + thresholds.length, failures: crossings(s).length, errors: notMeasured(s) ? 1 : 0 };
  const timestamp = Number.isNaN(Date.parse(run.startedAt)) ? null : run.startedAt.replace(/(\.\d+)?Z$/, "");
  const attributes = { name: `twampede ${target(run)}`, ...counts, skipped: 0, time, timestamp, hostname: run.host };
  const cases = thresholds.map((result) => thresholdCase(classname, result, s)).join("");
  const notes = s.notes.map((note) => `note: ${note}\n`).join("");
  const content = element(2, "properties", {}, properties(run, s)) + measuredCase(classname, s, time) + cases +
    element(2, "system-out", {}, block(tableText(run, s) + notes));
  return { run, ...counts, text: element(1, "testsuite", attributes, content) };
}

/** Of a session that was refused. */
function absent(name: string): Told {
  const counts = { tests: 1, failures: 0, errors: 1 };
  const error = element(3, "error", { type: "no result", message: "there is no result, standard error says why" });
  const content = element(2, "testcase", { classname: `twampede.${name}`, name: "measured", time: null }, error);
  return { ...counts, text: element(1, "testsuite", { name: `twampede ${name}`, ...counts, skipped: 0 }, content) };
}

function document(suites: readonly Told[]): string {
  const sum = (key: "tests" | "failures" | "errors") => suites.reduce((all, one) => all + one[key], 0);
  const counts = { tests: sum("tests"), failures: sum("failures"), errors: sum("errors") };
  const content = suites.map(({ text }) => text).join("");
  return `<?xml version="1.0" encoding="UTF-8"?>\n${
    element(0, "testsuites", { name: "twampede", ...counts }, content)
  }`;
}

/** Makes the suite of one session at its end. */
function collector(done: (suite: Suite) => void): Output {
  const run = new RunHolder();
  return { begin: (info) => run.keep(info), end: (summary) => done(suite(run.get(), summary)) };
}

export const junit: OutputPlugin = {
  api: 1,
  kind: "output",
  name: "junit",
  summary: "JUnit XML: a test case for each threshold, the numbers as properties",
  options: [],
  create: (_options, sink) => collector((one) => sink.write(document([one]))),
  createGroup(_options, sink) {
    const suites: Suite[] = [];
    return {
      session: () => collector((one) => void suites.push(one)),
      end: () => sink.write(document([...suites, ...missing(suites.map(({ run }) => run)).map(absent)])),
    };
  },
};
