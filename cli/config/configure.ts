/**
 * Configuration of every command: `--config`, `--no-config`, `--print-config`, and where they come in.
 *
 * A run without a file and without variables pays for a look at two paths; all else is loaded when there is something.
 *
 * @module
 */
import { type Command, CommanderError, Option } from "commander";
import { print } from "../sinks.ts";
import type { Applied } from "./apply.ts";
import { optionVariables } from "./environment.ts";
import { findFile } from "./find.ts";
import { tellOrigins } from "./origins.ts";
import { SWITCHED_OFF } from "./settings.ts";

const GROUP = "Configuration:";

const fileOptions = () => [
  new Option("--config <FILE>", "options from FILE, not the usual twampede.toml"),
  new Option("--no-config", "read no configuration file"),
];
const PRINT_OPTION = new Option("--print-config", "print options and where they come from");
const OPTIONS = [...fileOptions(), PRINT_OPTION].map((option) => option.helpGroup(GROUP));

/** What each program's last command runs with, for messages. */
const APPLIED = new WeakMap<Command, Applied>();

/** A program whose commands are configured: before any other hook, as others look at what options say. */
export function configured(program: Command): Command {
  return program
    .hook("preSubcommand", (_, command) => beforeParsing(program, command))
    .hook("preAction", (_, command) => beforeRunning(program, command));
}

/** Adds the options to a program that has all its commands. */
export function addConfigOptions(program: Command): void {
  for (const option of fileOptions()) program.addOption(option);
  for (const command of program.commands) {
    for (const option of OPTIONS) command.addOption(option);
  }
}

/** What only few command lines need, before they are parsed: `program.args` is the command and all behind it. */
function beforeParsing(program: Command, command: Command): void {
  if (program.args.some((word) => word.startsWith("--no-"))) addNegations(command);
  if (!program.args.includes("--print-config")) return;
  keepTexts(command);
  // What is only printed needs nothing to work on.
  for (const argument of command.registeredArguments) argument.argOptional();
}

/** `--no-verbose` takes back what a file says; not in the help, as it would double it. */
function addNegations(command: Command): void {
  for (const option of [...command.options]) {
    const negation = option.long?.replace("--", "--no-");
    const isFlag = option.isBoolean() && option !== PRINT_OPTION;
    if (!isFlag || negation === undefined || command.options.some(({ long }) => long === negation)) continue;
    const name = option.attributeName();
    command.addOption(new Option(negation, `not ${option.long}`).hideHelp());
    // As if nothing were set, so that it conflicts with no other option.
    command.on(`option:${negation.slice(2)}`, () => command.setOptionValueWithSource(name, undefined, SWITCHED_OFF));
  }
}

/** What was typed, by attribute: commander keeps only what parsers made of it. */
const TEXTS = new WeakMap<Command, Map<string, string[]>>();

function keepTexts(command: Command): void {
  const texts = new Map<string, string[]>();
  TEXTS.set(command, texts);
  for (const option of command.options) {
    const name = option.attributeName();
    command.on(`option:${option.name()}`, (text: unknown) => {
      if (typeof text === "string") texts.set(name, [...(texts.get(name) ?? []), text]);
    });
  }
}

async function beforeRunning(program: Command, command: Command): Promise<void> {
  if (command.parent !== program) return;
  const printing: boolean = command.getOptionValue("printConfig") ?? false;
  const asked: string | false | undefined = command.getOptionValue("config") ?? program.getOptionValue("config");
  const found = findFile(asked);
  const nothing = found.path === undefined && found.notes.length === 0 && optionVariables().length === 0;
  if (nothing && !printing) return;
  const { applyConfiguration } = await import("./apply.ts");
  const applied = await applyConfiguration(program, command, found);
  APPLIED.set(program, applied);
  if (!printing) return;
  const { printedConfig } = await import("./print.ts");
  print(printedConfig(command, applied, TEXTS.get(command) ?? new Map()));
  throw new CommanderError(0, "twampede.printConfig", "");
}

/**
 * An error of a command, with where the options come from that it names: a value is checked by what uses it, and that
 * does not know who gave it.
 */
export function withOrigins(program: Command, line: string): string {
  const applied = APPLIED.get(program);
  return applied === undefined || applied.choices.length === 0 ? line : tellOrigins(applied, line);
}
