/**
 * Diagnostics: to standard error, or to the log file. Never to standard output, which is for results.
 *
 * @module
 */
import { closeSync, openSync, writeSync } from "node:fs";
import { Exit, Failure } from "./exit.ts";

/** How much is said. */
export type LogLevel = "quiet" | "normal" | "verbose" | "debug";
const RANK: Readonly<Record<LogLevel, number>> = { quiet: 0, normal: 1, verbose: 2, debug: 3 };

/** Where diagnostics go. */
export interface Log {
  readonly level: LogLevel;
  /** What a user should know: degradations, findings. Not under `--quiet`. */
  note(line: string): void;
  /** With `--verbose`. */
  info(line: string): void;
  /** With `--debug`. */
  debug(line: string): void;
  close(): void;
}

/** Opens the log; a file that cannot be opened ends the command. */
export function openLog(level: LogLevel, file: string | undefined): Log {
  let fd = 2;
  try {
    if (file !== undefined) fd = openSync(file, "a");
  } catch (error) {
    throw new Failure(Exit.USAGE, `log file '${file}' cannot be opened: ${(error as Error).message}`);
  }
  const write = (least: LogLevel, line: string) => {
    if (RANK[level] < RANK[least]) return;
    try {
      writeSync(fd, `${line}\n`);
    } catch {
      // Nobody reads diagnostics any more: the measurement is worth more than they are.
    }
  };
  return {
    level,
    note: (line) => write("normal", `twampede: ${line}`),
    info: (line) => write("verbose", line),
    debug: (line) => write("debug", line),
    close: () => fd > 2 && closeSync(fd),
  };
}
