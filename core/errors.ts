/**
 * Errors that end an operation. A datagram never throws: it increments a named counter.
 *
 * @module
 */

/** Why a socket could not be had or used, or a peer not be connected to. */
export type TransportErrorCode =
  | "in-use"
  | "permission"
  | "not-local"
  | "unresolved"
  | "unsupported"
  | "unavailable"
  | "refused"
  | "unreachable"
  | "timed-out"
  | "aborted";

/** A socket could not be opened; the message is one line: what, which value, what to do. */
export class TransportError extends Error {
  override readonly name = "TransportError";
  readonly code: TransportErrorCode;
  constructor(code: TransportErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** An option has a value that cannot be; the message is one line: what, which value, what to do. */
export class OptionError extends Error {
  override readonly name = "OptionError";
}
