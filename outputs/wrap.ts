/**
 * Labelled paragraphs that fit the width of the table.
 *
 * @module
 */

/** Columns of the table's rules, and the most that a line below them has. */
export const WIDTH = 79;

const INDENT = 13;

/**
 * `Label:` and phrases with commas between them, further lines under the first phrase.
 *
 * A phrase stays on one line, so that no number is parted from what it counts; one that is longer than a line is broken
 * between its words, and a word that is longer still is left whole.
 */
export function paragraph(label: string, ...phrases: readonly string[]): string {
  const pieces = phrases.flatMap((phrase, i) => {
    const piece = i < phrases.length - 1 ? phrase + "," : phrase;
    return piece.length > WIDTH - INDENT ? piece.split(" ") : [piece];
  });
  let lines = "";
  let line = `${label}:`.padEnd(INDENT - 1);
  for (const piece of pieces) {
    if (line.length >= INDENT && line.length + 1 + piece.length > WIDTH) {
      lines += line + "\n";
      line = " ".repeat(INDENT - 1);
    }
    line += " " + piece;
  }
  return lines + line + "\n";
}
