/**
 * What commands that measure have in common: a log, outputs, and an exit status.
 *
 * @module
 */
import { type Log, type LogLevel, openLog } from "./log.ts";
import { decided } from "./nagios_exit.ts";
import { OutputSet } from "./outputs.ts";
import { createVerboseOutput } from "./verbose.ts";

/** What of the options concerns them. */
export interface MeasuringFlags {
  readonly output: readonly string[];
  readonly telegraf: boolean;
  readonly printResponses: boolean;
  readonly statsInterval: number;
  readonly logfile: string | undefined;
  readonly level: LogLevel;
}

/** Has `measure` done with them; resolves to the exit status. */
export async function measuring(
  flags: MeasuringFlags,
  measure: (outputs: OutputSet, log: Log) => Promise<number>,
): Promise<number> {
  const log = openLog(flags.level, flags.logfile);
  const outputs = new OutputSet({
    output: flags.output,
    telegraf: flags.telegraf,
    responses: flags.printResponses,
    intervals: flags.statsInterval > 0,
    logfile: flags.logfile,
  }, log);
  if (flags.level === "verbose" || flags.level === "debug") outputs.add("verbose", () => createVerboseOutput(log));
  return await decided(outputs, () => measure(outputs, log));
}
