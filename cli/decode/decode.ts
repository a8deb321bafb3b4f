/**
 * What the decode command does: packets in, lines out. Nothing is read or written here.
 *
 * @module
 */
import { OptionError } from "../../core/errors.ts";
import type { PacketKind } from "../../core/wire/dissect.ts";
import { toHex } from "../values.ts";
import { isCapture, readDatagrams } from "./capture.ts";
import { explain, type Explained, looksLikeTest } from "./explain.ts";
import { type CaptureTime, emptyReport } from "./frame.ts";
import { parseHex } from "./hex.ts";
import { readUdp, type Udp } from "./ip.ts";
import { packetJson, reportJson } from "./json.ts";
import { endpoint, type Packet } from "./packet.ts";
import { Requests } from "./pair.ts";
import { packetText, reportText } from "./text.ts";

/** How to decode. */
export interface DecodeOptions {
  /** Take every packet for this; without it, for what it looks like. */
  readonly as?: PacketKind | undefined;
  /** One JSON object a line in place of text. */
  readonly json?: boolean | undefined;
  /** Of a capture, only datagrams from or to this UDP port. */
  readonly port?: number | undefined;
}

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
    const udp = dump ? readUdp(view, 0, octets.length, octets.length) : "notIp";
    const packet = typeof udp === "string" ? payloadOf(view, i + 1) : packetOf(view, udp, i + 1, undefined);
    return linesOf(explain(packet, requests, options.as), options);
  });
}

/** All of `view` as a payload of which nothing else is known. */
function payloadOf(view: DataView, number: number): Packet {
  const unknown = { from: undefined, to: undefined, time: undefined, ttl: undefined, tos: undefined };
  return { number, view, at: 0, length: view.byteLength, size: view.byteLength, ...unknown };
}

/** Annotates the test packets of a capture file, as lines, and ends with a summary of what it held. */
export function* decodeCapture(octets: Uint8Array, options: DecodeOptions): Generator<string> {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  const report = emptyReport();
  const requests = new Requests();
  const chosen = options.as !== undefined || options.port !== undefined;
  let shown = 0;
  let passedOver = 0;
  for (const datagram of readDatagrams(octets, report)) {
    const packet = packetOf(view, datagram, datagram.number, datagram.time);
    if (!hasPort(datagram, options.port) || !(chosen || looksLikeTest(packet, requests))) passedOver++;
    else {
      shown++;
      yield* linesOf(explain(packet, requests, options.as), options);
    }
  }
  if (options.json) yield reportJson(report, shown, passedOver);
  else yield* reportText(report, shown, passedOver);
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
