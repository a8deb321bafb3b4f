/**
 * Colours of a report for people: by its headings, which tell how bad a thing is.
 *
 * @module
 */
import { type Format, isColoured, paint } from "../style.ts";

/** The first that matches a line. Headings are what is not indented. */
const RULES: readonly (readonly [line: RegExp, format: Format])[] = [
  [/^Faults:/, ["bold", "red"]],
  [/^Weaknesses:/, ["bold", "yellow"]],
  [/^\S/, "bold"],
  [/^ {2}(?:None was found\.|Nothing: no rule )/, "green"],
];

/** The report as it goes to standard output. */
export function coloured(report: string, on: boolean = isColoured(1)): string {
  if (!on) return report;
  return report.split("\n").map((line) => {
    const format = RULES.find(([pattern]) => pattern.test(line))?.[1];
    return format === undefined ? line : paint(format, line);
  }).join("\n");
}
