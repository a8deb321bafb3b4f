/**
 * Session Identifiers (RFC 4656 section 3.5), and the mode bits that are no security modes.
 *
 * @module
 */
import { Mode } from "../wire/control.ts";

/** Mode bits of extensions that this implementation knows. */
export const EXTENSIONS: number = Mode.INDIVIDUAL | Mode.REFLECT | Mode.SYMMETRICAL | Mode.MONITOR | Mode.PTP;

/** Octets of a SID. */
export const SID_SIZE = 16;

/** 32 hex digits. */
export function sidText(sid: Uint8Array): string {
  return Array.from(sid, (octet) => octet.toString(16).padStart(2, "0")).join("");
}

/** The octets of 32 hex digits. */
export function octetsOfSid(sid: string): Uint8Array {
  return Uint8Array.from({ length: SID_SIZE }, (_, i) => parseInt(sid.slice(2 * i, 2 * i + 2), 16));
}
