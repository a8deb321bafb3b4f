/**
 * The `completions` command.
 *
 * @module
 */
import { Argument, type Command } from "commander";
import { OptionError } from "../../core/errors.ts";
import { print } from "../sinks.ts";
import { type Shell, SHELLS } from "./shells.ts";

const EXAMPLES = `
Examples:
  source <(twampede completions bash)               in this shell alone
  twampede completions zsh > ~/.zfunc/_twampede     for good
  twampede completions fish | source
  twampede completions powershell | Out-String | Invoke-Expression
`;

/** Adds `completions`. */
export function addCompletions(program: Command, done: (status: number) => void): void {
  const shell = new Argument("<shell>", "the shell; the script says how to install it");
  // By commander's own check the line would not say what was wrong with it.
  shell.argChoices = [...SHELLS];
  shell.argParser((text: string): Shell => {
    const found = SHELLS.find((name) => name === text.toLowerCase());
    if (found !== undefined) return found;
    throw new OptionError(`there are no completions for '${text}': give ${SHELLS.join(", ")}`);
  });
  program.command("completions").description("a script that makes a shell complete commands, options and values")
    .addArgument(shell)
    .addHelpText("after", EXAMPLES)
    .action(async (name: Shell) => {
      const { completionScript } = await import("../commands/completions.ts");
      print(completionScript(name));
      done(0);
    });
}
