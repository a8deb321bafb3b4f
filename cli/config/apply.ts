/**
 * Puts what the environment and a file say into a command that is about to run.
 *
 * @module
 */
import type { Command } from "commander";
import { closest } from "../../core/plugin_options.ts";
import { openLog } from "../log.ts";
import { optionVariables, variableName } from "./environment.ts";
import type { ConfigFile } from "./file.ts";
import type { Found } from "./find.ts";
import { type Choice, choose } from "./layers.ts";
import { type Configurable, configurable, type Setting, SWITCHED_OFF } from "./settings.ts";

/** What a command runs with. */
export interface Applied {
  readonly command: Configurable;
  readonly path: string | undefined;
  readonly choices: readonly Choice[];
}

/** Reads and applies. */
export async function applyConfiguration(
  program: Command,
  command: Command,
  { path, notes }: Found,
): Promise<Applied> {
  const commands = configurable(program);
  const own = commands.find(({ name }) => name === command.name());
  const applied: Configurable = own ?? { name: command.name(), aliases: [], settings: [] };
  let file: ConfigFile | undefined;
  const isUsed = applied.settings.length > 0;
  if (path !== undefined && isUsed) {
    file = (await import("./file.ts")).readConfig(path, commands);
  }
  const choices = choose(applied, file, taken(command, applied.settings));
  for (const { setting, value, source } of choices) put(command, setting, value, source);
  if (isUsed) await tell(command, [...notes, ...misspelt(commands)], file);
  return { command: applied, path: file?.path, choices };
}

/** What the command line gives, with false for a flag that it switches off. */
function taken(command: Command, settings: readonly Setting[]): Map<string, unknown> {
  const given = new Map<string, unknown>();
  for (const { key, attribute, index } of settings) {
    if (attribute === undefined) {
      if (index !== undefined && command.args.length > index) given.set(key, true);
    } else {
      const source = command.getOptionValueSource(attribute);
      if (source === "cli" || source === SWITCHED_OFF) given.set(key, source === "cli");
    }
  }
  return given;
}

function put(command: Command, { attribute, index }: Setting, value: unknown, source: string): void {
  if (attribute !== undefined) command.setOptionValueWithSource(attribute, value, source);
  else if (index !== undefined) command.processedArgs[index] = value;
}

/** Which file it was, and what was passed over. */
async function tell(command: Command, notes: readonly string[], file: ConfigFile | undefined): Promise<void> {
  const { quiet, verbose, debug, logfile } = command.opts();
  if (quiet || (notes.length === 0 && (file === undefined || !(verbose || debug)))) return;
  const log = openLog(verbose || debug ? "verbose" : "normal", logfile);
  for (const note of notes) log.note(`note: ${note}`);
  if (file !== undefined) log.info(`configuration: ${file.path}`);
  await log.close();
}

/** Only what is close to an option: others may have variables of that prefix for purposes of their own. */
function misspelt(commands: readonly Configurable[]): string[] {
  const known = new Set(
    commands.flatMap(({ name, settings }) =>
      settings.flatMap(({ key }) => [variableName(key), variableName(key, name)])
    ),
  );
  const word = (name: string) => name.replace("TWAMPEDE_", "");
  const words = [...known].map(word);
  return optionVariables().filter((name) => !known.has(name)).flatMap((name) => {
    const meant = closest(word(name), words);
    return meant === undefined ? [] : [`${name} in the environment is no option; did you mean TWAMPEDE_${meant}?`];
  });
}
