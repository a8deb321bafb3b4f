/**
 * Where the fields of test packets are, as tables of one shape: the same code reads open and sealed packets.
 *
 * STAMP has its fields at the same places as TWAMP, open and sealed (RFC 8762 sections 4.2 and 4.3), and an SSID where
 * TWAMP has reserved octets (RFC 8972 section 3).
 *
 * @module
 */
import { SEALED_REFLECTOR_SIZE, SEALED_SENDER_SIZE } from "./sealed_packet.ts";
import { REFLECTOR, SENDER, SHORTEST_REPLY, TWAMP_REFLECTOR_SIZE, TWAMP_SENDER_SIZE } from "./test_packet.ts";

/** Offsets in both packets of a session; the sender's own fields are where the reflector's are. */
export interface Offsets {
  readonly SEQ: number;
  readonly TIME: number;
  readonly ERROR: number;
  readonly SSID: number;
  readonly RECEIVED: number;
  readonly SENDER_SEQ: number;
  readonly SENDER_TIME: number;
  readonly SENDER_ERROR: number;
  readonly SENDER_TTL: number;
  /** S-DSCP-ECN, where it is monitored (RFC 7750 section 2.2.1). */
  readonly SENDER_DSCP_ECN: number;
  /** Octets of the base packets of TWAMP. */
  readonly SENDER_SIZE: number;
  readonly REFLECTOR_SIZE: number;
  /** The shortest reply that is read. */
  readonly SHORTEST_REPLY: number;
}

/** Unauthenticated mode. */
export const OPEN: Offsets = {
  SEQ: SENDER.SEQ,
  TIME: SENDER.TIME,
  ERROR: SENDER.ERROR,
  SSID: SENDER.SSID,
  RECEIVED: REFLECTOR.RECEIVED,
  SENDER_SEQ: REFLECTOR.SENDER_SEQ,
  SENDER_TIME: REFLECTOR.SENDER_TIME,
  SENDER_ERROR: REFLECTOR.SENDER_ERROR,
  SENDER_TTL: REFLECTOR.SENDER_TTL,
  SENDER_DSCP_ECN: REFLECTOR.SENDER_TTL + 1,
  SENDER_SIZE: TWAMP_SENDER_SIZE,
  REFLECTOR_SIZE: TWAMP_REFLECTOR_SIZE,
  SHORTEST_REPLY,
};

/** Authenticated and encrypted mode: every reply is whole, or it has no MAC. */
export const SEALED: Offsets = {
  SEQ: 0,
  TIME: 16,
  ERROR: 24,
  SSID: 26,
  RECEIVED: 32,
  SENDER_SEQ: 48,
  SENDER_TIME: 64,
  SENDER_ERROR: 72,
  SENDER_TTL: 80,
  SENDER_DSCP_ECN: 81,
  SENDER_SIZE: SEALED_SENDER_SIZE,
  REFLECTOR_SIZE: SEALED_REFLECTOR_SIZE,
  SHORTEST_REPLY: SEALED_REFLECTOR_SIZE,
};
