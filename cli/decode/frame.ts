/**
 * What capture files are made of, and what was found in one.
 *
 * @module
 */

/** When a frame was captured: UNIX seconds and nanoseconds below a second. */
export interface CaptureTime {
  readonly seconds: number;
  readonly nanos: number;
}

/** One record of a capture file; its octets stay in the file. */
export interface Frame {
  /** From 1, counted over the whole file as other tools do. */
  readonly number: number;
  /** Undefined where the file does not say, or says what no clock can. */
  readonly time: CaptureTime | undefined;
  /** The LINKTYPE_ value that says what the octets start with. */
  readonly link: number;
  readonly at: number;
  /** Octets in the file. */
  readonly length: number;
  /** Octets on the wire; more than `length` if the capture cut the frame short. */
  readonly size: number;
}

/** Why a frame holds no datagram for us. */
export type Skip = "notIp" | "notUdp" | "fragments" | "malformed" | "cut" | "unknownLink";

/** What a capture file held, for the summary. */
export interface CaptureReport {
  frames: number;
  datagrams: number;
  /** TCP segments of control connections. */
  segments: number;
  readonly skipped: Record<Skip, number>;
  /** Why reading stopped before the end of the file, in words. */
  broken: string | undefined;
}

/** What came of a capture. */
export interface Counts {
  /** Control messages that were told about. */
  readonly messages: number;
  /** Test packets that were told about. */
  readonly shown: number;
  /** Datagrams that look like no test packet, or were not asked for. */
  readonly passedOver: number;
}

/** A report with nothing in it. */
export function emptyReport(): CaptureReport {
  const skipped = { notIp: 0, notUdp: 0, fragments: 0, malformed: 0, cut: 0, unknownLink: 0 };
  return { frames: 0, datagrams: 0, segments: 0, skipped, broken: undefined };
}

/** The last second that 32 bits can hold: stamps beyond it are no time of day. */
const LAST_SECOND = 0xffff_ffff;

/** A time from seconds and any number of nanoseconds; undefined outside 1970 to 2106. */
export function captureTime(seconds: number, nanos: number): CaptureTime | undefined {
  const whole = seconds + Math.floor(nanos / 1e9);
  return whole >= 0 && whole <= LAST_SECOND ? { seconds: whole, nanos: nanos % 1e9 } : undefined;
}
