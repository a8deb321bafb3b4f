/** Text as mdoc(7) wants it. */

/** Text that may stand anywhere in a line of text. */
export function roff(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replaceAll("'", "\\(aq").replaceAll("`", "\\(ga")
    .replaceAll("^", "\\(ha").replaceAll("~", "\\(ti")
    .replace(
      /[\u{80}-\u{10ffff}]/gu,
      (letter) => `\\[u${letter.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}]`,
    );
}

/** One argument of a macro: quoted, and never taken for a macro or for punctuation itself. */
export function argument(text: string): string {
  return `"\\&${roff(text).replaceAll('"', "\\(dq")}"`;
}

const WIDTH = 76;

/** Lines of text, each sentence on lines of its own as mandoc asks; none begins with a control character. */
export function textLines(text: string): string[] {
  return text.split(/\n\s*\n/).flatMap((paragraph, i) => [
    ...(i > 0 ? [".Pp"] : []),
    ...sentences(paragraph.replace(/\s+/g, " ").trim()).flatMap(broken),
  ]);
}

function sentences(text: string): string[] {
  return text.split(/(?<=[.!?]\)?) (?=[A-Z])/);
}

function broken(sentence: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of sentence.split(" ").map(roff)) {
    if (line !== "" && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = "";
    }
    line += line === "" ? word : ` ${word}`;
  }
  return [...lines, line].map((one) => one.startsWith(".") ? `\\&${one}` : one);
}
