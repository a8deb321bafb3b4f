/**
 * How long the two base packets of a test session are, by what was agreed for it.
 *
 * @module
 */
import { type Offsets, OPEN, SEALED } from "./offsets.ts";
import { STAMP_SEALED_SIZE } from "./stamp_sealed.ts";
import { STAMP_SIZE, TWAMP_MONITORED_SIZE } from "./test_packet.ts";

/** How the packets of a test session are protected. */
export type TestMode = "open" | "authenticated" | "encrypted";

/** What was agreed for a test session. */
export interface FormatOptions {
  readonly mode: TestMode;
  /** Probes leave room for the reply's fields (RFC 6038 section 5.1.4). */
  readonly symmetrical?: boolean | undefined;
  /** Replies say which DSCP and ECN their probe had (RFC 7750). */
  readonly monitor?: boolean | undefined;
}

/** The packets of a test session. */
export interface TestFormat {
  readonly offsets: Offsets;
  /** Octets of a probe before its padding. */
  readonly senderSize: number;
  /** Octets of a reply before its padding. */
  readonly reflectorSize: number;
  /** Octets of padding with which both directions have one size: what the reply's fields take beyond the probe's. */
  readonly onesize: number;
}

/**
 * The format of TWAMP's packets.
 *
 * Symmetrical and monitored probes are 44 octets. RFC 7750 Figure 4 reserves 28 octets behind the 14, but the reply that
 * they make room for has 44 (Figure 2): 42 would let it grow by 2, where RFC 6038 section 5.2.2 wants one length, and
 * would have the padding to be reflected begin at 42 in the one and at 44 in the other. With 30 nothing moves, and
 * whoever counts by Figure 4 sees a padding that begins with two zeros.
 */
export function testFormat({ mode, symmetrical, monitor }: FormatOptions): TestFormat {
  const offsets = mode === "open" ? OPEN : SEALED;
  const reflectorSize = mode === "open" && monitor ? TWAMP_MONITORED_SIZE : offsets.REFLECTOR_SIZE;
  const senderSize = symmetrical ? reflectorSize : offsets.SENDER_SIZE;
  return { offsets, senderSize, reflectorSize, onesize: reflectorSize - senderSize };
}

/** The format of STAMP's in open mode, which is symmetrical. */
export const STAMP_FORMAT: TestFormat = {
  offsets: OPEN,
  senderSize: STAMP_SIZE,
  reflectorSize: STAMP_SIZE,
  onesize: 0,
};

/** The same in authenticated mode (RFC 8762 sections 4.2.2 and 4.3.2). */
export const STAMP_SEALED_FORMAT: TestFormat = {
  offsets: SEALED,
  senderSize: STAMP_SEALED_SIZE,
  reflectorSize: STAMP_SEALED_SIZE,
  onesize: 0,
};

/**
 * Whether the first `octets` of the padding come back whole in replies as long as their probes, which have
 * `paddingLength` octets of it (RFC 6038 sections 4.2 and 4.3): what does not fit is refused when it is asked for.
 */
export function fitsReflected(
  paddingLength: number,
  octets: number,
  mode: TestMode,
  monitor: boolean,
  symmetrical: boolean,
): boolean {
  return octets === 0 || paddingLength >= octets + testFormat({ mode, monitor, symmetrical }).onesize;
}
