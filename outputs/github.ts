/**
 * `--output github`: for a step of GitHub Actions: the table for its log, and workflow commands that become annotations.
 *
 * An error for each threshold that was crossed and for a measurement that could not be made, a warning for each note, a
 * notice with the numbers. The summary of the step goes to another place, so it is another form.
 *
 * @module
 */
import type { OutputPlugin, RunInfo } from "../core/plugin.ts";
import type { Snapshot } from "../core/snapshot.ts";
import { describeThreshold } from "../core/threshold.ts";
import { summaryText } from "./github_summary.ts";
import { crossings, headline, notMeasured, target } from "./headline.ts";
import { RunHolder } from "./run.ts";
import { tableText } from "./table.ts";

/** A message: a percent sign begins an escape, a line break would end the command. */
export function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

/** A property: a colon or a comma would end it besides. */
export function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

function command(level: "error" | "warning" | "notice", title: string, message: string): string {
  return `::${level} title=${escapeProperty(title)}::${escapeData(message)}\n`;
}

function annotations(run: RunInfo, s: Snapshot): string {
  const whom = `twampede ${target(run)}`;
  const missing = notMeasured(s);
  return [
    ...crossings(s).map((result) => command("error", `${whom}: ${result.expression}`, describeThreshold(result))),
    missing === undefined ? command("notice", whom, headline(s)) : command("error", whom, missing),
    ...s.notes.map((note) => command("warning", whom, note)),
  ].join("");
}

export const github: OutputPlugin = {
  api: 1,
  kind: "output",
  name: "github",
  summary: "GitHub Actions: the table, annotations, and the summary of the step",
  options: [{
    name: "form",
    type: "string",
    default: "log",
    choices: ["log", "summary"],
    summary: "summary: Markdown; log adds it to the step's own, where there is one",
  }],
  create(options, sink) {
    const run = new RunHolder();
    const text = options.form === "summary"
      ? summaryText
      : (info: RunInfo, s: Snapshot) => tableText(info, s) + annotations(info, s);
    return { begin: (info) => run.keep(info), end: (summary) => sink.write(text(run.get(), summary)) };
  },
};
