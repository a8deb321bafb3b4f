/**
 * What a packet is, by its looks: test packets do not say which protocol they speak, nor in which direction.
 *
 * @module
 */
import { isStampProbe } from "./classify.ts";
import { ERROR_PTP } from "./error_estimate.ts";
import type { Layout } from "./layout.ts";
import { type Offsets, OPEN, SEALED } from "./offsets.ts";
import { STAMP_SEALED_REFLECTOR, STAMP_SEALED_SENDER, STAMP_SEALED_SIZE } from "./stamp_sealed.ts";
import {
  REFLECTOR,
  SHORTEST_REPLY,
  STAMP_REFLECTOR,
  STAMP_SENDER,
  STAMP_SIZE,
  TWAMP_REFLECTOR,
  TWAMP_REFLECTOR_SIZE,
  TWAMP_SENDER,
  TWAMP_SENDER_SIZE,
} from "./test_packet.ts";
import { ntpSeconds } from "./timestamp.ts";
import { TLV_HEADER } from "./tlv.ts";

/** What a packet is taken for. */
export type PacketKind =
  | "twamp-sender"
  | "twamp-reflector"
  | "stamp-sender"
  | "stamp-reflector"
  | "stamp-sealed-sender"
  | "stamp-sealed-reflector";

/** The layout of each kind. */
export const KIND_LAYOUT: Readonly<Record<PacketKind, Layout>> = {
  "twamp-sender": TWAMP_SENDER,
  "twamp-reflector": TWAMP_REFLECTOR,
  "stamp-sender": STAMP_SENDER,
  "stamp-reflector": STAMP_REFLECTOR,
  "stamp-sealed-sender": STAMP_SEALED_SENDER,
  "stamp-sealed-reflector": STAMP_SEALED_REFLECTOR,
};

/** Whether packets of `kind` are STAMP's of authenticated mode. */
export function isSealedKind(kind: PacketKind | undefined): boolean {
  return kind === "stamp-sealed-sender" || kind === "stamp-sealed-reflector";
}

/** Where the fields of a packet of `kind` are. */
export function offsetsOf(kind: PacketKind | undefined): Offsets {
  return isSealedKind(kind) ? SEALED : OPEN;
}

/** The widest span between two stamps of one exchange that still looks like one: a year, for clocks never set. */
const PLAUSIBLE_SPAN_S = 366 * 86_400;

/**
 * Guesses what a packet is; undefined below 14 octets. A packet is a reply if it is long enough and the three stamps
 * a reply has are near one another; nothing in the packet says so itself.
 */
export function guessKind(view: DataView, at: number, length: number): PacketKind | undefined {
  if (length < TWAMP_SENDER_SIZE) return undefined;
  if (isStampProbe(view, at, length)) return "stamp-sender";
  const sealed = guessSealed(view, at, length);
  if (sealed !== undefined) return sealed;
  if (!looksLikeReply(view, at, length)) return "twamp-sender";
  return looksLikeStampReply(view, at, length) ? "stamp-reflector" : "twamp-reflector";
}

/**
 * STAMP of authenticated mode has zeros where all others have their Timestamp, and its own where they hardly have a whole
 * row of them; and all that is reserved is zero.
 */
function guessSealed(view: DataView, at: number, length: number): PacketKind | undefined {
  if (length < STAMP_SEALED_SIZE || isZero(view, at + SEALED.TIME, at + SEALED.TIME + 8)) return undefined;
  if (isReservedZero(view, at, STAMP_SEALED_SENDER)) return "stamp-sealed-sender";
  if (!isReservedZero(view, at, STAMP_SEALED_REFLECTOR)) return undefined;
  const ptp = isPtp(view, at, length, SEALED.ERROR);
  const sent = stampSeconds(view, at + SEALED.SENDER_TIME, isPtp(view, at, length, SEALED.SENDER_ERROR));
  const isReply = isNear(stampSeconds(view, at + SEALED.TIME, ptp), sent) &&
    isNear(stampSeconds(view, at + SEALED.RECEIVED, ptp), sent);
  return isReply ? "stamp-sealed-reflector" : undefined;
}

function isReservedZero(view: DataView, at: number, { fields }: Layout): boolean {
  return fields.every((field) => field.kind !== "mbz" || isZero(view, at + field.at, at + field.at + field.size));
}

/** Sender packets have zeros or noise where a reply has its other two stamps; a zero T1 is no stamp. */
function looksLikeReply(view: DataView, at: number, length: number): boolean {
  if (length < SHORTEST_REPLY || isZero(view, at + REFLECTOR.SENDER_TIME, at + REFLECTOR.SENDER_TIME + 8)) return false;
  const ptp = isPtp(view, at, length, REFLECTOR.ERROR);
  const sent = stampSeconds(view, at + REFLECTOR.SENDER_TIME, isPtp(view, at, length, REFLECTOR.SENDER_ERROR));
  return isNear(stampSeconds(view, at + REFLECTOR.TIME, ptp), sent) &&
    isNear(stampSeconds(view, at + REFLECTOR.RECEIVED, ptp), sent);
}

/** A TWAMP reply of 44 octets or more with zero padding is taken for TWAMP unless it ends where STAMP does. */
function looksLikeStampReply(view: DataView, at: number, length: number): boolean {
  return length >= STAMP_SIZE && isZero(view, at + TWAMP_REFLECTOR_SIZE, at + STAMP_SIZE) &&
    isTlvChain(view, at + STAMP_SIZE, at + length);
}

/** As a reflector sends it: flags of any kind, but no TLV of the reserved type 0, which would let zeros pass. */
function isTlvChain(view: DataView, at: number, end: number): boolean {
  while (end - at >= TLV_HEADER && view.getUint8(at + 1) !== 0) at += TLV_HEADER + view.getUint16(at + 2);
  return at === end;
}

/** The Z bit of the Error Estimate at `field`; false if the packet ends before it. */
export function isPtp(view: DataView, at: number, length: number, field: number): boolean {
  return length >= field + 2 && (view.getUint16(at + field) & ERROR_PTP) !== 0;
}

/** UNIX seconds of the stamp at `at`. */
export function stampSeconds(view: DataView, at: number, ptp: boolean): number {
  return ptp ? view.getUint32(at) : ntpSeconds(view, at);
}

/** Whether two times in UNIX seconds may belong together; seconds wrap at 2^32. */
export function isNear(a: number, b: number): boolean {
  return Math.abs((a - b) | 0) < PLAUSIBLE_SPAN_S;
}

/** Whether octets `at` to `end` are all zero. */
export function isZero(view: DataView, at: number, end: number): boolean {
  for (; at < end; at++) if (view.getUint8(at) !== 0) return false;
  return true;
}
