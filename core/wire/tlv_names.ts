/**
 * Names of STAMP TLV types, for people (RFC 8972 section 5.1, RFC 9503 section 7, RFC 9534 section 5, RFC 10052).
 *
 * @module
 */

const NAMES: readonly (string | undefined)[] = [
  undefined,
  "Extra Padding",
  "Location",
  "Timestamp Information",
  "Class of Service",
  "Direct Measurement",
  "Access Report",
  "Follow-Up Telemetry",
  "HMAC",
  "Destination Node Address",
  "Return Path",
  "Micro-session ID",
  "Reflected Test Packet Control",
];

/** `TLV Extra Padding`, or `TLV type 240` for a type without a name. */
export function tlvName(type: number): string {
  return `TLV ${NAMES[type] ?? `type ${type}`}`;
}
