/** Manual pages of a commander program: mdoc(7), from the same descriptions as its help. */
import type { Command, Option } from "commander";
import { helpText, optionText } from "../cli/help.ts";
import { settingsOf } from "../cli/config/settings.ts";
import {
  CONFIGURATION_TEXT,
  CONFIGURATION_VARIABLES,
  KEY_FILE_TEXT,
  OPTION_TEXTS,
  PAGE_TEXTS,
  PROGRAM_TEXT,
  RFC_TITLES,
  STATUSES,
  VARIABLES,
} from "./manual_texts.ts";
import { argument, roff, textLines } from "./mdoc.ts";

/** When the texts last changed, for the foot of the pages: not the day they are made on, which would make each build another. */
const DATE = "November 21, 2026";

/** A page and its file. */
export interface Page {
  readonly file: string;
  readonly text: string;
}

/** All pages: the program's, and one a command. */
export function manualPages(program: Command): Page[] {
  return [program, ...program.commands].map((command) => page(program, command));
}

function pageName(program: Command, command: Command): string {
  return command === program ? program.name() : `${program.name()}-${command.name()}`;
}

function page(program: Command, command: Command): Page {
  const name = pageName(program, command);
  const lines = [
    '.\\" Made by scripts/man.ts: change what options say of themselves, or scripts/manual_texts.ts.',
    `.Dd ${DATE}`,
    `.Dt ${name.toUpperCase()} 1`,
    `.Os ${program.name()}`,
    ".Sh NAME",
    `.Nm ${name}`,
    `.Nd ${roff(command.description().replace(/\.$/, ""))}`,
    ".Sh SYNOPSIS",
    ...synopsis(program, command),
    ".Sh DESCRIPTION",
    ...textLines(command === program ? PROGRAM_TEXT : PAGE_TEXTS[command.name()]?.description ?? sentence(command)),
    ...argumentLines(command),
    ...(command === program ? commandLines(program) : []),
    ...section("OPTIONS", optionLines(command)),
    ...section("ENVIRONMENT", variableLines(program, command)),
    ...section("FILES", fileLines(program, command)),
    ...section("EXIT STATUS", statusLines(program, command)),
    ...section("EXAMPLES", exampleLines(command)),
    ...section("SEE ALSO", seeAlso(program, command)),
    ...section("STANDARDS", standardLines(program, command)),
  ];
  return { file: `${name}.1`, text: `${lines.join("\n")}\n` };
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`.Sh ${title}`, ...lines];
}

function sentence(command: Command): string {
  const text = command.description();
  return `${text[0].toUpperCase()}${text.slice(1).replace(/\.$/, "")}.`;
}

function synopsis(program: Command, command: Command): string[] {
  if (command === program) return [`.Nm ${program.name()}`, ".Ar command", ".Op Ar option ..."];
  const words = command.registeredArguments.map((one) => {
    const word = `Ar ${one.name()}${one.variadic ? " ..." : ""}`;
    return one.required ? `.${word}` : `.Op ${word}`;
  });
  return [command.name(), ...command.aliases()].flatMap((name) => [
    `.Nm ${program.name()} ${name}`,
    ".Op Ar option ...",
    ...words,
  ]);
}

function list(items: readonly (readonly [item: string, ...lines: string[]])[]): string[] {
  return [".Bl -tag -width Ds", ...items.flatMap(([item, ...lines]) => [`.It ${item}`, ...lines]), ".El"];
}

function argumentLines(command: Command): string[] {
  const help = command.createHelp();
  const all = help.visibleArguments(command);
  if (all.length === 0) return [];
  const described = command.configureHelp().argumentDescription;
  return [
    ".Pp",
    "Arguments:",
    ...list(all.map((one) => [`Ar ${one.name()}`, ...textLines(described?.(one) ?? help.argumentDescription(one))])),
  ];
}

function commandLines(program: Command): string[] {
  const groups = new Map<string, Command[]>();
  for (const command of program.commands) {
    const heading = command.helpGroup();
    groups.set(heading, [...groups.get(heading) ?? [], command]);
  }
  return [...groups].flatMap(([heading, commands]) => [
    `.Ss ${heading.replace(/:$/, "")}`,
    ...list(commands.map((one) => [
      [one.name(), ...one.aliases()].map((name) => `Cm ${name}`).join(" , "),
      ...textLines(sentence(one)),
      "See",
      `.Xr ${pageName(program, one)} 1 .`,
    ])),
  ]);
}

function optionLines(command: Command): string[] {
  const groups = new Map<string, Option[]>();
  for (const option of command.createHelp().visibleOptions(command)) {
    const heading = option.helpGroupHeading ?? "Options:";
    groups.set(heading, [...groups.get(heading) ?? [], option]);
  }
  const several = groups.size > 1;
  return [...groups].flatMap(([heading, options]) => [
    ...(several ? [`.Ss ${roff(heading.replace(/:$/, ""))}`] : []),
    ...list(options.map((option) => [flags(option), ...optionBody(command, option)])),
  ]);
}

function flags({ short, long, flags }: Option): string {
  const value = /[<[](.+)[>\]]/.exec(flags)?.[1];
  const names = [short?.slice(1), long && `\\-${roff(long.slice(2))}`].filter((name) => name !== undefined);
  return `${names.map((name) => `Fl ${name}`).join(" , ")}${value === undefined ? "" : ` Ar ${argument(value)}`}`;
}

function optionBody(command: Command, option: Option): string[] {
  const text = optionText(option);
  const long = option.long ?? "";
  const more = PAGE_TEXTS[command.name()]?.options?.[long] ?? OPTION_TEXTS[long];
  return textLines(more === undefined || more === "" ? `${text}.` : `${text}. ${more}`);
}

/** Whether options can stand in a file or in the environment. */
function isConfigurable(program: Command, command: Command): boolean {
  return command === program || settingsOf(command).length > 0;
}

function variableLines(program: Command, command: Command): string[] {
  const all = [...(isConfigurable(program, command) ? CONFIGURATION_VARIABLES : []), ...VARIABLES];
  return list(all.map(([name, text]) => [`Ev ${roff(name)}`, ...textLines(text)]));
}

function fileLines(program: Command, command: Command): string[] {
  const keys = command.options.some(({ long }) => long === "--key-file") ? [KEY_FILE_TEXT] : [];
  const texts = [...(isConfigurable(program, command) ? [CONFIGURATION_TEXT] : []), ...keys];
  return texts.length === 0 ? [] : textLines(texts.join("\n\n"));
}

function statusLines(program: Command, command: Command): string[] {
  const has = (one: Command, flag: string) => one.options.some(({ long }) => long === flag);
  const isNetwork = command === program || PAGE_TEXTS[command.name()]?.network === true;
  const known = (of: Command) => has(of, "--fail-if");
  const hasThreshold = command === program ? program.commands.some(known) : known(command);
  const can = { all: true, network: isNetwork, threshold: hasThreshold };
  return list(STATUSES.filter(([, , which]) => can[which]).map(([status, text]) => [`${status}`, ...textLines(text)]));
}

/** Examples of the help: a command, and behind two blanks or on the next line what it does. */
function exampleLines(command: Command): string[] {
  const lines = helpText(command).split("\nExamples:\n")[1]?.trimEnd().split("\n") ?? [];
  const examples: { line: string; what: string }[] = [];
  for (const text of lines) {
    const [, indent, line, what = ""] = /^( +)(.*?)(?: {2,}(.*))?$/.exec(text) ?? [];
    if (line === undefined) continue;
    if (indent.length > 2 && examples.length > 0) examples.at(-1)!.what += ` ${line}`;
    else examples.push({ line, what });
  }
  return examples.flatMap(({ line, what }, i) => {
    const said = what.trim() === "" ? [] : textLines(`${capital(what.trim())}:`);
    const isApart = i > 0 && (said.length > 0 || examples[i - 1].what.trim() !== "");
    return [...(isApart ? [".Pp"] : []), ...said, `.Dl ${argument(line)}`];
  });
}

function capital(text: string): string {
  return text[0].toUpperCase() + text.slice(1);
}

function seeAlso(program: Command, command: Command): string[] {
  const names = [program, ...program.commands].filter((one) => one !== command)
    .map((one) => pageName(program, one)).sort();
  return names.map((name, i) => `.Xr ${name} 1${i < names.length - 1 ? " ," : ""}`);
}

function standardLines(program: Command, command: Command): string[] {
  const of = (one: Command) => PAGE_TEXTS[one.name()]?.standards ?? [];
  const numbers = command === program ? program.commands.flatMap(of) : of(command);
  const sorted = [...new Set(numbers)].sort((a, b) => a - b);
  return sorted.flatMap((number) => [".Rs", `.%T ${argument(RFC_TITLES[number])}`, `.%R RFC ${number}`, ".Re"]);
}
