/**
 * Runs a command line: errors of any kind become a status and one line on standard error.
 *
 * @module
 */
import { type Command, CommanderError } from "commander";
import { OptionError } from "../core/errors.ts";
import { closest } from "../core/plugin_options.ts";
import { withOrigins } from "./config/configure.ts";
import { Exit, explain } from "./exit.ts";
import { faults } from "./plugins/faults.ts";
import { print, printError } from "./sinks.ts";
import { HELP_OUTPUT, helpFor } from "./help.ts";
import { createProgram } from "./program.ts";
import { errorLine } from "./style.ts";

/** Runs `args`; resolves to the exit status. */
export async function run(args: readonly string[]): Promise<number> {
  let status: number = Exit.DONE;
  const program = createProgram((result) => status = result);
  prepare(program);
  try {
    if (args.length === 0) {
      program.outputHelp();
      return Exit.DONE;
    }
    refuseUnknownCommand(program, args[0] === "help" ? args[1] ?? "help" : args[0]);
    await program.parseAsync(args, { from: "user" });
    // What a plugin did wrong did not stop the command, and is not to be overlooked.
    return status === Exit.DONE && faults.any ? Exit.NOT_MADE : status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? Exit.DONE : Exit.USAGE;
    const { status, line } = explain(error);
    printError(errorLine(withOrigins(program, line)));
    return status;
  }
}

/** Said before anything else: `bogus --help` is no call for help. */
function refuseUnknownCommand(program: Command, name: string): void {
  const known = program.commands.flatMap((command) => [command.name(), ...command.aliases()]);
  if (name.startsWith("-") || name === "help" || known.includes(name)) return;
  const meant = closest(name, [...known, "help"]);
  const guess = meant === undefined ? "" : `; did you mean ${meant}?`;
  throw new OptionError(`unknown command '${name}'${guess} (twampede --help lists what there is)`);
}

/** Errors of the command line are one line, and end the program by an exception instead of an exit. */
function prepare(command: Command): void {
  command.exitOverride().configureOutput({
    ...HELP_OUTPUT,
    writeOut: (text) => print(helpFor(1, text)),
    writeErr: printError,
    outputError: (text, write) => write(oneLine(text, command)),
  });
  command.commands.forEach(prepare);
}

/** `error: unknown option '--cuont'\n(Did you mean --count?)` as one line with what to do. */
function oneLine(text: string, command: Command): string {
  const [what, ...rest] = text.trim().replace(/^error: /, "").split("\n");
  const meant = /\(Did you mean (.*)\?\)/.exec(rest.join(" "))?.[1];
  const names = [command.name()];
  for (let above = command.parent; above !== null; above = above.parent) names.unshift(above.name());
  const guess = meant === undefined ? "" : `; did you mean ${meant}?`;
  return errorLine(`${what}${guess} (${names.join(" ")} --help lists what there is)`);
}
