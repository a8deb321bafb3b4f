/**
 * Control conversations as capture files, for tests.
 *
 * @module
 */
import { type Message } from "../../core/control/conversation.ts";
import { ethernet, ipv4, pcap, type Shot, tcp } from "./build.ts";

const CLIENT_PORT = 40_000;
/** Near their end, so that sequence numbers wrap within a conversation. */
const CLIENT_START = 0xffff_ff80;
const SERVER_START = 0xffff_fff0;

/** One segment, before it is put on the wire. */
export interface Piece {
  readonly fromServer: boolean;
  readonly sequence: number;
  readonly payload: Uint8Array;
  readonly syn?: boolean;
}

/** A message a segment, behind the two that open the connection. */
export function piecesOf(messages: readonly Message[]): Piece[] {
  const next = { client: CLIENT_START, server: SERVER_START };
  const none = new Uint8Array();
  const pieces: Piece[] = [
    { fromServer: false, sequence: next.client++, payload: none, syn: true },
    { fromServer: true, sequence: next.server++, payload: none, syn: true },
  ];
  for (const { fromServer, octets } of messages) {
    const side = fromServer ? "server" : "client";
    pieces.push({ fromServer, sequence: next[side] >>> 0, payload: octets });
    next[side] += octets.length;
  }
  return pieces;
}

/** The frame of a segment, a millisecond after the one before. */
export function shotOf(
  { fromServer, sequence, payload, syn = false }: Piece,
  i: number,
  port = 862,
  clientPort = CLIENT_PORT,
): Shot {
  const ports = fromServer ? { from: port, to: clientPort } : { from: clientPort, to: port };
  const ip = ipv4(tcp(payload, { ...ports, sequence: sequence >>> 0, syn, ack: fromServer || !syn }), { protocol: 6 });
  if (fromServer) ip.set([192, 0, 2, 2, 192, 0, 2, 1], 12);
  return { octets: ethernet(ip), fraction: i * 1000 };
}

/** A capture file of segments in this order. */
export function captureOf(pieces: readonly Piece[], port = 862): Uint8Array {
  return pcap(pieces.map((piece, i) => shotOf(piece, i, port)));
}

/** `piece` in two, `at` octets into it. */
export function cut(piece: Piece, at: number): Piece[] {
  const { payload, sequence } = piece;
  return [
    { ...piece, payload: payload.slice(0, at) },
    { ...piece, sequence: sequence + at, payload: payload.slice(at) },
  ];
}
