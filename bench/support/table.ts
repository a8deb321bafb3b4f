/**
 * Tables for people: the first column to the left, numbers to the right.
 *
 * @module
 */

/** Prints `title`, what it means, and the rows below their heads. */
export function printTable(
  title: string,
  notes: readonly string[],
  heads: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  const widths = heads.map((head, column) => Math.max(head.length, ...rows.map((row) => row[column].length)));
  const line = (cells: readonly string[]) =>
    cells.map((cell, column) => column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column])).join("  ");
  const rule = widths.map((width) => "-".repeat(width)).join("  ");
  console.log(["", `## ${title}`, ...notes, "", line(heads), rule, ...rows.map(line)].join("\n"));
}
