/**
 * Diagnostics: to standard error, or to the log file. Never to standard output, which is for results.
 *
 * @module
 */
import { faults } from "./plugins/faults.ts";
import { logSink, printError, stderrSink } from "./sinks.ts";
import { styled } from "./style.ts";

/** How much is said. */
export type LogLevel = "quiet" | "normal" | "verbose" | "debug";
const RANK: Readonly<Record<LogLevel, number>> = { quiet: 0, normal: 1, verbose: 2, debug: 3 };

/** Where diagnostics go. */
export interface Log {
  readonly level: LogLevel;
  /** What a user should know: degradations, findings. Not under `--quiet`. */
  note(line: string): void;
  /** That a result did not get where it should: always said, and on standard error even where there is a log file. */
  fault(line: string): void;
  /** A line of a log that others read by line, as it is. Not under `--quiet`. */
  access(line: string): void;
  /** With `--verbose`. */
  info(line: string): void;
  /** With `--debug`. */
  debug(line: string): void;
  /** Resolves when all is written. */
  close(): Promise<void>;
}

/** Opens the log; a file that cannot be opened ends the command. */
export function openLog(level: LogLevel, file: string | undefined): Log {
  const sink = file === undefined ? stderrSink() : logSink(file);
  // Nobody reads diagnostics any more, or too slowly: the measurement is worth more than they are.
  sink.onFailure = () => {};
  const write = (least: LogLevel, line: string) => {
    if (RANK[level] >= RANK[least]) sink.write(`${line}\n`);
  };
  const name = file === undefined ? styled(2, "dim", "twampede:") : "twampede:";
  const log: Log = {
    level,
    note: (line) => write("normal", `${name} ${line}`),
    fault(line) {
      sink.write(`${name} ${line}\n`);
      if (file !== undefined) printError(`${styled(2, "dim", "twampede:")} ${line}\n`);
    },
    access: (line) => write("normal", line),
    info: (line) => write("verbose", line),
    debug: (line) => write("debug", line),
    close: () => sink.close(),
  };
  faults.tell = log.fault;
  return log;
}
