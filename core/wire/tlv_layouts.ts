/**
 * The values of STAMP TLVs, as far as they have a fixed form (RFC 8972 section 4, RFC 9503, RFC 9534, RFC 10052), and
 * the numbers in them.
 *
 * @module
 */
import { type Layout, layout } from "./layout.ts";

/** TLV types (RFC 8972 section 5.1, RFC 9503 section 7, RFC 9534 section 5). */
export const TlvType = {
  PADDING: 1,
  LOCATION: 2,
  TIMESTAMP_INFO: 3,
  COS: 4,
  DIRECT: 5,
  ACCESS: 6,
  FOLLOW_UP: 7,
  HMAC: 8,
  DESTINATION: 9,
  RETURN_PATH: 10,
  MICRO_SESSION: 11,
  CONTROL: 12,
} as const;

/** Sub-TLVs of Location (RFC 8972 section 5.3); 1, 4 and 7 are what a sender asks with. */
export const LocationSub = {
  SOURCE_MAC: 1,
  SOURCE_EUI48: 2,
  SOURCE_EUI64: 3,
  DESTINATION: 4,
  DESTINATION_IPV4: 5,
  DESTINATION_IPV6: 6,
  SOURCE: 7,
  SOURCE_IPV4: 8,
  SOURCE_IPV6: 9,
} as const;

/** Sub-TLVs of Reflected Test Packet Control, in the same registry. */
export const ControlSub = { LAYER2_GROUP: 10, LAYER3_GROUP: 11 } as const;

/** Sub-TLVs of Return Path (RFC 9503 section 7): a registry of its own. */
export const ReturnSub = { CONTROL_CODE: 1, ADDRESS: 2, SR_MPLS: 3, SRV6: 4 } as const;

/** Synchronization sources (RFC 8972 section 5.4). */
export const SYNC_SOURCES = [undefined, "NTP", "PTP", "SSU/BITS", "GNSS", "free-running"] as const;
export const SYNC_NTP = 1;
export const SYNC_LOCAL = 5;

/** Timestamping methods (RFC 8972 section 5.5). */
export const STAMP_METHODS = [undefined, "HW assist", "SW local", "control plane"] as const;
export const METHOD_HARDWARE = 1;
export const METHOD_SOFTWARE = 2;

/** Access IDs and Return Codes (RFC 8972 sections 4.6 and 5.6). */
export const ACCESS_IDS = [undefined, "3gpp", "non-3gpp"] as const;
export const RETURN_CODES = [undefined, "available", "unavailable"] as const;

const RFC = "RFC 8972 section 4";

export const PADDING_VALUE: Layout = layout("Extra Padding", `${RFC}.1`, []);
export const LOCATION_VALUE: Layout = layout("Location", `${RFC}.2`, [
  ["Destination Port", "u16", 2],
  ["Source Port", "u16", 2],
]);
export const TIMESTAMP_INFO_VALUE: Layout = layout("Timestamp Information", `${RFC}.3`, [
  ["Sync Src In", "u8", 1],
  ["Timestamp In", "u8", 1],
  ["Sync Src Out", "u8", 1],
  ["Timestamp Out", "u8", 1],
]);
export const COS_VALUE: Layout = layout("Class of Service", `${RFC}.4`, [
  ["DSCP1, DSCP2, ECN, RP", "u16", 2],
  ["Reserved", "mbz", 2],
]);
export const DIRECT_VALUE: Layout = layout("Direct Measurement", `${RFC}.5`, [
  ["Session-Sender Tx counter", "u32", 4],
  ["Session-Reflector Rx counter", "u32", 4],
  ["Session-Reflector Tx counter", "u32", 4],
]);
export const ACCESS_VALUE: Layout = layout("Access Report", `${RFC}.6`, [
  ["Access ID", "u8", 1],
  ["Return Code", "u8", 1],
  ["Reserved", "mbz", 2],
]);
export const FOLLOW_UP_VALUE: Layout = layout("Follow-Up Telemetry", `${RFC}.7`, [
  ["Sequence Number", "u32", 4],
  ["Follow-Up Timestamp", "timestamp", 8],
  ["Timestamp M", "u8", 1],
  ["Reserved", "mbz", 3],
]);
export const HMAC_VALUE: Layout = layout("HMAC", `${RFC}.8`, [["HMAC", "bytes", 16]]);
/** 4 octets or 16: an address. */
export const DESTINATION_VALUE: Layout = layout("Destination Node Address", "RFC 9503 section 3", []);
/** Sub-TLVs alone. */
export const RETURN_PATH_VALUE: Layout = layout("Return Path", "RFC 9503 section 4", []);
export const MICRO_SESSION_VALUE: Layout = layout("Micro-session ID", "RFC 9534 section 3.1", [
  ["Sender Micro-session ID", "u16", 2],
  ["Reflector Micro-session ID", "u16", 2],
]);
export const CONTROL_VALUE: Layout = layout("Reflected Test Packet Control", "RFC 10052", [
  ["Length of the Reflected Packet", "u16", 2],
  ["Number of the Reflected Packets", "u16", 2],
  ["Interval Between the Reflected Packets", "u32", 4],
]);

/** By type. */
export const TLV_VALUES: readonly (Layout | undefined)[] = [
  undefined,
  PADDING_VALUE,
  LOCATION_VALUE,
  TIMESTAMP_INFO_VALUE,
  COS_VALUE,
  DIRECT_VALUE,
  ACCESS_VALUE,
  FOLLOW_UP_VALUE,
  HMAC_VALUE,
  DESTINATION_VALUE,
  RETURN_PATH_VALUE,
  MICRO_SESSION_VALUE,
  CONTROL_VALUE,
];
