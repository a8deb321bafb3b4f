/**
 * The base packets of STAMP in authenticated mode: layouts, and what of them is covered. Nothing is encrypted.
 *
 * The fields are where those of sealed TWAMP are, both packets have one size, and the MAC of both is at one place.
 *
 * @module
 */
import { type Layout, layout } from "./layout.ts";

/** Octets of both packets without TLVs. */
export const STAMP_SEALED_SIZE = 112;

/** Where the MAC is: it covers all before it, so both timestamps (RFC 8762 section 4.4). */
export const STAMP_HMAC = 96;

export const STAMP_SEALED_SENDER: Layout = layout(
  "Authenticated STAMP Session-Sender packet",
  "RFC 8762 section 4.2.2, RFC 8972 section 3",
  [
    ["Sequence Number", "u32", 4],
    ["MBZ", "mbz", 12],
    ["Timestamp", "timestamp", 8],
    ["Error Estimate", "error", 2],
    ["SSID", "u16", 2],
    ["MBZ", "mbz", 68],
    ["HMAC", "bytes", 16],
  ],
);

export const STAMP_SEALED_REFLECTOR: Layout = layout(
  "Authenticated STAMP Session-Reflector packet",
  "RFC 8762 section 4.3.2, RFC 8972 section 3",
  [
    ["Sequence Number", "u32", 4],
    ["MBZ", "mbz", 12],
    ["Timestamp", "timestamp", 8],
    ["Error Estimate", "error", 2],
    ["SSID", "u16", 2],
    ["MBZ", "mbz", 4],
    ["Receive Timestamp", "timestamp", 8],
    ["MBZ", "mbz", 8],
    ["Session-Sender Sequence Number", "u32", 4],
    ["MBZ", "mbz", 12],
    ["Session-Sender Timestamp", "timestamp", 8],
    ["Session-Sender Error Estimate", "error", 2],
    ["MBZ", "mbz", 6],
    ["Session-Sender TTL", "u8", 1],
    ["MBZ", "mbz", 15],
    ["HMAC", "bytes", 16],
  ],
);

/** All layouts of this file. */
export const STAMP_SEALED_PACKETS: readonly Layout[] = [STAMP_SEALED_SENDER, STAMP_SEALED_REFLECTOR];
