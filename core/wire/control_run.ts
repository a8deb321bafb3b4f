/**
 * Sessions started and stopped: all at once (RFC 5357 sections 3.7 and 3.8), or by their SIDs (RFC 5938). The HMAC is
 * not theirs: writers leave its octets zero, readers do not look at it.
 *
 * @module
 */
import { type Accept, Command, CONTROL_BLOCK, readAccept, SIZE } from "./control_codes.ts";
import { blank, offsetOf, readOctets } from "./control_fields.ts";
import { type ListCommand, sessionListLayout, STOP } from "./control_layouts.ts";

/** Start-Sessions. */
export function writeStart(): Uint8Array {
  const { octets } = blank(SIZE.START);
  octets[0] = Command.START;
  return octets;
}

/** What the Start-Ack at `at` says. */
export function readAck(view: DataView, at: number): Accept {
  return readAccept(view.getUint8(at));
}

export function writeAck(accept: Accept): Uint8Array {
  const { octets } = blank(SIZE.ACK);
  octets[0] = accept;
  return octets;
}

/** Stop-Sessions. */
export interface Stop {
  readonly accept: Accept;
  readonly sessions: number;
}

const ACCEPT = offsetOf(STOP, "Accept");
const SESSIONS = offsetOf(STOP, "Number of Sessions");

export function readStop(view: DataView, at: number): Stop {
  return { accept: readAccept(view.getUint8(at + ACCEPT)), sessions: view.getUint32(at + SESSIONS) };
}

export function writeStop({ accept, sessions }: Stop): Uint8Array {
  const { octets, view } = blank(SIZE.STOP);
  octets[0] = Command.STOP;
  octets[ACCEPT] = accept;
  view.setUint32(SESSIONS, sessions);
  return octets;
}

/** Start-N-Sessions, Start-N-Ack, Stop-N-Sessions or Stop-N-Ack. */
export interface SessionList {
  /** 0 in the two commands, which have no such field. */
  readonly accept: Accept;
  /** 16 octets each. */
  readonly sids: readonly Uint8Array[];
}

const LIST = sessionListLayout(Command.START_N_ACK, 1);
const LIST_SESSIONS: number = offsetOf(LIST, "Number of Sessions");
const FIRST_SID: number = offsetOf(LIST, "SID");

/** Octets of such a message besides its SIDs: the head and the HMAC. */
export const LIST_FRAME = FIRST_SID + CONTROL_BLOCK;

/** Number of Sessions of the message at `at`, which starts with `command`; 0 for one that has no such field. */
export function sessionCount(view: DataView, at: number, command: number): number {
  if (command === Command.STOP) return view.getUint32(at + SESSIONS);
  return command >= Command.START_N && command <= Command.STOP_N_ACK ? view.getUint32(at + LIST_SESSIONS) : 0;
}

/** Reads a list of `length` octets at `at`: as many SIDs as it says and as are there. */
export function readSessionList(view: DataView, at: number, length: number): SessionList {
  const command = view.getUint8(at);
  const held = Math.max(0, Math.floor((length - LIST_FRAME) / CONTROL_BLOCK));
  const count = Math.min(sessionCount(view, at, command), held);
  const sids: Uint8Array[] = [];
  for (let i = 0; i < count; i++) sids.push(readOctets(view, at + FIRST_SID + i * CONTROL_BLOCK, CONTROL_BLOCK));
  return { accept: acknowledges(command) ? readAccept(view.getUint8(at + 1)) : 0, sids };
}

export function writeSessionList(command: ListCommand, { accept, sids }: SessionList): Uint8Array {
  const { octets, view } = blank(LIST_FRAME + sids.length * CONTROL_BLOCK);
  octets[0] = command;
  if (acknowledges(command)) octets[1] = accept;
  view.setUint32(LIST_SESSIONS, sids.length);
  for (const [i, sid] of sids.entries()) octets.set(sid.subarray(0, CONTROL_BLOCK), FIRST_SID + i * CONTROL_BLOCK);
  return octets;
}

function acknowledges(command: number): boolean {
  return command === Command.START_N_ACK || command === Command.STOP_N_ACK;
}
