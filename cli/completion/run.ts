/**
 * `complete --word=WORD -- WORDS`: what the scripts of `completions` ask when TAB is pressed. WORDS are all before the
 * cursor but the program's name; WORD is the one that the cursor is in, which some shells cannot hand over when it is
 * empty, unless it is glued to something.
 *
 * @module
 */
import { createProgram } from "../program.ts";
import { print } from "../sinks.ts";
import { complete } from "./complete.ts";
import { suggestionText } from "./suggestion.ts";

/** Prints the suggestion; never says anything else, as it would stand in the line that is being typed. */
export async function runComplete(args: readonly string[]): Promise<number> {
  try {
    const end = args.indexOf("--");
    const [word] = args.slice(0, end);
    if (end !== 1 || !word.startsWith("--word=")) return 2;
    print(suggestionText(await complete(createProgram(() => {}), args.slice(2), word.slice("--word=".length))));
    return 0;
  } catch {
    return 1;
  }
}
