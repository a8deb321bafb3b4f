/**
 * The test packets of TWAMP in authenticated and encrypted mode, as plain text: layouts, and what of them is covered.
 *
 * RFC 5357 section 4.2.1 gives the reply 104 octets and RFC 6038 counts with 56 octets of padding; its figure has 112,
 * and errata 5045, 5046 and 6408 to 6410 say 112 and 64.
 *
 * @module
 */
import { type Layout, layout } from "./layout.ts";

/** Octets of the packets without padding. */
export const SEALED_SENDER_SIZE = 48;
export const SEALED_REFLECTOR_SIZE = 112;

/** Where the MAC is. All before it is covered in encrypted mode. */
export const SENDER_HMAC = 32;
export const REFLECTOR_HMAC = 96;
/** Octets that are covered, by MAC and cipher, in authenticated mode: the sequence number and what is reserved. */
export const AUTHENTICATED_COVER = 16;

export const SEALED_SENDER: Layout = layout(
  "Sealed TWAMP Session-Sender packet",
  "RFC 5357 section 4.1.2, RFC 4656 section 4.1.2",
  [
    ["Sequence Number", "u32", 4],
    ["MBZ", "mbz", 12],
    ["Timestamp", "timestamp", 8],
    ["Error Estimate", "error", 2],
    ["MBZ", "mbz", 6],
    ["HMAC", "bytes", 16],
  ],
);

/** With DSCP and ECN monitoring (RFC 7750 Figure 3); without it that octet is reserved. */
export const SEALED_REFLECTOR: Layout = layout(
  "Sealed TWAMP Session-Reflector packet",
  "RFC 5357 section 4.2.1, RFC 7750 section 2.2.1",
  [
    ["Sequence Number", "u32", 4],
    ["MBZ", "mbz", 12],
    ["Timestamp", "timestamp", 8],
    ["Error Estimate", "error", 2],
    ["MBZ", "mbz", 6],
    ["Receive Timestamp", "timestamp", 8],
    ["MBZ", "mbz", 8],
    ["Sender Sequence Number", "u32", 4],
    ["MBZ", "mbz", 12],
    ["Sender Timestamp", "timestamp", 8],
    ["Sender Error Estimate", "error", 2],
    ["MBZ", "mbz", 6],
    ["Sender TTL", "u8", 1],
    ["S-DSCP-ECN", "u8", 1],
    ["MBZ", "mbz", 14],
    ["HMAC", "bytes", 16],
  ],
);

/** RFC 6038 section 5.1.5 as erratum 5549 has it: 64 reserved octets before the padding. */
export const SEALED_SYMMETRICAL_SENDER: Layout = layout(
  "Sealed symmetrical TWAMP Session-Sender packet",
  "RFC 6038 section 5.1.5",
  [
    ["Sequence Number", "u32", 4],
    ["MBZ", "mbz", 12],
    ["Timestamp", "timestamp", 8],
    ["Error Estimate", "error", 2],
    ["MBZ", "mbz", 6],
    ["HMAC", "bytes", 16],
    ["MBZ", "mbz", 64],
  ],
);

/** All layouts of this file. */
export const SEALED_PACKETS: readonly Layout[] = [SEALED_SENDER, SEALED_REFLECTOR, SEALED_SYMMETRICAL_SENDER];
