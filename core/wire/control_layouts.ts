/**
 * Layouts of the TWAMP-Control messages.
 *
 * @module
 */
import { Command } from "./control_codes.ts";
import { type FieldKind, type Layout, layout } from "./layout.ts";

type Fields = readonly (readonly [name: string, kind: FieldKind, size: number])[];

const HMAC: Fields[number] = ["HMAC", "bytes", 16];

export const GREETING: Layout = layout("Server Greeting message", "RFC 4656 section 3.1, RFC 5357 section 3.1", [
  ["Unused", "mbz", 12],
  ["Modes", "modes", 4],
  ["Challenge", "bytes", 16],
  ["Salt", "bytes", 16],
  ["Count", "u32", 4],
  ["MBZ", "mbz", 12],
]);

export const SET_UP_RESPONSE: Layout = layout("Set-Up-Response message", "RFC 4656 section 3.1, RFC 5357 section 3.1", [
  ["Mode", "modes", 4],
  ["KeyID", "text", 80],
  ["Token", "bytes", 64],
  ["Client-IV", "bytes", 16],
]);

/** All from Start-Time on is encrypted where there are keys. */
export const SERVER_START: Layout = layout("Server-Start message", "RFC 4656 section 3.1, RFC 5357 section 3.1", [
  ["MBZ", "mbz", 15],
  ["Accept", "accept", 1],
  ["Server-IV", "bytes", 16],
  ["Start-Time", "timestamp", 8],
  ["MBZ", "mbz", 8],
]);

export const REQUEST: Layout = layout("Request-TW-Session command", "RFC 5357 section 3.5, RFC 6038 section 4.2", [
  ["Command Number", "u8", 1],
  ["MBZ and IPVN", "version", 1],
  ["Conf-Sender", "u8", 1],
  ["Conf-Receiver", "u8", 1],
  ["Number of Schedule Slots", "u32", 4],
  ["Number of Packets", "u32", 4],
  ["Sender Port", "u16", 2],
  ["Receiver Port", "u16", 2],
  ["Sender Address", "address", 16],
  ["Receiver Address", "address", 16],
  ["SID", "bytes", 16],
  ["Padding Length", "u32", 4],
  ["Start Time", "timestamp", 8],
  ["Timeout", "interval", 8],
  ["Type-P Descriptor", "type-p", 4],
  ["Octets to be reflected", "u16", 2],
  ["Length of padding to reflect", "u16", 2],
  ["MBZ", "mbz", 4],
  HMAC,
]);

export const ACCEPT_SESSION: Layout = layout("Accept-Session message", "RFC 4656 section 3.5, RFC 6038 section 4.3", [
  ["Accept", "accept", 1],
  ["MBZ", "mbz", 1],
  ["Port", "u16", 2],
  ["SID", "bytes", 16],
  ["Reflected octets", "u16", 2],
  ["Server octets", "u16", 2],
  ["MBZ", "mbz", 8],
  HMAC,
]);

export const START: Layout = layout("Start-Sessions command", "RFC 4656 section 3.7, RFC 5357 section 3.7", [
  ["Command Number", "u8", 1],
  ["MBZ", "mbz", 15],
  HMAC,
]);

export const START_ACK: Layout = layout("Start-Ack message", "RFC 4656 section 3.7, RFC 5357 section 3.7", [
  ["Accept", "accept", 1],
  ["MBZ", "mbz", 15],
  HMAC,
]);

export const STOP: Layout = layout("Stop-Sessions command", "RFC 5357 section 3.8", [
  ["Command Number", "u8", 1],
  ["Accept", "accept", 1],
  ["MBZ", "mbz", 2],
  ["Number of Sessions", "u32", 4],
  ["MBZ", "mbz", 8],
  HMAC,
]);

const COMMAND_HEAD: Fields = [
  ["Command Number", "u8", 1],
  ["MBZ", "mbz", 11],
  ["Number of Sessions", "u32", 4],
];

const ACK_HEAD: Fields = [
  ["Command Number", "u8", 1],
  ["Accept", "accept", 1],
  ["MBZ", "mbz", 10],
  ["Number of Sessions", "u32", 4],
];

/** The four messages of individual session control, with `count` SIDs. */
export function sessionListLayout(command: number, count: number): Layout {
  const sids = Array.from(
    { length: count },
    (_, i): Fields[number] => [count === 1 ? "SID" : `SID ${i + 1}`, "bytes", 16],
  );
  const acknowledges = command === Command.START_N_ACK || command === Command.STOP_N_ACK;
  const [name, section] = LIST_NAMES[command as ListCommand];
  return layout(name, `RFC 5938 section ${section}`, [...acknowledges ? ACK_HEAD : COMMAND_HEAD, ...sids, HMAC]);
}

/** A command that carries a list of SIDs. */
export type ListCommand = 7 | 8 | 9 | 10;

const LIST_NAMES: Readonly<Record<ListCommand, readonly [name: string, section: string]>> = {
  [Command.START_N]: ["Start-N-Sessions command", "3.2"],
  [Command.START_N_ACK]: ["Start-N-Ack message", "3.3"],
  [Command.STOP_N]: ["Stop-N-Sessions command", "3.4"],
  [Command.STOP_N_ACK]: ["Stop-N-Ack message", "3.5"],
};

/** All layouts of this file; lists with one SID. */
export const CONTROL_MESSAGES: readonly Layout[] = [
  GREETING,
  SET_UP_RESPONSE,
  SERVER_START,
  REQUEST,
  ACCEPT_SESSION,
  START,
  START_ACK,
  STOP,
  ...[Command.START_N, Command.START_N_ACK, Command.STOP_N, Command.STOP_N_ACK].map((list) =>
    sessionListLayout(list, 1)
  ),
];
