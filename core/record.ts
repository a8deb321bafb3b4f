/**
 * A finished probe: the only thing that flows from a session to statistics and outputs.
 *
 * @module
 */
import type { Nanos } from "./time/clock.ts";
import type { TlvValues } from "./tlv.ts";

/** Bits of {@linkcode ProbeRecord.flags}. */
export const ProbeFlag = {
  /** Answered in time. A sequence number is finished once, with this or with LOST. */
  RECEIVED: 1,
  /** Not answered within the timeout. */
  LOST: 2,
  /** One more reply to a probe already answered; not a finished probe. */
  DUPLICATE: 4,
  /** A reply to a probe already counted as lost; not a finished probe. */
  LATE: 8,
  /** Arrived after a reply to a higher sequence number (RFC 4737 section 3.3). */
  REORDERED: 16,
  /** With DUPLICATE: the reflector numbered this reply anew, so the copy was made on the way there. */
  COPIED_OUTBOUND: 32,
  T1_KERNEL: 256,
  T3_KERNEL: 1024,
  T4_KERNEL: 2048,
  T1_HARDWARE: 4096,
  T3_HARDWARE: 16384,
  T4_HARDWARE: 32768,
  /** The reflector's Error Estimate has S = 0. */
  UNSYNCHRONIZED: 65536,
} as const;

/**
 * One probe, complete. Reused from call to call: copy what must outlive it.
 *
 * A number that is not known is `NaN`, never 0.
 */
export interface ProbeRecord {
  /** Sequence number, not wrapped at 2^32. */
  seq: number;
  /** Bits of {@linkcode ProbeFlag}. */
  flags: number;
  /** The reflector's own sequence number, 32 bits as on the wire. */
  reflectorSeq: number;
  /** UDP payload octets of the probe. */
  size: number;
  /** UDP payload octets of the reply. */
  replySize: number;
  /** TTL of the probe as the reflector saw it. */
  ttlForward: number;
  /** TTL of the reply as it came in here. */
  ttlBackward: number;
  /** TOS octet of the probe as the reflector received it, where it tells (S-DSCP-ECN, RFC 7750 section 2.2.1). */
  tosForward: number;
  /** TOS octet of the reply as it came in here. */
  tosBackward: number;
  /** What TLVs brought back; undefined where none were sent, or none came back. */
  tlv: TlvValues | undefined;
  /** T1..T4, two words each: `[s, ns, s, ns, s, ns, s, ns]`; UNIX time, 0 0 where absent. */
  readonly stamps: Uint32Array;
  /** (T4 - T1) - (T3 - T2), nanoseconds. */
  rtt: Nanos;
  /** T2 - T1, nanoseconds, signed: clocks may disagree. */
  forward: Nanos;
  /** T4 - T3, nanoseconds, signed. */
  backward: Nanos;
  /** T3 - T2, nanoseconds: the reflector's residence time. */
  residence: Nanos;
  /** From this program's own T1 to the one in `stamps`: what the way out of this host took. 0 where they are one. */
  txLag: Nanos;
  /** From the T3 that the reply had to the one in `stamps`, which came later (RFC 8972 section 4.7). 0 where they are one. */
  t3Lag: Nanos;
  /** From the T4 in `stamps` to this program's own: what the way into it took. 0 where they are one. */
  rxLag: Nanos;
  /** How often this host's wall clock had been set in this session when the reply was read, or the probe given up. */
  clockSteps: number;
}

/** A record with nothing known. */
export function createRecord(): ProbeRecord {
  return {
    seq: 0,
    flags: 0,
    reflectorSeq: NaN,
    size: NaN,
    replySize: NaN,
    ttlForward: NaN,
    ttlBackward: NaN,
    tosForward: NaN,
    tosBackward: NaN,
    tlv: undefined,
    stamps: new Uint32Array(8),
    rtt: NaN,
    forward: NaN,
    backward: NaN,
    residence: NaN,
    txLag: 0,
    t3Lag: 0,
    rxLag: 0,
    clockSteps: 0,
  };
}

/** Copies a record into `to`; what TLVs brought stays where it is. */
export function copyRecord(from: Readonly<ProbeRecord>, to: ProbeRecord): void {
  to.seq = from.seq;
  to.flags = from.flags;
  to.reflectorSeq = from.reflectorSeq;
  to.size = from.size;
  to.replySize = from.replySize;
  to.ttlForward = from.ttlForward;
  to.ttlBackward = from.ttlBackward;
  to.tosForward = from.tosForward;
  to.tosBackward = from.tosBackward;
  to.tlv = from.tlv;
  for (let i = 0; i < to.stamps.length; i++) to.stamps[i] = from.stamps[i];
  to.rtt = from.rtt;
  to.forward = from.forward;
  to.backward = from.backward;
  to.residence = from.residence;
  to.txLag = from.txLag;
  to.t3Lag = from.t3Lag;
  to.rxLag = from.rxLag;
  to.clockSteps = from.clockSteps;
}
