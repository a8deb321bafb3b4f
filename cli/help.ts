/**
 * What `--help` looks like: groups, widths, colours.
 *
 * @module
 */
import { Command, Help, type HelpConfiguration, type Option } from "commander";
import process from "node:process";
import { type Descriptor, isColoured, paint } from "./style.ts";

/** Where there is no terminal, and what every line fits. */
const WIDTH = 80;
/** Longer lines are hard to read. */
const WIDEST = 120;

/** Commands under a heading each; what is not here is under the last. */
const GROUPS: readonly (readonly [heading: string, ...names: string[]])[] = [
  ["Measure:", "sender", "controller", "controlclient", "demo"],
  ["Answer:", "responder", "server"],
  ["Look into:", "doctor", "decode", "report"],
  ["Lists and helpers:"],
];

/** For the program, before it has commands: they take it over. */
export const HELP: HelpConfiguration = {
  subcommandTerm: (sub) => [sub.name(), ...sub.aliases()].join(", "),
  optionDescription: optionText,
  argumentDescription: (argument) => unquoted(Help.prototype.argumentDescription.call(new Help(), argument)),
  styleTitle: (text) => paint("bold", text),
  styleOptionTerm: (text) => paint("cyan", text),
  styleSubcommandTerm: (text) => paint("cyan", text),
  styleArgumentTerm: (text) => paint("cyan", text),
};

/** What is said of an option, its default included. */
export function optionText(option: Option): string {
  return unquoted(Help.prototype.optionDescription.call(new Help(), option));
}

/** `(default: "twamp")` is typed without its quotes. */
function unquoted(text: string): string {
  return text.replace(/\((?:default|choices): [^)]*\)$/, (extra) => extra.replaceAll('"', ""));
}

/** Puts the commands under their headings, `help` among them. */
export function arrange(program: Command): void {
  const last = GROUPS.at(-1)![0];
  for (const command of program.commands) {
    command.helpGroup(GROUPS.find(([, ...names]) => names.includes(command.name()))?.[0] ?? last);
  }
  const order = (command: Command) => GROUPS.findIndex(([heading]) => heading === command.helpGroup());
  // Commander shows groups in the order of their first commands.
  (program.commands as Command[]).sort((a, b) => order(a) - order(b));
  const help = new Command("help").description("this text, or that of one command").argument("[command]").helpOption(
    false,
  );
  program.addHelpCommand(help.helpGroup(last));
}

/** How wide a terminal is; 80 where there is none. */
function widthOf(stream: { readonly isTTY?: boolean; readonly columns?: number }): number {
  return stream.isTTY && stream.columns ? Math.min(stream.columns, WIDEST) : WIDTH;
}

/** For every command: widths and colours of what it prints, as commander asks for them. */
export const HELP_OUTPUT = {
  getOutHelpWidth: () => widthOf(process.stdout),
  getErrHelpWidth: () => widthOf(process.stderr),
  getOutHasColors: () => isColoured(1),
  getErrHasColors: () => isColoured(2),
};

/** Help as it goes to `fd`: the headings of examples come as plain text. */
export function helpFor(fd: Descriptor, text: string): string {
  return isColoured(fd) ? text.replace(/^Examples:$/gm, (heading) => paint("bold", heading)) : text;
}

/** The help of a command as it is without a terminal. */
export function helpText(command: Command): string {
  let text = "";
  command.configureOutput({
    writeOut: (part) => text += part,
    getOutHelpWidth: () => WIDTH,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return text;
}
