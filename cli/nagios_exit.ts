/**
 * `--output nagios:exit`: whatever becomes of a run, standard output has a line for Nagios, and the exit status is one of
 * its four.
 *
 * @module
 */
import { nagiosNoResult } from "../outputs/mod.ts";
import { Exit, explain } from "./exit.ts";
import type { OutputSet } from "./outputs.ts";
import { print, printError } from "./sinks.ts";

/**
 * Runs a measurement. Its outputs may decide on the exit status; where that of Nagios would have and there is no result,
 * the line that says so is written here: a host that cannot be reached is critical, a mistake of the user is not known.
 */
export async function decided(outputs: OutputSet, run: () => Promise<number>): Promise<number> {
  if (!outputs.decides) {
    const status = await run();
    return outputs.exitStatus ?? status;
  }
  let status: number;
  let why = "there is no result, standard error says why";
  try {
    status = await run();
  } catch (error) {
    ({ status, line: why } = explain(error));
    printError(`twampede: ${why}\n`);
  }
  if (outputs.exitStatus !== undefined) return outputs.exitStatus;
  const result = nagiosNoResult(status === Exit.NOT_MADE || status === Exit.PROTOCOL, why);
  print(result.text);
  return result.status;
}
