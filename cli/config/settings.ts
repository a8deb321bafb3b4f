/**
 * What of a command can be configured: read off the command itself, so that a new option is here by itself.
 *
 * @module
 */
import type { Argument, Command, Option } from "commander";
import { isList, shapeOf } from "../shapes.ts";
import type { Parser, Shape } from "../shapes.ts";

/** An option or a positional argument, as a file and the environment know it. */
export interface Setting {
  /** `packet-timeout`; of an argument its name: `remote`. */
  readonly key: string;
  readonly kind: "flag" | "value" | "list";
  /** Where commander keeps an option's value; undefined for an argument. */
  readonly attribute: string | undefined;
  /** Which argument it is, from 0; undefined for an option. */
  readonly index: number | undefined;
  /** `Traffic:`, as in the help. */
  readonly group: string;
  readonly description: string;
  /** Names a file: relative to the configuration file where it stands there. */
  readonly isFile: boolean;
  /** `NAME:key=value`, which a file may also write as a table. */
  readonly isSpec: boolean;
  readonly defaultValue: unknown;
  readonly defaultDescription: string | undefined;
  readonly shape: Shape | undefined;
  /** Attributes of options that cannot be set together with it. */
  readonly conflicts: readonly string[];
  /** Checks a text; what was there before is for lists. */
  readonly parse: Parser;
}

/** A command and what of it can be configured. */
export interface Configurable {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly settings: readonly Setting[];
}

/** The source of a flag that `--no-FLAG` takes back, as commander keeps sources. */
export const SWITCHED_OFF = "off";

/** What says where options come from cannot come from there. */
const NOT_IN_FILES = ["--config", "--no-config", "--print-config", "--help", "--version"];
/** They must work however wrong a configuration is. */
const NEVER = ["version", "help", "completions"];

const asItIs: Parser = (text) => text;

/** What of a command can be configured, in the order of its help: arguments, then options. */
export function settingsOf(command: Command): Setting[] {
  if (NEVER.includes(command.name())) return [];
  const positive = new Set(command.options.filter(({ negate }) => !negate).map((option) => option.attributeName()));
  const options = command.options.filter((option) =>
    option.long != null && !NOT_IN_FILES.includes(option.long) &&
    !(option.negate && positive.has(option.attributeName()))
  );
  // An argument without a default means something by not being there: `doctor` then examines this machine.
  const places = command.registeredArguments.map(fromArgument).filter(({ defaultValue }) => defaultValue !== undefined);
  return [...places, ...options.map(fromOption)];
}

/** All commands of a program. */
export function configurable(program: Command): Configurable[] {
  return program.commands.map((command) => ({
    name: command.name(),
    aliases: command.aliases(),
    settings: settingsOf(command),
  }));
}

function fromArgument(argument: Argument, index: number): Setting {
  return {
    key: argument.name(),
    kind: "value",
    attribute: undefined,
    index,
    group: "Arguments:",
    description: argument.description,
    isFile: false,
    isSpec: false,
    defaultValue: argument.variadic ? undefined : argument.defaultValue,
    defaultDescription: argument.defaultValueDescription,
    shape: { type: "string" },
    conflicts: [],
    parse: argument.parseArg ?? asItIs,
  };
}

function fromOption(option: Option): Setting {
  const takesText = option.required || option.optional;
  const list = option.variadic || isList(option.parseArg) || Array.isArray(option.defaultValue);
  return {
    key: option.negate ? option.name().replace(/^no-/, "") : option.name(),
    kind: !takesText ? "flag" : list ? "list" : "value",
    attribute: option.attributeName(),
    index: undefined,
    group: option.helpGroupHeading ?? "Options:",
    description: option.description,
    isFile: option.flags.endsWith("<FILE>"),
    isSpec: option.flags.endsWith("<SPEC>"),
    defaultValue: option.defaultValue,
    defaultDescription: option.defaultValueDescription,
    shape: shapeOf(option.parseArg),
    conflicts: conflictsOf(option),
    parse: option.parseArg ?? (list ? (text, before) => [...(before as unknown[] | undefined ?? []), text] : asItIs),
  };
}

/** Commander keeps them, and declares them nowhere. */
function conflictsOf(option: Option): readonly string[] {
  return (option as Option & { readonly conflictsWith?: readonly string[] }).conflictsWith ?? [];
}
