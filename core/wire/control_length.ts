/**
 * How long a command is, by its first block: its type and length can always be told by then (RFC 4656 section 3).
 *
 * @module
 */
import { Command, CONTROL_BLOCK, SIZE } from "./control_codes.ts";
import { LIST_FRAME, sessionCount } from "./control_run.ts";

/** The length of a command that names more sessions or slots than fit: longer than any room there is. */
export const TOO_LONG = Infinity;

/** Slots of a forbidden OWAMP request that are still read past. */
const MOST_SLOTS = 256;
const FETCH_SIZE = 48;
const SLOTS_AT = 4;

/**
 * Octets of the message that starts with `command` and has its first 16 octets at `at`.
 *
 * Undefined: unknown, so that what follows cannot be told from it. {@link TOO_LONG}: more than `maxSessions` SIDs.
 * Commands that TWAMP forbids have their length too: they are refused, and the next one is found.
 */
export function lengthOf(command: number, firstBlock: DataView, at: number, maxSessions: number): number | undefined {
  switch (command) {
    case Command.REQUEST:
    case Command.REQUEST_MICRO:
      return SIZE.REQUEST;
    case Command.START:
      return SIZE.START;
    case Command.STOP:
      return SIZE.STOP;
    case Command.START_N:
    case Command.START_N_ACK:
    case Command.STOP_N:
    case Command.STOP_N_ACK:
      return repeated(LIST_FRAME, sessionCount(firstBlock, at, command), maxSessions);
    case Command.FETCH:
      return FETCH_SIZE;
    case Command.REQUEST_OW:
      return repeated(SIZE.REQUEST + CONTROL_BLOCK, firstBlock.getUint32(at + SLOTS_AT), MOST_SLOTS);
    default:
      return undefined;
  }
}

function repeated(frame: number, count: number, most: number): number {
  return count > most ? TOO_LONG : frame + count * CONTROL_BLOCK;
}
