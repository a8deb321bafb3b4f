/**
 * What the decode command does: packets in, lines out. Nothing is read or written here.
 *
 * @module
 */
import { OptionError } from "../../core/errors.ts";
import { CONTROL_LAYOUT, type ControlKind, guessControl } from "../../core/wire/control_dissect.ts";
import type { PacketKind } from "../../core/wire/dissect.ts";
import { toHex } from "../values.ts";
import { type Datagram, isCapture, readDatagrams, type Segment } from "./capture.ts";
import { Connections, type Note } from "./connections.ts";
import type { StampKeys } from "../../core/session/stamp_seal.ts";
import type { Secrets } from "./control_keys.ts";
import { explain, type Explained, looksLikeTest } from "./explain.ts";
import { explainControl } from "./explain_control.ts";
import { type CaptureTime, emptyReport } from "./frame.ts";
import { parseHex } from "./hex.ts";
import { isTcp, readTransport, type Udp } from "./ip.ts";
import { noteJson, packetJson, reportJson } from "./json.ts";
import { endpoint, type Packet } from "./packet.ts";
import { Requests } from "./pair.ts";
import { noteText, packetText, reportText } from "./text.ts";

/** How to decode. */
export interface DecodeOptions {
  /** Take every packet for this; without it, for what it looks like. */
  readonly as?: PacketKind | ControlKind | undefined;
  /** One JSON object a line in place of text. */
  readonly json?: boolean | undefined;
  /** Of a capture, only datagrams from or to this UDP port, and control connections to this TCP port. */
  readonly port?: number | undefined;
  /** Shared secrets, for sealed control connections. */
  readonly secrets?: Secrets | undefined;
  /** Keys of STAMP sessions, for the HMACs of their packets. */
  readonly stampKeys?: StampKeys | undefined;
}

/** Where control connections are without `--port` (RFC 5357 section 8.1). */
const CONTROL_PORT = 862;

/**
 * Annotates a capture file or hex text, whichever `octets` are.
 *
 * @throws {OptionError} if they are neither
 */
export function decodeInput(octets: Uint8Array, options: DecodeOptions): Iterable<string> {
  if (isCapture(octets)) return decodeCapture(octets, options);
  if (octets.includes(0)) {
    throw new OptionError(
      `neither hex nor a capture (it starts with ${
        toHex(octets.subarray(0, 4))
      }): give a pcap or pcapng file, not packed`,
    );
  }
  return decodeHex(new TextDecoder().decode(octets), options);
}

/**
 * Annotates the packets in `text`, as lines.
 *
 * @throws {OptionError} if it is no hex
 */
export function decodeHex(text: string, options: DecodeOptions): string[] {
  const requests = new Requests();
  const { packets, dump } = parseHex(text);
  return packets.flatMap((octets, i) => {
    const view = new DataView(octets.buffer);
    const found = dump ? readTransport(view, 0, octets.length, octets.length) : "notIp";
    const packet = typeof found === "string" ? payloadOf(view, i + 1) : packetOf(view, found, i + 1, undefined);
    const mayBeControl = typeof found === "string" || isTcp(found);
    return linesOf(explainAlone(packet, requests, options, mayBeControl), options);
  });
}

/** A packet of which only its octets tell what it is. */
function explainAlone(
  packet: Packet,
  requests: Requests,
  { as, stampKeys }: DecodeOptions,
  mayBeControl: boolean,
): Explained {
  if (as !== undefined) return isControl(as) ? explainControl(packet, as) : explain(packet, requests, as, stampKeys);
  const control = mayBeControl ? guessControl(packet.view, packet.at, packet.length) : undefined;
  return control !== undefined ? explainControl(packet, control) : explain(packet, requests, undefined, stampKeys);
}

function isControl(kind: PacketKind | ControlKind): kind is ControlKind {
  return kind in CONTROL_LAYOUT;
}

/** All of `view` as a payload of which nothing else is known. */
function payloadOf(view: DataView, number: number): Packet {
  const unknown = { from: undefined, to: undefined, time: undefined, ttl: undefined, tos: undefined };
  return { number, view, at: 0, length: view.byteLength, size: view.byteLength, ...unknown };
}

/**
 * Annotates the test packets and control messages of a capture file, as lines, and ends with a summary of what it held.
 *
 * @throws {OptionError} if all are to be taken for one control message
 */
export function* decodeCapture(octets: Uint8Array, options: DecodeOptions): Generator<string> {
  const { as, port } = options;
  if (as !== undefined && isControl(as)) {
    throw new OptionError(`--as ${as} is for hex: in a capture the place in the conversation says what a message is`);
  }
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  const report = emptyReport();
  const requests = new Requests();
  const connections = new Connections(port ?? CONTROL_PORT, options.secrets);
  const counts = { messages: 0, shown: 0, passedOver: 0 };
  for (const found of readDatagrams(octets, report, (segment) => connections.has(segment))) {
    if (isSegment(found)) {
      for (const told of connections.add(view, found)) {
        if (isNote(told)) yield* notesOf(told, options);
        else {
          counts.messages++;
          yield* linesOf(told, options);
        }
      }
      continue;
    }
    const packet = packetOf(view, found, found.number, found.time);
    const chosen = as !== undefined || port !== undefined;
    if (!hasPort(found, port) || !(chosen || looksLikeTest(packet, requests))) counts.passedOver++;
    else {
      counts.shown++;
      yield* linesOf(explain(packet, requests, as, options.stampKeys), options);
    }
  }
  for (const note of connections.finish()) yield* notesOf(note, options);
  if (options.json) yield reportJson(report, counts);
  else yield* reportText(report, counts);
}

function isSegment(found: Datagram | Segment): found is Segment {
  return isTcp(found);
}

function isNote(told: Explained | Note): told is Note {
  return "text" in told;
}

function notesOf(note: Note, options: DecodeOptions): string[] {
  return options.json ? [noteJson(note)] : noteText(note);
}

function linesOf(explained: Explained, options: DecodeOptions): string[] {
  return options.json ? [packetJson(explained)] : packetText(explained);
}

function hasPort({ sourcePort, destinationPort }: Udp, port: number | undefined): boolean {
  return port === undefined || sourcePort === port || destinationPort === port;
}

function packetOf(view: DataView, udp: Udp, number: number, time: CaptureTime | undefined): Packet {
  const { at, length, size, ttl, tos } = udp;
  const from = endpoint(udp.source, udp.sourcePort);
  const to = endpoint(udp.destination, udp.destinationPort);
  return { number, view, at, length, size, from, to, time, ttl, tos };
}
