/**
 * From a TOML value to the text that an option's parser takes.
 *
 * @module
 */
import { dirname, isAbsolute, join } from "node:path";
import { OptionError } from "../../core/errors.ts";
import { type Entry, isTable } from "./file.ts";
import { homeFolder } from "./find.ts";
import type { Setting } from "./settings.ts";

/** What is given for a setting, as somebody would type it. */
export type Given = boolean | string | readonly string[];

/** The value of an entry of the file `path`; `label` names it in messages. */
export function givenIn(path: string, label: string, setting: Setting, entry: Entry): Given {
  const { value } = entry;
  if (setting.kind === "flag") {
    if (typeof value === "boolean") return value;
    throw new OptionError(`${entry.at}: ${label} ${shown(value)} is not true or false`);
  }
  const text = (one: unknown, at: string) => {
    const given = setting.isSpec && isTable(one) ? specOf(at, label, one) : scalar(one);
    if (given !== undefined) return setting.isFile ? besideFile(path, given) : given;
    throw new OptionError(`${at}: ${label} ${shown(one)} is ${expected(setting)}`);
  };
  if (setting.kind === "value") return text(value, entry.at);
  const items = Array.isArray(value) ? value : [value];
  return items.map((item, i) => text(item, Array.isArray(value) ? entry.itemAt(i) : entry.at));
}

function expected(setting: Setting): string {
  const one = setting.isSpec ? 'neither a text nor a table as { name = "json" }' : "not a text or a number";
  return setting.kind === "list" ? `${one}, of which it takes a list` : one;
}

function scalar(value: unknown): string | undefined {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : undefined;
}

/** `{ name = "json", file = "a.json" }` as `json:file=a.json`. */
function specOf(at: string, label: string, table: Readonly<Record<string, unknown>>): string {
  const { name, ...rest } = table;
  if (typeof name !== "string" || name === "") {
    throw new OptionError(`${at}: ${label} is a table without a name: write { name = "json", file = "out.json" }`);
  }
  const options = Object.entries(rest).map(([key, value]) => {
    const text = typeof value === "boolean" ? String(value) : scalar(value);
    if (text === undefined) {
      throw new OptionError(`${at}: ${label}: ${key} ${shown(value)} is not a text, a number, true or false`);
    }
    if (text.includes(",")) throw new OptionError(`${at}: ${label}: ${key} '${text}' has a comma, which parts options`);
    return `${key}=${text}`;
  });
  return options.length === 0 ? name : `${name}:${options.join(",")}`;
}

/** A path in a file is relative to that file, so that it means the same wherever the program is started. */
function besideFile(path: string, text: string): string {
  if (text === "" || text === "-" || isAbsolute(text)) return text;
  const home = /^~[/\\]/.test(text) ? homeFolder() : undefined;
  return home === undefined ? join(dirname(path), text) : join(home, text.slice(2));
}

/** A value as it might stand in the file, short enough for a line. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return `[${value.length === 0 ? "" : "…"}]`;
  if (value instanceof Date) return "(a date)";
  if (isTable(value)) return "{…}";
  const text = typeof value === "string" ? `'${value}'` : String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
