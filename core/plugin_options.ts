/**
 * Plugins as people name them, with options: `imix`, `jumbo:size=9000`, `fixed:padding=27,fill=random`.
 *
 * The first colon ends the name, commas part the options, the first `=` ends a key. A value may have colons and `=`,
 * but no comma.
 *
 * @module
 */
import { OptionError } from "./errors.ts";
import type { OptionSpec, PluginInfo, PluginOptions } from "./plugin.ts";
import { parseDuration } from "./time/duration.ts";

/** What somebody asked for. */
export interface PluginChoice<P, K extends string = never> {
  readonly plugin: P;
  /** Checked, with the defaults filled in; what is neither given nor has a default is not there. */
  readonly options: PluginOptions;
  /** The keys that the caller handles itself, where they were given. */
  readonly extra: Readonly<Partial<Record<K, string>>>;
}

/**
 * Finds the plugin that `text` names, and checks its options.
 *
 * @param flag what the user typed before it, for messages: `--profile`
 * @param extraKeys keys that every plugin takes besides its own, and the caller handles: `file`
 * @throws OptionError
 */
export function parsePluginOptions<P extends PluginInfo, K extends string = never>(
  flag: string,
  text: string,
  plugins: readonly P[],
  extraKeys: readonly K[] = [],
): PluginChoice<P, K> {
  const colon = text.indexOf(":");
  const plugin = findPlugin(flag, colon < 0 ? text : text.slice(0, colon), plugins);
  const given = colon < 0 ? new Map<string, string | undefined>() : splitOptions(flag, text, text.slice(colon + 1));
  const where = `${flag} ${plugin.name}`;
  const options: Record<string, string | number | boolean> = {};
  for (const spec of plugin.options) {
    const value = given.has(spec.name) ? given.get(spec.name) ?? bare(where, spec) : spec.default;
    if (value !== undefined) options[spec.name] = typeof value === "string" ? convert(where, spec, value) : value;
    given.delete(spec.name);
  }
  const extra: Partial<Record<K, string>> = {};
  for (const key of extraKeys) {
    if (given.has(key)) extra[key] = given.get(key) ?? "";
    given.delete(key);
  }
  for (const key of given.keys()) throw unknownKey(where, key, [...plugin.options.map((o) => o.name), ...extraKeys]);
  return { plugin, options, extra };
}

function findPlugin<P extends PluginInfo>(flag: string, name: string, plugins: readonly P[]): P {
  const found = plugins.find((plugin) => plugin.name === name);
  if (found !== undefined) return found;
  const names = plugins.map((plugin) => plugin.name);
  const what = name === "" ? "has no name" : `'${name}' is unknown`;
  throw new OptionError(`${flag} ${what}: give ${list(names)}${suggest(name, names)}`);
}

/** Keys and their values, undefined where there is no `=`. */
function splitOptions(flag: string, whole: string, text: string): Map<string, string | undefined> {
  const given = new Map<string, string | undefined>();
  for (const part of text.split(",")) {
    const equals = part.indexOf("=");
    const key = equals < 0 ? part : part.slice(0, equals);
    if (key === "") {
      throw new OptionError(`${flag} '${whole}' has an option without a name: write NAME:key=value,key=value`);
    }
    if (given.has(key)) throw new OptionError(`${flag} '${whole}' has the option '${key}' twice: give it once`);
    given.set(key, equals < 0 ? undefined : part.slice(equals + 1));
  }
  return given;
}

/** What a key alone means. */
function bare(where: string, spec: OptionSpec): boolean {
  if (spec.type === "boolean") return true;
  throw new OptionError(`${where}: option '${spec.name}' has no value: write ${spec.name}=${EXAMPLE[spec.type]}`);
}

const EXAMPLE = { string: "TEXT", number: "1.5", duration: "10ms", size: "1500", boolean: "yes" };
const EXPECTED = {
  string: "a text",
  number: "a number: write it as 27 or 1.5",
  duration: "a time: write a number of milliseconds, or a unit as 500us, 10ms, 2s",
  size: "a number of octets: write it as 1500 or 9k",
  boolean: "yes or no",
};

/** The value that `text` stands for. */
function convert(where: string, spec: OptionSpec, text: string): string | number | boolean {
  if (spec.choices !== undefined && !spec.choices.includes(text)) {
    const hint = suggest(text, spec.choices);
    throw new OptionError(`${where}: ${spec.name} '${text}' is unknown: give ${list(spec.choices)}${hint}`);
  }
  const value = VALUE[spec.type](text);
  if (value === undefined) throw new OptionError(`${where}: ${spec.name} '${text}' is not ${EXPECTED[spec.type]}`);
  return value;
}

const BOOLEANS: Readonly<Record<string, boolean>> = {
  yes: true,
  no: false,
  true: true,
  false: false,
  on: true,
  off: false,
  "1": true,
  "0": false,
};
/** `k` is 1000, as in a 9k frame; `Ki` is 1024. */
const MULTIPLES: Readonly<Record<string, number>> = {
  "": 1,
  k: 1e3,
  K: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
};

const VALUE = {
  string: (text: string) => text,
  number(text: string) {
    const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
    return Number.isFinite(value) ? value : undefined;
  },
  duration: (text: string) => parseDuration(text, 1e6),
  size(text: string) {
    const [, digits, unit] = /^(\d+(?:\.\d+)?)([kKMG]i?)?$/.exec(text) ?? [];
    const octets = Number(digits) * (MULTIPLES[unit ?? ""] ?? NaN);
    return Number.isSafeInteger(octets) ? octets : undefined;
  },
  boolean: (text: string) => Object.hasOwn(BOOLEANS, text) ? BOOLEANS[text] : undefined,
};

function unknownKey(where: string, key: string, allowed: readonly string[]): OptionError {
  const takes = allowed.length === 0 ? "it takes none" : `it takes ${list(allowed)}`;
  return new OptionError(`${where} has no option '${key}': ${takes}${suggest(key, allowed)}`);
}

function list(words: readonly string[]): string {
  return words.join(", ");
}

function suggest(word: string, candidates: readonly string[]): string {
  const close = closest(word, candidates);
  return close === undefined ? "" : ` (did you mean ${close}?)`;
}

/** The candidate that `word` is probably a misspelling of, if there is one. */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.max(word.length, 3) * 0.4; // more edits than this are another word
  for (const candidate of candidates) {
    const edits = distance(word.toLowerCase(), candidate.toLowerCase());
    if (edits <= least && (best === undefined || edits < least)) [best, least] = [candidate, edits];
  }
  return best;
}

/** Edits from one word to the other: insert, delete, replace a letter, exchange two neighbours. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + same);
      const exchanged = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (exchanged) row[j] = Math.min(row[j], before[j - 2] + 1);
    }
    [before, last] = [last, row];
  }
  return last[b.length];
}
