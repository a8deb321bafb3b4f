/**
 * Values of a document that somebody else wrote: each is looked at before it is used, and what is wrong is said with its
 * place.
 *
 * @module
 */

/** What is wrong with a document, in words that can follow its name. */
export class FormatError extends Error {
  override readonly name = "FormatError";
}

/** The 292 years of 63 bits, in nanoseconds: no delay is longer, and what is reckoned with it stays finite. */
export const LONGEST_NS = 2 ** 63;

/** What would move a terminal's cursor or colour it. Our own outputs write no such thing. */
// deno-lint-ignore no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** The longest text of a result is a note; nobody's is longer than this. */
const LONGEST_TEXT = 10_000;

/** How a value is named in a message. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return value === null ? "null" : "an object";
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 40 ? `${text.slice(0, 40)}…` : text.replace(CONTROL, "\ufffd");
}

/** An object of a document. */
export class Fields {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #path: string;

  /** `path`: where it is, for messages; empty for the document itself, `line 5: ` for that of a line. */
  constructor(value: unknown, path = "") {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new FormatError(
        `${path === "" ? "the document" : path.replace(/: $/, "")} is ${shown(value)}, not an object`,
      );
    }
    this.#values = value as Record<string, unknown>;
    this.#path = path === "" || path.endsWith(": ") ? path : `${path}.`;
  }

  /** Undefined where there is no such field: an inherited one is none. */
  raw(name: string): unknown {
    return Object.hasOwn(this.#values, name) ? this.#values[name] : undefined;
  }

  names(): string[] {
    return Object.keys(this.#values);
  }

  wrong(name: string, value: unknown, wanted: string): FormatError {
    return new FormatError(`${clean(this.#path + name).slice(0, 200)} is ${shown(value)}, not ${wanted}`);
  }

  /** A finite number, or null where it is not known or not there. */
  number(name: string): number | null {
    const value = this.raw(name) ?? null;
    if (value === null || (typeof value === "number" && Number.isFinite(value))) return value;
    throw this.wrong(name, value, "a number or null");
  }

  /** The same, `NaN` where it is not known. */
  known(name: string): number {
    return this.number(name) ?? NaN;
  }

  /** A delay or a difference of clocks: nanoseconds of either sign, in 63 bits; null where it is not known. */
  delay(name: string): number | null {
    const value = this.number(name);
    if (value === null || Math.abs(value) <= LONGEST_NS) return value;
    throw this.wrong(name, value, "nanoseconds in 63 bits");
  }

  /** A span in nanoseconds, from 0 to the 292 years of 63 bits; `NaN` where it is not known. */
  span(name: string): number {
    const value = this.known(name);
    if (!(value < 0 || value > LONGEST_NS)) return value;
    throw this.wrong(name, value, "nanoseconds from 0, in 63 bits");
  }

  /** A share of 1; `NaN` where it is not known. */
  share(name: string): number {
    const value = this.known(name);
    if (!(value < 0 || value > 1)) return value;
    throw this.wrong(name, value, "a share from 0 to 1");
  }

  /** 0 to 255, or null. */
  octet(name: string): number | null {
    const value = this.countOrNull(name);
    if (value === null || value <= 255) return value;
    throw this.wrong(name, value, "an octet");
  }

  /** A moment as results have them, with a year of four digits. */
  time(name: string): string | null {
    const value = this.text(name);
    if (value === null || (/^\d{4}-\d\d-\d\dT/.test(value) && !Number.isNaN(Date.parse(value)))) return value;
    throw this.wrong(name, value, "a time as 2026-01-01T00:00:00.000Z");
  }

  /** A count: a whole number from 0, `NaN` where it is not known. */
  count(name: string): number {
    const value = this.number(name) ?? NaN;
    if (Number.isNaN(value) || (Number.isSafeInteger(value) && value >= 0)) return value;
    throw this.wrong(name, value, "a whole number from 0");
  }

  /** A count without which there is nothing to be shown. */
  needed(name: string): number {
    const value = this.count(name);
    if (!Number.isNaN(value)) return value;
    throw this.wrong(name, null, "a whole number from 0");
  }

  /** A count, or null. */
  countOrNull(name: string): number | null {
    const value = this.count(name);
    return Number.isNaN(value) ? null : value;
  }

  boolean(name: string): boolean | null {
    const value = this.raw(name) ?? null;
    if (value === null || typeof value === "boolean") return value;
    throw this.wrong(name, value, "true, false or null");
  }

  /** A text without anything that a terminal would obey. */
  text(name: string): string | null {
    const value = this.raw(name) ?? null;
    if (value === null) return null;
    if (typeof value !== "string") throw this.wrong(name, value, "a text or null");
    if (value.length > LONGEST_TEXT) throw this.wrong(name, value, `a text of at most ${LONGEST_TEXT} characters`);
    return clean(value);
  }

  /** One of `choices`, or null. */
  choice<T extends string>(name: string, choices: readonly T[]): T | null {
    const value = this.text(name);
    if (value === null || (choices as readonly string[]).includes(value)) return value as T | null;
    throw this.wrong(name, value, `one of ${choices.join(", ")}`);
  }

  /** Undefined where it is null or not there. */
  object(name: string): Fields | undefined {
    const value = this.raw(name) ?? null;
    return value === null ? undefined : new Fields(value, this.#path + name);
  }

  /** An object in which nothing is known stands for one that is not there. */
  objectOrEmpty(name: string): Fields {
    return this.object(name) ?? new Fields({}, this.#path + name);
  }

  /** Its values; none where it is not there. */
  list(name: string): readonly unknown[] {
    const value = this.raw(name) ?? [];
    if (Array.isArray(value)) return value;
    throw this.wrong(name, value, "a list");
  }

  /** A list of objects. */
  objects(name: string): Fields[] {
    return this.list(name).map((value, i) => new Fields(value, `${this.#path}${name}[${i}]`));
  }

  /** A list of texts. */
  texts(name: string): string[] {
    return this.list(name).map((value) => {
      if (typeof value === "string" && value.length <= LONGEST_TEXT) return clean(value);
      throw this.wrong(name, value, "a list of texts");
    });
  }
}

/** A text that can be printed as it is. */
export function clean(text: string): string {
  return text.replace(CONTROL, "\ufffd");
}
