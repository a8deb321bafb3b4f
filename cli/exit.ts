/**
 * Exit status, and the errors that lead to one.
 *
 * @module
 */
import { OptionError, TransportError, type TransportErrorCode } from "../core/errors.ts";
import { faults } from "./plugins/faults.ts";

/** What the exit status means. */
export const Exit = {
  DONE: 0,
  /** The measurement could not be made: no reply at all, refused, unreachable. */
  NOT_MADE: 1,
  /** Wrong usage or configuration. */
  USAGE: 2,
  /** The peer broke the protocol. */
  PROTOCOL: 3,
  /** A threshold given by the user was crossed. */
  THRESHOLD: 4,
  /** Interrupted before any result. */
  INTERRUPTED: 130,
} as const;

/** What is no mistake of the user. */
const STATUS: Readonly<Partial<Record<TransportErrorCode, number>>> = {
  unresolved: Exit.NOT_MADE,
  refused: Exit.NOT_MADE,
  unreachable: Exit.NOT_MADE,
  "timed-out": Exit.NOT_MADE,
  aborted: Exit.INTERRUPTED,
};

/** Ends the command with a status and one line. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The status and the one line for anything that was thrown. A bug of ours says so, and where to send it. */
export function explain(error: unknown): { status: number; line: string } {
  if (error instanceof Failure) return { status: error.status, line: error.message };
  if (error instanceof OptionError) return { status: Exit.USAGE, line: error.message };
  if (error instanceof TransportError) {
    return { status: STATUS[error.code] ?? Exit.USAGE, line: error.message };
  }
  const message = error instanceof Error ? error.message : String(error);
  const plugin = faults.culprit(error);
  if (plugin !== undefined) return { status: Exit.NOT_MADE, line: `plugin ${plugin} threw: ${message.split("\n")[0]}` };
  return { status: Exit.NOT_MADE, line: `internal error, please report it: ${message.split("\n")[0]}` };
}
