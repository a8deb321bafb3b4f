/**
 * A configuration file: read, parsed, and its sections and keys checked against the commands.
 *
 * @module
 */
import { parse, TomlError } from "smol-toml";
import { OptionError } from "../../core/errors.ts";
import { closest } from "../../core/plugin_options.ts";
import { linesOf, place } from "./lines.ts";
import type { Configurable, Setting } from "./settings.ts";
import { readBounded } from "../bounded_file.ts";

/** What all commands share that have the option. */
export const COMMON = "common";
/** Deeper than any value of ours, and no depth that could exhaust the stack. */
const MOST_DEPTH = 16;

/** A key of a section, with its value as TOML has it. */
export interface Entry {
  readonly value: unknown;
  /** `FILE:LINE`. */
  readonly at: string;
  /** The same of an item of its list. */
  readonly itemAt: (index: number) => string;
}

/** The keys of a section. */
export type Section = ReadonlyMap<string, Entry>;

/** A file that was read. */
export interface ConfigFile {
  readonly path: string;
  /** By command, and {@linkcode COMMON}. */
  readonly sections: ReadonlyMap<string, Section>;
}

/** Reads a file; all its names must be known, of its values those that are used are checked by who uses them. */
export function readConfig(path: string, commands: readonly Configurable[]): ConfigFile {
  const text = readText(path);
  const document = parseToml(path, text);
  const lines = linesOf(text);
  const at = (...keys: readonly (string | number)[]) => `${path}:${lineOf(lines, keys)}`;
  const sections = new Map<string, Section>();
  for (const [name, table] of Object.entries(document)) {
    if (!isTable(table)) throw new OptionError(noSection(at(name), name, table));
    const command = commands.find((one) => one.name === name || one.aliases.includes(name));
    if (command === undefined && name !== COMMON) throw new OptionError(unknownSection(at(name), name, commands));
    const section = command?.name ?? COMMON;
    if (sections.has(section)) {
      throw new OptionError(`${at(name)}: [${name}] is there already, as [${section}]: put both into one`);
    }
    const known = command === undefined ? commands.flatMap(({ settings }) => settings) : command.settings;
    const entries = new Map<string, Entry>();
    for (const [key, value] of Object.entries(table)) {
      if (!known.some((setting) => setting.key === key)) {
        throw new OptionError(unknownKey(at(name, key), name, key, known, commands));
      }
      entries.set(key, { value, at: at(name, key), itemAt: (index) => at(name, key, index) });
    }
    sections.set(section, entries);
  }
  return { path, sections };
}

/** The line of a key, or of the nearest thing around it that has one. */
function lineOf(lines: ReadonlyMap<string, number>, keys: readonly (string | number)[]): number {
  for (let length = keys.length; length > 0; length--) {
    const line = lines.get(place(...keys.slice(0, length)));
    if (line !== undefined) return line;
  }
  return 1;
}

/** More than anybody writes by hand. */
const MOST_OCTETS = 1 << 20;

const WHY: Readonly<Record<string, string>> = {
  ENOENT: "is not there",
  ENOTDIR: "is not there",
  EACCES: "may not be read by you",
  EPERM: "may not be read by you",
  EISDIR: "is a folder",
};

function readText(path: string): string {
  let octets: Uint8Array | undefined;
  try {
    octets = readBounded(path, MOST_OCTETS);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new OptionError(
      `configuration file '${path}' ${WHY[code ?? ""] ?? `cannot be read: ${message.split("\n")[0]}`}; ` +
        `name another with --config FILE, or run without one: --no-config`,
    );
  }
  if (octets === undefined) {
    throw new OptionError(`configuration file '${path}' has more than ${MOST_OCTETS} octets: is it one?`);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(octets);
  } catch {
    throw new OptionError(`configuration file '${path}' is not UTF-8 text: save it as UTF-8`);
  }
}

function parseToml(path: string, text: string): Readonly<Record<string, unknown>> {
  try {
    return parse(text, { maxDepth: MOST_DEPTH });
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const what = error.message.split("\n")[0].replace(/^Invalid TOML document: /, "");
    throw new OptionError(`${path}:${error.line}:${error.column}: this is not TOML: ${what}`);
  }
}

/** A table, and no list or date. */
export function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function noSection(at: string, name: string, value: unknown): string {
  if (Array.isArray(value) && value.every(isTable)) return `${at}: [[${name}]] is a list of sections: write [${name}]`;
  return `${at}: '${name}' stands in no section: put it below [${COMMON}], or below a command as [sender]`;
}

function unknownSection(at: string, name: string, commands: readonly Configurable[]): string {
  const names = [COMMON, ...commands.filter(({ settings }) => settings.length > 0).map((one) => one.name)];
  const meant = closest(name, [...names, ...commands.flatMap(({ aliases }) => aliases)]);
  const guess = meant === undefined ? "" : `; did you mean [${meant}]?`;
  return `${at}: unknown section [${name}]${guess} (sections are ${names.join(", ")})`;
}

function unknownKey(
  at: string,
  section: string,
  key: string,
  known: readonly Setting[],
  commands: readonly Configurable[],
): string {
  const what = `${at}: unknown key '${key}' in [${section}]`;
  const elsewhere = commands.filter(({ settings }) => settings.some((setting) => setting.key === key));
  if (elsewhere.length > 0) return `${what}: it is an option of ${elsewhere.map(({ name }) => name).join(", ")}`;
  const meant = closest(key.replaceAll("_", "-"), [...new Set(known.map((setting) => setting.key))]);
  const help = section === COMMON ? "sender" : section;
  return `${what}${
    meant === undefined ? "" : `; did you mean ${meant}?`
  } (twampede ${help} --help lists what there is)`;
}
