/**
 * Sections, rows and columns of at most 80 characters.
 *
 * @module
 */
import type { Nanos } from "../../core/time/clock.ts";
import { UNKNOWN } from "../../outputs/units.ts";

export const WIDTH = 80;
const INDENT = "  ";
const LABEL = 20;
const GAP = "  ";

/** `text` broken between its words, further lines behind `indent`; a word that is longer than a line stays whole. */
export function wrap(first: string, indent: string, text: string): string[] {
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of text.split(" ")) {
    if (!isEmpty && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = indent;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line];
}

/** A name and what is to be said of it. */
export function row(label: string, text: string): string[] {
  return wrap(INDENT + label.padEnd(LABEL), INDENT + " ".repeat(LABEL), text);
}

/** A heading after an empty line, and what is below it. */
export function section(title: string, lines: readonly string[]): string[] {
  return ["", title, ...lines];
}

/** A sentence below a heading. */
export function sentence(text: string): string[] {
  return wrap(INDENT, INDENT, text);
}

/**
 * Columns as wide as they must be; `right` are the indices of those set to the right. The last one is broken between its
 * words where the line would be too long.
 */
export function grid(rows: readonly (readonly string[])[], right: readonly number[] = []): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((cells) => cells[column].length)));
  const last = widths.length - 1;
  const indent = " ".repeat(widths.slice(0, last).reduce((sum, width) => sum + width + GAP.length, INDENT.length));
  return rows.flatMap((cells) => {
    const padded = cells.map((cell, column) =>
      right.includes(column) ? cell.padStart(widths[column]) : column === last ? cell : cell.padEnd(widths[column])
    );
    const first = INDENT + padded.slice(0, last).map((cell) => cell + GAP).join("");
    const whole = first + padded[last];
    return (whole.length <= WIDTH ? [whole] : wrap(first, indent, cells[last])).map((line) => line.trimEnd());
  });
}

/** A span with the digits that matter: `21ns`, `4.1us`, `120us`, `1.30ms`. */
export function span(ns: Nanos | null): string {
  if (ns === null) return UNKNOWN;
  const size = Math.abs(ns);
  if (size < 1e3) return `${Math.round(ns)}ns`;
  if (size < 1e5) return `${(ns / 1e3).toFixed(1)}us`;
  if (size < 1e6) return `${Math.round(ns / 1e3)}us`;
  if (size < 1e9) return `${(ns / 1e6).toFixed(2)}ms`;
  return `${(ns / 1e9).toFixed(2)}s`;
}

const UNITS = ["octets", "KiB", "MiB", "GiB"] as const;

/** `208 KiB`, `4 MiB`. */
export function octets(count: number | null): string {
  if (count === null) return UNKNOWN;
  let unit = 0;
  let value = count;
  for (; value >= 1024 && unit < UNITS.length - 1; unit++) value /= 1024;
  return `${Number.isInteger(value) ? value : value.toFixed(1)} ${UNITS[unit]}`;
}

/** A number, or that it is not known. */
export function number(value: number | null): string {
  return value === null ? UNKNOWN : String(value);
}

/** Why something of /proc or /sys is not known. */
export const UNREADABLE = "/proc or /sys cannot be read";

/** That something is not known here, and why if there is a reason. */
export function notKnown(why: string | null): string {
  return why === null ? "not known here" : `not known here: ${why}`;
}
