/**
 * Names of the TWAMP-Control messages, and what one is by its looks: where it stands in the conversation is what tells,
 * and a message alone does not show that.
 *
 * @module
 */
import { Accept, Command, CONTROL_BLOCK, SECURITY_MODES, SIZE } from "./control_codes.ts";
import {
  ACCEPT_SESSION,
  GREETING,
  REQUEST,
  SERVER_START,
  sessionListLayout,
  SET_UP_RESPONSE,
  START,
  START_ACK,
  STOP,
} from "./control_layouts.ts";
import { LIST_FRAME, sessionCount } from "./control_run.ts";
import { readKeyId } from "./control_setup.ts";
import { isZero } from "./guess.ts";
import type { Layout } from "./layout.ts";

/** What a control message is taken for. */
export type ControlKind =
  | "server-greeting"
  | "set-up-response"
  | "server-start"
  | "request-tw-session"
  | "accept-session"
  | "start-sessions"
  | "start-ack"
  | "stop-sessions"
  | "start-n-sessions"
  | "start-n-ack"
  | "stop-n-sessions"
  | "stop-n-ack";

/** The layout of each kind; of a list of sessions, with one SID. */
export const CONTROL_LAYOUT: Readonly<Record<ControlKind, Layout>> = {
  "server-greeting": GREETING,
  "set-up-response": SET_UP_RESPONSE,
  "server-start": SERVER_START,
  "request-tw-session": REQUEST,
  "accept-session": ACCEPT_SESSION,
  "start-sessions": START,
  "start-ack": START_ACK,
  "stop-sessions": STOP,
  "start-n-sessions": sessionListLayout(Command.START_N, 1),
  "start-n-ack": sessionListLayout(Command.START_N_ACK, 1),
  "stop-n-sessions": sessionListLayout(Command.STOP_N, 1),
  "stop-n-ack": sessionListLayout(Command.STOP_N_ACK, 1),
};

const BY_COMMAND: Readonly<Record<number, ControlKind>> = {
  [Command.START]: "start-sessions",
  [Command.STOP]: "stop-sessions",
  [Command.REQUEST]: "request-tw-session",
  [Command.START_N]: "start-n-sessions",
  [Command.START_N_ACK]: "start-n-ack",
  [Command.STOP_N]: "stop-n-sessions",
  [Command.STOP_N_ACK]: "stop-n-ack",
  [Command.REQUEST_MICRO]: "request-tw-session",
};

/** What a message that starts with `command` is; undefined for one that has no layout here. */
export function kindOfCommand(command: number): ControlKind | undefined {
  return BY_COMMAND[command];
}

/** Modes that have a name; more bits than these are no mode of today. */
const NAMED_MODES = 0x3ff;

/**
 * What the message of `length` octets at `at` is, in clear; undefined where it may as well be a test packet.
 *
 * Of a test packet the first 12 octets are a number and a time, so zeros there, or text, are none.
 */
export function guessControl(view: DataView, at: number, length: number): ControlKind | undefined {
  const zero = (from: number, to: number) => isZero(view, at + from, at + to);
  const first = length > 0 ? view.getUint8(at) : 0;
  switch (length) {
    case SIZE.GREETING:
      if (zero(0, 12) && zero(52, length) && isModes(view.getUint32(at + 12))) return "server-greeting";
      break;
    case SIZE.SET_UP:
      return isModes(view.getUint32(at)) && isKeyId(view, at + 4) ? "set-up-response" : undefined;
    case SIZE.SERVER_START:
      if (zero(0, 15)) return isAccept(view.getUint8(at + 15)) && !zero(15, length) ? "server-start" : undefined;
      if (isAcceptSession(view, at)) return "accept-session";
      break;
    case SIZE.REQUEST:
      if ((first === Command.REQUEST || first === Command.REQUEST_MICRO) && zero(2, 12) && isVersion(view, at + 1)) {
        return "request-tw-session";
      }
      break;
    case SIZE.START:
      if (first === Command.STOP && zero(2, 4) && zero(8, length)) return "stop-sessions";
      if (isAccept(first) && zero(1, length)) return first === Command.START ? "start-sessions" : "start-ack";
  }
  return isList(view, at, length) ? kindOfCommand(first) : undefined;
}

function isModes(modes: number): boolean {
  return modes > 0 && modes <= NAMED_MODES && (modes & SECURITY_MODES) !== 0;
}

function isAccept(octet: number): boolean {
  return octet <= Accept.TEMPORARY;
}

function isVersion(view: DataView, at: number): boolean {
  const version = view.getUint8(at);
  return version === 4 || version === 6;
}

/** Text that somebody may have typed, or none, and zeros behind it. */
function isKeyId(view: DataView, at: number): boolean {
  const text = readKeyId(view, at);
  if (/[\p{C}\ufffd]/u.test(text)) return false;
  let end = at;
  while (end < at + 80 && view.getUint8(end) !== 0) end++;
  return isZero(view, end, at + 80);
}

/** With a SID whose end is not zero, or a refusal without one, in the open. */
function isAcceptSession(view: DataView, at: number): boolean {
  if (!isAccept(view.getUint8(at)) || view.getUint8(at + 1) !== 0) return false;
  if (!isZero(view, at + 24, at + SIZE.ACCEPT)) return false;
  return isZero(view, at + 4, at + 24) ? view.getUint8(at) !== 0 : !isZero(view, at + 16, at + 20);
}

/** As many SIDs as it says, one at least, and zeros in front. */
function isList(view: DataView, at: number, length: number): boolean {
  if (length < LIST_FRAME + CONTROL_BLOCK || length % CONTROL_BLOCK !== 0) return false;
  const command = view.getUint8(at);
  if (command < Command.START_N || command > Command.STOP_N_ACK || !isZero(view, at + 2, at + 12)) return false;
  return sessionCount(view, at, command) === (length - LIST_FRAME) / CONTROL_BLOCK;
}
