/**
 * A comparison as a table for people.
 *
 * @module
 */
import { OptionError } from "../../core/errors.ts";
import { shortDelay } from "../../outputs/picture/labels.ts";
import { UNKNOWN } from "../../outputs/units.ts";
import { compare, type Comparison } from "./compare.ts";
import type { SavedFile, SavedSession } from "./saved.ts";

const WORDS = { differs: "differs", same: "within noise", unknown: "" } as const;

function value(row: Comparison, number: number | null): string {
  if (number === null || Number.isNaN(number)) return UNKNOWN;
  return row.kind === "delay" ? shortDelay(number) : `${(100 * number).toFixed(2)}%`;
}

function signed(row: Comparison, number: number): string {
  return `${number > 0 ? "+" : ""}${value(row, number)}`;
}

function cells(row: Comparison): string[] {
  const { a, b } = row;
  const isKnown = a !== null && b !== null;
  const isRatio = isKnown && a > 0 && b >= 0;
  return [
    row.name,
    value(row, a),
    value(row, b),
    isKnown ? signed(row, b - a) : "",
    isRatio ? `${b > a ? "+" : ""}${(100 * (b - a) / a).toFixed(1)}%` : "",
    WORDS[row.judgement],
  ];
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row.map((cell, i) => i === 0 || i === row.length - 1 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])).join("  ")
      .trimEnd() + "\n"
  ).join("");
}

function describe(letter: string, { from, run: { session, startedAt } }: SavedSession): string {
  return `${letter}: ${from}, ${session.local} to ${session.remote}, ${startedAt}\n`;
}

/** The comparison of the two sessions in `files`. */
export function compareSaved(files: readonly SavedFile[]): string {
  const sessions = files.flatMap((file) => file.sessions);
  if (sessions.length !== 2) {
    const given = `${files.length} ${files.length === 1 ? "file" : "files"} with ${sessions.length} in all`;
    throw new OptionError(`--compare takes two results, not ${given}: give two files of one session each`);
  }
  for (const file of files) {
    for (const _ of file.replay({ probe() {} })) { /* the histograms are made meanwhile */ }
  }
  const [a, b] = sessions;
  const rows = compare(a.summary(), b.summary());
  const isBinned = a.hasHistograms && b.hasHistograms;
  const bins = isBinned
    ? ""
    : "Percentiles are not judged: that takes their bins (json:histogram=true) or probes (ndjson).\n";
  return describe("A", a) + describe("B", b) + "\n" +
    table([["", "A", "B", "B - A", "", ""], ...rows.map(cells)]) + "\n" +
    bins +
    "Judged at 99%: percentiles by their ranks, means by Welch, shares by Newcombe;\n" +
    "as if probes were independent, which within a queue they are not. Extremes and\n" +
    "jitter are not judged, nor what too few probes tell.\n";
}
