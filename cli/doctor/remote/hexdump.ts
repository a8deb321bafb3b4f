/**
 * Octets as hex, with those that are meant marked below them.
 *
 * @module
 */
import type { Shown } from "./rule.ts";

const PER_LINE = 16;
/** Lines without marks are shown as far as they belong to a base packet. */
const ALWAYS = 3;
/** A mark over much of a large packet does not fill the screen. */
const MOST_MARKED = 4;

/** What it is, and its lines; those that have nothing marked are left out behind the base packet. */
export function hexLines({ what, octets, marks }: Shown, indent: string): string[] {
  const lines = [`${indent}${what}:`];
  const rows = Math.ceil(octets.length / PER_LINE);
  const isMarked = (at: number) => marks.some(([from, size]) => at >= from && at < from + size);
  let shownBefore = true;
  let marked = 0;
  for (let row = 0; row < rows; row++) {
    const start = row * PER_LINE;
    const end = Math.min(start + PER_LINE, octets.length);
    const cells: string[] = [];
    let below = "";
    for (let at = start; at < end; at++) {
      cells.push(octets[at].toString(16).padStart(2, "0"));
      below += isMarked(at) ? "^^ " : "   ";
    }
    const has = below.includes("^");
    if (row >= ALWAYS && (!has || ++marked > MOST_MARKED)) {
      if (shownBefore) lines.push(`${indent}  ...`);
      shownBefore = false;
      continue;
    }
    shownBefore = true;
    lines.push(`${indent}  ${String(start).padStart(5)}  ${cells.join(" ")}`);
    if (has) lines.push(`${indent}         ${below.trimEnd()}`);
  }
  return lines;
}
