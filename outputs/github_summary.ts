/**
 * `--output github:form=summary`: a section in Markdown, for the summary of a step, a page or a comment.
 *
 * @module
 */
import type { RunInfo } from "../core/plugin.ts";
import type { Distribution, Snapshot } from "../core/snapshot.ts";
import { actualText } from "../core/threshold.ts";
import { crossings, notMeasured, target } from "./headline.ts";
import { delayText, percentOf, percentText } from "./units.ts";

/** Text that is shown as it is, on one line: nothing in it marks anything up, begins a tag or ends a cell. */
export function escapeMarkdown(text: string): string {
  return text.replace(/\s+/g, " ").replace(/[\\`*_[\]|~#]/g, "\\$&")
    .replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |\n`;
}

function head(names: readonly string[]): string {
  return row(names) + row(names.map((_, i) => i === 0 ? "---" : "--:"));
}

function delays(s: Snapshot): string {
  const line = (name: string, d: Distribution, lost: number | null) =>
    row([
      name,
      ...[d.min, d.mean, d.p50, d.p99, d.max, d.jitter].map(delayText),
      percentText(percentOf(lost, s.sent)),
    ]);
  return head(["Direction", "Min", "Avg", "p50", "p99", "Max", "Jitter", "Loss"]) +
    line("Outbound", s.forward, s.lostForward) +
    line("Inbound", s.backward, s.lostBackward) +
    line("Round trip", s.rtt, s.lost);
}

function thresholds({ thresholds = [] }: Snapshot): string {
  if (thresholds.length === 0) return "";
  const lines = thresholds.map((result) => {
    const { expression, metric, crossed } = result;
    const cells = [expression, `${metric} is ${actualText(result)}`].map(escapeMarkdown);
    return row([...cells, crossed ? "**crossed**" : "kept"]);
  });
  return `\n${head(["Threshold", "Measured", "Verdict"])}${lines.join("")}`;
}

function verdict(s: Snapshot): string {
  const crossed = crossings(s).length;
  if (notMeasured(s) !== undefined) return "not measured";
  if (crossed > 0) return `${crossed} of ${s.thresholds?.length} thresholds crossed`;
  return (s.thresholds?.length ?? 0) > 0 ? "thresholds kept" : "measured";
}

/** The whole section. */
export function summaryText(run: RunInfo, s: Snapshot): string {
  const { protocol, local, profile, schedule } = run.session;
  const missing = notMeasured(s);
  const facts = `${s.sent} sent, ${s.received} received, ${s.lost} lost, ${s.duplicates} duplicates, ` +
    `${s.reordered} reordered, ${s.late} late; from ${local}, ${profile}, ${schedule}, at ${run.startedAt}`;
  const notes = s.notes.map((note) => `- ${escapeMarkdown(note)}\n`).join("");
  return `### ${escapeMarkdown(`${protocol.toUpperCase()} to ${target(run)}: ${verdict(s)}`)}\n\n` +
    (missing === undefined ? delays(s) : `${escapeMarkdown(missing)}\n`) + thresholds(s) +
    `\n${escapeMarkdown(facts)}\n${notes === "" ? "" : `\n${notes}`}\n`;
}
