/**
 * The open (unauthenticated) test packets of TWAMP and STAMP: offsets for the hot path, layouts for everything else.
 *
 * TWAMP and STAMP put the same fields at the same places; STAMP adds an SSID where TWAMP has reserved octets, and a
 * longer base packet in place of padding.
 *
 * @module
 */
import { type Layout, layout } from "./layout.ts";
import { SEALED_PACKETS } from "./sealed_packet.ts";
import { STAMP_SEALED_PACKETS } from "./stamp_sealed.ts";

/** Offsets in the Session-Sender packet. */
export const SENDER = { SEQ: 0, TIME: 4, ERROR: 12, SSID: 14 } as const;

/** Offsets in the Session-Reflector packet. */
export const REFLECTOR = {
  SEQ: 0,
  TIME: 4,
  ERROR: 12,
  SSID: 14,
  RECEIVED: 16,
  SENDER_SEQ: 24,
  SENDER_TIME: 28,
  SENDER_ERROR: 36,
  SENDER_TTL: 40,
} as const;

/** Octets of the base packets. */
export const TWAMP_SENDER_SIZE = 14;
export const TWAMP_REFLECTOR_SIZE = 41;
/** With DSCP and ECN monitoring (RFC 7750 section 2.2.1). */
export const TWAMP_MONITORED_SIZE = 44;
export const STAMP_SIZE = 44;

/** The shortest reply that has all four stamps: some reflectors end there (RFC 5357 has 41, and padding). */
export const SHORTEST_REPLY = 36;

/** The Sender TTL that stands for "could not be read" (RFC 5357 section 4.2). */
export const TTL_UNREADABLE = 255;

/** The largest UDP payload over IPv4. */
export const MAX_PAYLOAD = 65_507;

export const TWAMP_SENDER: Layout = layout("TWAMP Session-Sender packet", "RFC 5357 section 4.1.2", [
  ["Sequence Number", "u32", 4],
  ["Timestamp", "timestamp", 8],
  ["Error Estimate", "error", 2],
]);

export const TWAMP_REFLECTOR: Layout = layout("TWAMP Session-Reflector packet", "RFC 5357 section 4.2.1", [
  ["Sequence Number", "u32", 4],
  ["Timestamp", "timestamp", 8],
  ["Error Estimate", "error", 2],
  ["MBZ", "mbz", 2],
  ["Receive Timestamp", "timestamp", 8],
  ["Sender Sequence Number", "u32", 4],
  ["Sender Timestamp", "timestamp", 8],
  ["Sender Error Estimate", "error", 2],
  ["MBZ", "mbz", 2],
  ["Sender TTL", "u8", 1],
]);

export const TWAMP_MONITORED_REFLECTOR: Layout = layout(
  "TWAMP Session-Reflector packet with DSCP and ECN monitoring",
  "RFC 7750 section 2.2.1",
  [
    ["Sequence Number", "u32", 4],
    ["Timestamp", "timestamp", 8],
    ["Error Estimate", "error", 2],
    ["MBZ", "mbz", 2],
    ["Receive Timestamp", "timestamp", 8],
    ["Sender Sequence Number", "u32", 4],
    ["Sender Timestamp", "timestamp", 8],
    ["Sender Error Estimate", "error", 2],
    ["MBZ", "mbz", 2],
    ["Sender TTL", "u8", 1],
    ["S-DSCP-ECN", "u8", 1],
    ["MBZ", "mbz", 2],
  ],
);

export const TWAMP_SYMMETRICAL_SENDER: Layout = layout(
  "Symmetrical TWAMP Session-Sender packet",
  "RFC 6038 section 5.1.4",
  [
    ["Sequence Number", "u32", 4],
    ["Timestamp", "timestamp", 8],
    ["Error Estimate", "error", 2],
    ["MBZ", "mbz", 27],
  ],
);

/** 30 reserved octets where RFC 7750 Figure 4 has 28: see `testFormat`. */
export const TWAMP_SYMMETRICAL_MONITORED_SENDER: Layout = layout(
  "Symmetrical TWAMP Session-Sender packet with DSCP and ECN monitoring",
  "RFC 7750 section 2.2.2",
  [
    ["Sequence Number", "u32", 4],
    ["Timestamp", "timestamp", 8],
    ["Error Estimate", "error", 2],
    ["MBZ", "mbz", 30],
  ],
);

export const STAMP_SENDER: Layout = layout(
  "STAMP Session-Sender packet",
  "RFC 8762 section 4.2.1, RFC 8972 section 3",
  [
    ["Sequence Number", "u32", 4],
    ["Timestamp", "timestamp", 8],
    ["Error Estimate", "error", 2],
    ["SSID", "u16", 2],
    ["MBZ", "mbz", 28],
  ],
);

export const STAMP_REFLECTOR: Layout = layout(
  "STAMP Session-Reflector packet",
  "RFC 8762 section 4.3.1, RFC 8972 section 3",
  [
    ["Sequence Number", "u32", 4],
    ["Timestamp", "timestamp", 8],
    ["Error Estimate", "error", 2],
    ["SSID", "u16", 2],
    ["Receive Timestamp", "timestamp", 8],
    ["Session-Sender Sequence Number", "u32", 4],
    ["Session-Sender Timestamp", "timestamp", 8],
    ["Session-Sender Error Estimate", "error", 2],
    ["MBZ", "mbz", 2],
    ["Session-Sender TTL", "u8", 1],
    ["MBZ", "mbz", 3],
  ],
);

/** All test packets, open and sealed. */
export const TEST_PACKETS: readonly Layout[] = [
  TWAMP_SENDER,
  TWAMP_REFLECTOR,
  TWAMP_MONITORED_REFLECTOR,
  TWAMP_SYMMETRICAL_SENDER,
  TWAMP_SYMMETRICAL_MONITORED_SENDER,
  ...SEALED_PACKETS,
  STAMP_SENDER,
  STAMP_REFLECTOR,
  ...STAMP_SEALED_PACKETS,
];
