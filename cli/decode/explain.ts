/**
 * Decides what a packet is, with what is known of those before it, and puts it into words.
 *
 * @module
 */
import type { ControlDissection } from "../../core/wire/control_dissect.ts";
import type { StampKeys } from "../../core/session/stamp_seal.ts";
import { dissect, type Dissection, guessKind, type PacketKind } from "../../core/wire/dissect.ts";
import { isNear, isPtp, offsetsOf, stampSeconds } from "../../core/wire/guess.ts";
import { TWAMP_SENDER_SIZE } from "../../core/wire/test_packet.ts";
import { checkMacs } from "./macs.ts";
import type { Packet } from "./packet.ts";
import { echoes, type Request, type Requests, type Spans, spansOf } from "./pair.ts";

/** A reply's request and spans. */
export interface Answer extends Spans {
  /** Number of the request; null if it was not seen. */
  readonly request: number | null;
}

/** A packet and all there is to say about it. */
export interface Explained {
  readonly packet: Packet;
  /** Undefined for a packet that is too short for any kind. */
  readonly dissection: Dissection | ControlDissection | undefined;
  readonly warnings: readonly string[];
  /** Undefined for a request. */
  readonly answer: Answer | undefined;
}

/**
 * Explains `packet`, as `forced` or as what it looks like, and remembers it in `requests` if it is one; `keys` are of the
 * HMACs of STAMP.
 */
export function explain(
  packet: Packet,
  requests: Requests,
  forced: PacketKind | undefined,
  keys?: StampKeys,
): Explained {
  const { view, at, length, size } = packet;
  const request = requests.find(packet);
  const kind = forced === undefined ? kindOf(packet, request) : inItsMode(packet, forced);
  const found = dissect(view, at, length, kind);
  const dissection = found === undefined || keys === undefined ? found : checkMacs(packet, found, keys);
  const warnings: string[] = [];
  if (length < size) warnings.push(`the capture holds ${length} of ${size} octets; what is missing is not shown`);
  if (dissection === undefined) {
    warnings.push(`${length} octets are too few for a test packet, which has ${TWAMP_SENDER_SIZE} at least`);
    return { packet, dissection, warnings, answer: undefined };
  }
  warnings.push(...dissection.warnings);
  if (!dissection.kind.endsWith("reflector")) {
    requests.add(packet, dissection.kind);
    return { packet, dissection, warnings, answer: undefined };
  }
  if (request !== undefined && !echoes(packet, request)) {
    warnings.push(`gives back another Timestamp than that of #${request.number}`);
  }
  const offsets = offsetsOf(dissection.kind);
  const answer = length < offsets.SHORTEST_REPLY
    ? undefined
    : { request: request?.number ?? null, ...spansOf(packet, offsets) };
  return { packet, dissection, warnings, answer };
}

/** Who says STAMP says nothing of its mode: that is as it looks. */
function inItsMode({ view, at, length }: Packet, forced: PacketKind): PacketKind {
  if (forced !== "stamp-sender" && forced !== "stamp-reflector") return forced;
  const sealed = forced === "stamp-sender" ? "stamp-sealed-sender" : "stamp-sealed-reflector";
  return guessKind(view, at, length) === sealed ? sealed : forced;
}

/** A reply that gives back its request's Timestamp is one; and it speaks its request's protocol. */
function kindOf(packet: Packet, request: Request | undefined): PacketKind | undefined {
  const guess = guessKind(packet.view, packet.at, packet.length);
  if (request === undefined) return guess;
  if (!guess?.endsWith("reflector") && !echoes(packet, request)) return guess;
  return REPLY_OF[request.kind] ?? "twamp-reflector";
}

const REPLY_OF: Readonly<Partial<Record<PacketKind, PacketKind>>> = {
  "stamp-sender": "stamp-reflector",
  "stamp-sealed-sender": "stamp-sealed-reflector",
};

/**
 * Whether a datagram of a capture can be a test packet: its Timestamp is within a year of the capture, or a request
 * for it was seen. Other protocols fail that; so does a host whose clock was never set.
 */
export function looksLikeTest(packet: Packet, requests: Requests): boolean {
  const { view, at, length, time } = packet;
  if (length < TWAMP_SENDER_SIZE) return false;
  const request = requests.find(packet);
  if (time === undefined || (request !== undefined && echoes(packet, request))) return true;
  const { TIME, ERROR } = offsetsOf(guessKind(view, at, length));
  return isNear(stampSeconds(view, at + TIME, isPtp(view, at, length, ERROR)), time.seconds);
}
