/**
 * What `--print-config` prints: every option of a command with its value and where that comes from, as a configuration
 * file that says the same.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Command } from "commander";
import type { Applied } from "./apply.ts";
import { type Setting, SWITCHED_OFF } from "./settings.ts";
import type { Given } from "./values.ts";

/** Where comments begin, if nothing is longer. */
const COLUMN = 32;
const WIDTH = 80;

/** The text; `typed` is what the command line gives, by attribute. */
export function printedConfig(command: Command, applied: Applied, typed: ReadonlyMap<string, readonly string[]>) {
  const { name, settings } = applied.command;
  const lines = [
    comment(`Options of twampede ${name}, and where each value comes from.`),
    comment(applied.path === undefined ? "No configuration file is read." : `Configuration file: ${applied.path}`),
    "",
    `[${name}]`,
  ];
  // As in the help, options of one group stand together, wherever they were declared.
  for (const [group, members] of Map.groupBy(settings, (setting) => setting.group)) {
    lines.push("", comment(group.replace(/:$/, "")));
    for (const setting of members) lines.push(settingLine(setting, ...source(command, applied, setting, typed)));
  }
  if (settings.length === 0) lines.push(comment("It has no options."));
  return `${lines.join("\n")}\n`;
}

/** The value, undefined for none, and where it comes from. */
function source(
  command: Command,
  { choices }: Applied,
  setting: Setting,
  typed: ReadonlyMap<string, readonly string[]>,
): [given: Given | undefined, from: string] {
  const choice = choices.find((one) => one.setting === setting);
  if (choice !== undefined) {
    const { given, from } = choice;
    return [absolute(setting, given), choice.source === "env" ? `environment ${from}` : from];
  }
  const flag = fromCommandLine(command, setting, typed);
  return flag === undefined ? fromDefault(setting) : [absolute(setting, flag), "flag"];
}

function fromCommandLine(
  command: Command,
  { kind, attribute, index }: Setting,
  typed: ReadonlyMap<string, readonly string[]>,
): Given | undefined {
  if (attribute === undefined) return index === undefined ? undefined : command.args[index];
  const from = command.getOptionValueSource(attribute);
  if (from === SWITCHED_OFF) return false;
  if (from !== "cli") return undefined;
  if (kind === "flag") return command.getOptionValue(attribute) === true;
  const texts = typed.get(attribute) ?? [];
  return kind === "list" ? texts : texts.at(-1);
}

/** What it comes to where nobody says anything, as somebody would write it. */
function fromDefault(setting: Setting): [given: Given | undefined, from: string] {
  const { kind, defaultValue, defaultDescription, description } = setting;
  if (kind === "flag") return [defaultValue === true, "default"];
  const text = defaultText(setting);
  if (text !== undefined) {
    const says = defaultDescription !== undefined && defaultDescription !== text ? `: ${defaultDescription}` : "";
    return [text, `default${says}`];
  }
  const told = defaultDescription ?? /\(default: (.*)\)/.exec(description)?.[1];
  return [undefined, defaultValue === undefined && told === undefined ? "not set" : `default: ${told}`];
}

/** A text that the parser makes the default of, if there is one. */
export function defaultText({ defaultValue, defaultDescription, parse }: Setting): Given | undefined {
  if (defaultValue === undefined) return undefined;
  if (Array.isArray(defaultValue)) return defaultValue.length === 0 ? [] : undefined;
  return [defaultDescription, String(defaultValue)].find((text) => {
    try {
      return text !== undefined && isDeepStrictEqual(parse(text, undefined), defaultValue);
    } catch {
      return false;
    }
  });
}

/** Files as they are found from anywhere. */
function absolute(setting: Setting, given: Given): Given {
  if (!setting.isFile || typeof given === "boolean") return given;
  // A plugin may be the name of an installed package instead.
  const isName = (text: string) => setting.key === "plugin" && !existsSync(text);
  const path = (text: string) => text === "" || text === "-" || isName(text) ? text : resolve(text);
  return typeof given === "string" ? path(given) : given.map(path);
}

function settingLine({ key }: Setting, given: Given | undefined, from: string): string {
  const text = given === undefined ? `# ${key}` : `${key} = ${toml(given)}`;
  const line = (why: string) => `${text.padEnd(COLUMN - 1)} ${comment(why)}`;
  // A default that is told in half a sentence is told in the help.
  return given === undefined && line(from).length > WIDTH ? line("default: see --help") : line(from);
}

function comment(text: string): string {
  // deno-lint-ignore no-control-regex
  return `# ${text.replace(/[\x00-\x1f\x7f]/g, "?")}`;
}

/** A value as TOML has it. */
export function toml(given: Given): string {
  if (typeof given === "boolean") return String(given);
  if (typeof given !== "string") return `[${given.map(toml).join(", ")}]`;
  if (/^-?(0|[1-9]\d{0,14})(\.\d{1,9})?$/.test(given) && String(Number(given)) === given) return given;
  // deno-lint-ignore no-control-regex
  if (given.includes("\\") && !/['\x00-\x1f\x7f]/.test(given)) return `'${given}'`;
  return JSON.stringify(given).replaceAll("\x7f", "\\u007f");
}
