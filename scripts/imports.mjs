// Finds what a TypeScript file imports, without a parser: comments and the contents of strings are masked first, so that
// only real import statements are left to match.

/** `{ line, specifier, types }` for each import; `specifier` is null when a dynamic import computes it. */
export function importsOf(source) {
  const { text, strings } = mask(source);
  const found = [];
  const add = (index, specifier, types) =>
    found.push({ line: source.slice(0, index).split("\n").length, specifier, types: Boolean(types) });
  for (const match of text.matchAll(STATEMENT)) {
    add(match.index, strings.get(match.index + match[0].length - 1), match[2]);
  }
  for (const match of text.matchAll(BARE)) add(match.index, strings.get(match.index + match[0].length - 1), false);
  for (const match of text.matchAll(DYNAMIC)) {
    add(match.index, strings.get(match.index + match[0].length) ?? null, false);
  }
  return found.sort((a, b) => a.line - b.line);
}

// Masked strings are a quote, blanks and a quote; `strings` knows the text by the index of the opening quote.
const STATEMENT = /\b(import|export)\s+(type\s+)?(?:[\w$]+\s*,?\s*)?(?:\{[^}]*\}|\*(?:\s*as\s+[\w$]+)?)?\s*from\s*"/g;
const BARE = /\bimport\s*"/g;
const DYNAMIC = /(?<![.\w$])import\s*\(\s*/g;

/** The source with comments, strings, templates and regular expressions blanked, every index kept. */
export function mask(source) {
  const text = source.split("");
  const strings = new Map();
  const blank = (from, to) => {
    for (let i = from; i < to; i++) if (text[i] !== "\n") text[i] = " ";
  };
  const open = []; // one entry for each template whose ${} we are inside of: the braces open in it
  let i = 0;
  let before = ""; // the last token that was not blank, to tell a division from a regular expression
  const template = (from) => {
    let end = from;
    while (end < source.length && source[end] !== "`" && !source.startsWith("${", end)) {
      end += source[end] === "\\" ? 2 : 1;
    }
    blank(from, end);
    const inside = source[end] !== "`" && end < source.length;
    if (inside) open.push(0);
    return end + (inside ? 2 : 1);
  };
  while (i < source.length) {
    const char = source[i];
    if (source.startsWith("//", i)) {
      const end = lineEnd(source, i);
      blank(i, end);
      i = end;
    } else if (source.startsWith("/*", i)) {
      const close = source.indexOf("*/", i + 2);
      const end = close < 0 ? source.length : close + 2;
      blank(i, end);
      i = end;
    } else if (char === '"' || char === "'") {
      const start = i;
      for (i++; i < source.length && source[i] !== char && source[i] !== "\n"; i++) if (source[i] === "\\") i++;
      strings.set(start, source.slice(start + 1, i));
      blank(start + 1, i);
      text[start] = '"';
      if (i < source.length && source[i] === char) text[i] = " ";
      i++;
      before = '"';
    } else if (char === "`") {
      i = template(i + 1);
      before = "`";
    } else if (char === "}" && open.length > 0 && open[open.length - 1] === 0) {
      open.pop();
      i = template(i + 1);
      before = "`";
    } else if (
      char === "/" && (before === "" || /^(?:[(,=:[!&|?{};+\-*%<>~^]|return|typeof|case|of|in)$/.test(before))
    ) {
      const start = i;
      let inClass = false;
      for (i++; i < source.length && source[i] !== "\n" && (inClass || source[i] !== "/"); i++) {
        if (source[i] === "\\") i++;
        else if (source[i] === "[") inClass = true;
        else if (source[i] === "]") inClass = false;
      }
      blank(start, i + 1);
      i++;
      before = "/";
    } else {
      if (open.length > 0 && char === "{") open[open.length - 1]++;
      if (open.length > 0 && char === "}") open[open.length - 1]--;
      const word = /[\w$]/.test(char) ? /^[\w$]+/.exec(source.slice(i, i + 64))[0] : char;
      if (!/\s/.test(char)) before = word;
      i += word.length;
    }
  }
  return { text: text.join(""), strings };
}

function lineEnd(source, from) {
  const end = source.indexOf("\n", from);
  return end < 0 ? source.length : end;
}
