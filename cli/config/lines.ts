/**
 * Where things stand in a TOML document, for messages: the parser checks the document, and forgets positions.
 *
 * @module
 */

/** The name under which the line of a key is kept; an item of an array is its number, from 0. */
export function place(...path: readonly (string | number)[]): string {
  return path.join("\0");
}

/** The line, from 1, of every table, key and item of a document that is valid TOML. */
export function linesOf(toml: string): ReadonlyMap<string, number> {
  const scan = new Scan(toml);
  scan.document();
  return scan.lines;
}

class Scan {
  readonly lines = new Map<string, number>();
  /** How many tables an array of tables has so far. */
  readonly #arrays = new Map<string, number>();
  readonly #text: string;
  #at = 0;
  #line = 1;

  constructor(text: string) {
    this.#text = text.startsWith("\uFEFF") ? text.slice(1) : text;
  }

  document(): void {
    let table: readonly string[] = [];
    for (this.#space(true); this.#at < this.#text.length; this.#space(true)) {
      const before = this.#at;
      if (this.#is("[")) table = this.#header();
      else this.#pair(table);
      // Never for ever, whatever it is given.
      if (this.#at === before) return;
    }
  }

  #header(): readonly string[] {
    const line = this.#line;
    const isArray = this.#text.startsWith("[[", this.#at);
    this.#skip(isArray ? 2 : 1);
    const path: string[] = [];
    const words = this.#key();
    words.forEach((word, i) => {
      path.push(word);
      this.#mark(path, line);
      const name = place(...path);
      if (isArray && i === words.length - 1) this.#arrays.set(name, (this.#arrays.get(name) ?? 0) + 1);
      const tables = this.#arrays.get(name);
      if (tables !== undefined) path.push(String(tables - 1));
    });
    this.#mark(path, line);
    this.#skip(isArray ? 2 : 1);
    return path;
  }

  /** `key = value`, below `table`. */
  #pair(table: readonly string[]): void {
    const line = this.#line;
    const path = [...table];
    for (const word of this.#key()) {
      path.push(word);
      this.#mark(path, line);
    }
    this.#skip(1);
    this.#space(false);
    this.#value(path);
  }

  #value(path: readonly string[]): void {
    if (this.#is("[")) return this.#items("]", (i) => this.#item([...path, String(i)]));
    if (this.#is("{")) return this.#items("}", () => this.#pair(path));
    if (this.#is('"') || this.#is("'")) return void this.#string();
    while (this.#at < this.#text.length && !/[,\]}#\n]/.test(this.#text[this.#at])) this.#skip(1);
  }

  #item(path: readonly string[]): void {
    this.#mark(path, this.#line);
    this.#value(path);
  }

  /** What stands between brackets or braces. */
  #items(end: string, read: (index: number) => void): void {
    this.#skip(1);
    this.#space(true);
    for (let i = 0; this.#at < this.#text.length && !this.#is(end); i++) {
      const before = this.#at;
      read(i);
      this.#space(true);
      if (this.#is(",")) this.#skip(1);
      this.#space(true);
      if (this.#at === before) return;
    }
    this.#skip(1);
  }

  /** `a."b c".d` as its parts. */
  #key(): string[] {
    const words: string[] = [];
    for (;;) {
      this.#space(false);
      words.push(this.#is('"') || this.#is("'") ? this.#string() : this.#bare());
      this.#space(false);
      if (!this.#is(".")) return words;
      this.#skip(1);
    }
  }

  #bare(): string {
    const start = this.#at;
    while (/[\w-]/.test(this.#text[this.#at] ?? "")) this.#skip(1);
    return this.#text.slice(start, this.#at);
  }

  /** One of the four kinds of strings; its text, with the escapes that JSON has too. */
  #string(): string {
    const quote = this.#text[this.#at];
    const mark = this.#text.startsWith(quote.repeat(3), this.#at) ? quote.repeat(3) : quote;
    this.#skip(mark.length);
    const start = this.#at;
    while (this.#at < this.#text.length && !this.#text.startsWith(mark, this.#at)) {
      this.#skip(quote === '"' && this.#is("\\") ? 2 : 1);
    }
    // A string of several lines may have one or two more quotes before its end.
    while (mark.length === 3 && this.#text[this.#at + 3] === quote) this.#skip(1);
    const inside = this.#text.slice(start, this.#at);
    this.#skip(mark.length);
    return quote === '"' ? unescaped(inside) : inside;
  }

  /** Blanks and comments; with `lines` the ends of lines too. */
  #space(lines: boolean): void {
    while (this.#at < this.#text.length) {
      if (this.#is("#")) { while (this.#at < this.#text.length && !this.#is("\n")) this.#skip(1); }
      else if (this.#is(" ") || this.#is("\t") || (lines && /[\r\n]/.test(this.#text[this.#at]))) this.#skip(1);
      else return;
    }
  }

  #is(letter: string): boolean {
    return this.#text[this.#at] === letter;
  }

  #skip(count: number): void {
    for (const end = Math.min(this.#at + count, this.#text.length); this.#at < end; this.#at++) {
      if (this.#text[this.#at] === "\n") this.#line++;
    }
  }

  #mark(path: readonly string[], line: number): void {
    const name = place(...path);
    if (!this.lines.has(name)) this.lines.set(name, line);
  }
}

function unescaped(text: string): string {
  try {
    return JSON.parse(`"${text}"`);
  } catch {
    return text;
  }
}
