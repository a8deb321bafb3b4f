/**
 * Flag over environment over file over default: what the lower places say, as far as the higher ones leave it to them.
 *
 * @module
 */
import { CommanderError } from "commander";
import { OptionError } from "../../core/errors.ts";
import { flagValue, readVariable, splitList, variableName } from "./environment.ts";
import { COMMON, type ConfigFile, type Section } from "./file.ts";
import type { Configurable, Setting } from "./settings.ts";
import { type Given, givenIn } from "./values.ts";

/** A value from the environment or a file. */
export interface Choice {
  readonly setting: Setting;
  readonly given: Given;
  /** What the option's parser made of it. */
  readonly value: unknown;
  readonly source: "env" | "config";
  /** `TWAMPEDE_COUNT`, or `FILE:LINE`. */
  readonly from: string;
  /** The same of an item, if it is a list. */
  readonly itemFrom: (index: number) => string;
}

/** Of these one replaces the other that a lower place has, though in one place they may stand together. */
const INSTEAD = [["tos", "dscp"], ["padding", "profile"], ["telegraf", "output"]];

type Layer = readonly (() => Choice | undefined)[];

/**
 * What the environment and the file say of a command. `taken`: the keys that the command line gives, with false for a
 * flag that it switches off.
 */
export function choose(
  command: Configurable,
  file: ConfigFile | undefined,
  taken: ReadonlyMap<string, unknown>,
): Choice[] {
  const { name, settings } = command;
  const chosen = new Map<string, Choice>();
  const above = new Map(taken);
  const layers: Layer[] = [
    settings.map((setting) => () => fromVariable(setting, variableName(setting.key, name))),
    settings.map((setting) => () => fromVariable(setting, variableName(setting.key))),
    fromSection(settings, file, name),
    fromSection(settings, file, COMMON),
  ];
  for (const layer of layers) {
    const here: Choice[] = [];
    settings.forEach((setting, i) => {
      if (above.has(setting.key) || settings.some((other) => above.get(other.key) && excludes(setting, other))) return;
      const choice = layer[i]();
      if (choice !== undefined) here.push(choice);
    });
    refuseConflicts(here);
    for (const choice of here) {
      chosen.set(choice.setting.key, choice);
      above.set(choice.setting.key, choice.given !== false);
    }
  }
  return settings.flatMap(({ key }) => chosen.get(key) ?? []);
}

function excludes(one: Setting, other: Setting): boolean {
  return conflict(one, other) ||
    INSTEAD.some((pair) => one.key !== other.key && pair.includes(one.key) && pair.includes(other.key));
}

function conflict(one: Setting, other: Setting): boolean {
  const names = (from: Setting, to: Setting) => to.attribute !== undefined && from.conflicts.includes(to.attribute);
  return names(one, other) || names(other, one);
}

/** In one place they are a mistake, as on one command line. */
function refuseConflicts(choices: readonly Choice[]): void {
  const on = choices.filter(({ given }) => given !== false);
  for (const [i, one] of on.entries()) {
    const other = on.slice(i + 1).find(({ setting }) => conflict(one.setting, setting));
    if (other === undefined) continue;
    const [first, second] = one.source === "env"
      ? [one.from, other.from]
      : [`${one.from}: ${one.setting.key}`, `${other.setting.key} (${other.from})`];
    throw new OptionError(`${first} and ${second} cannot be set together: keep one`);
  }
}

function fromVariable(setting: Setting, name: string): Choice | undefined {
  const text = readVariable(name);
  if (text === undefined) return undefined;
  const given = setting.kind === "flag" ? flagValue(text) : setting.kind === "list" ? splitList(text) : text;
  if (given === undefined) throw new OptionError(`${name} '${text}' is neither true nor false: write 1 or 0`);
  const value = parsed(setting, given, () => "", name);
  return { setting, given, value, source: "env", from: name, itemFrom: () => name };
}

function fromSection(settings: readonly Setting[], file: ConfigFile | undefined, name: string): Layer {
  const section: Section | undefined = file?.sections.get(name);
  return settings.map((setting) => () => {
    const entry = section?.get(setting.key);
    if (file === undefined || entry === undefined) return undefined;
    const label = `[${name}] ${setting.key}`;
    const given = givenIn(file.path, label, setting, entry);
    const itemFrom = (index: number) => Array.isArray(entry.value) ? entry.itemAt(index) : entry.at;
    const value = parsed(setting, given, (index) => `${itemFrom(index)}: `, label);
    return { setting, given, value, source: "config", from: entry.at, itemFrom };
  });
}

/** What the parser of the command line makes of it; its complaints name `label` instead of the option. */
function parsed(setting: Setting, given: Given, at: (index: number) => string, label: string): unknown {
  if (typeof given === "boolean") return given;
  const texts = typeof given === "string" ? [given] : given;
  let value: unknown = typeof given === "string" ? undefined : [];
  texts.forEach((text, i) => {
    try {
      value = setting.parse(text, value);
    } catch (error) {
      if (!(error instanceof OptionError) && !(error instanceof CommanderError)) throw error;
      throw new OptionError(at(i) + relabelled(error.message, setting, text, label));
    }
  });
  return value;
}

function relabelled(message: string, setting: Setting, text: string, label: string): string {
  const option = `--${setting.key} `;
  return message.startsWith(option) ? `${label} ${message.slice(option.length)}` : `${label} '${text}': ${message}`;
}
