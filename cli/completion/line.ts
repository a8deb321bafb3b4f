/**
 * Where the cursor is on a command line: at a command, an option, its value or an argument.
 *
 * @module
 */
import type { Argument, Command, Option } from "commander";

/** What the word under the cursor can be. `prefix` is the part of it that stands before what is to be completed. */
export type Place =
  | { readonly kind: "command"; readonly of: Command }
  | { readonly kind: "option"; readonly of: Command }
  | { readonly kind: "value"; readonly of: Command; readonly option: Option; readonly prefix: string }
  | { readonly kind: "argument"; readonly of: Command; readonly argument: Argument }
  | { readonly kind: "nothing" };

/** Options that `command` takes, `--help` and those of a version among them. */
export function optionsOf(command: Command): readonly Option[] {
  return command.createHelp().visibleOptions(command);
}

/** Commands below `command`; what is hidden is not there. */
export function commandsOf(command: Command): readonly Command[] {
  return command.createHelp().visibleCommands(command);
}

/** Follows `words`, all before the cursor but the program's name, to the place of the word `current`. */
export function placeOf(program: Command, words: readonly string[], current: string): Place {
  let command = program;
  let pending: Option | undefined;
  let ended = false;
  let position = 0;
  for (const word of words) {
    if (pending !== undefined) pending = undefined;
    else if (ended) position++;
    else if (word === "--") ended = true;
    else if (word.startsWith("-") && word !== "-") pending = wanting(command, word);
    else {
      const next = commandsOf(command).find((one) => one.name() === word || one.aliases().includes(word));
      if (next === undefined) position++;
      else command = next;
    }
  }
  if (pending !== undefined) return { kind: "value", of: command, option: pending, prefix: "" };
  if (!ended && current.startsWith("-")) return optionOrValue(command, current);
  if (commandsOf(command).length > 0) return { kind: position === 0 ? "command" : "nothing", of: command };
  if (command.name() === "help") return { kind: position === 0 ? "command" : "nothing", of: program };
  const all = command.registeredArguments;
  const argument = all[Math.min(position, all.length - 1)];
  if (argument === undefined || (position >= all.length && !argument.variadic)) return { kind: "nothing" };
  return { kind: "argument", of: command, argument };
}

/** The option of `word` that has its value in the next word. */
function wanting(command: Command, word: string): Option | undefined {
  const options = optionsOf(command);
  if (word.startsWith("--")) {
    return word.includes("=") ? undefined : options.find((one) => one.long === word && one.required);
  }
  // Letters may stand together, and the value of the last one may be glued to it: -qc 5, -c5.
  for (let i = 1; i < word.length; i++) {
    const option = options.find((one) => one.short === `-${word[i]}`);
    if (option?.required) return i === word.length - 1 ? option : undefined;
  }
  return undefined;
}

function optionOrValue(command: Command, current: string): Place {
  const options = optionsOf(command);
  const equals = current.indexOf("=");
  if (current.startsWith("--") && equals > 0) {
    const option = options.find((one) => one.long === current.slice(0, equals) && (one.required || one.optional));
    return option === undefined
      ? { kind: "nothing" }
      : { kind: "value", of: command, option, prefix: current.slice(0, equals + 1) };
  }
  const glued = options.find((one) => one.short !== undefined && one.required && current.startsWith(one.short));
  if (glued !== undefined && current.length > 2 && !current.startsWith("--")) {
    return { kind: "value", of: command, option: glued, prefix: current.slice(0, 2) };
  }
  return { kind: "option", of: command };
}
