/**
 * The probes that a sender remembers: a ring of columns, indexed by sequence number.
 *
 * A slot outlives its probe until the ring comes round, so that a reply that comes after the verdict can be told: a
 * late one from a second one.
 *
 * @module
 */
import type { Nanos } from "../time/clock.ts";

/** What is known of a probe. */
export const ProbeState = { PENDING: 1, ANSWERED: 2, LOST: 3, LATE: 4 } as const;

/** Columns, one row a probe; row = `seq & mask`. */
export interface Window {
  readonly size: number;
  readonly mask: number;
  readonly state: Uint8Array;
  /** Monotonic time. */
  readonly sentAt: Float64Array;
  readonly payload: Uint32Array;
  /** The reflector's number on the first reply. */
  readonly reflectorSeq: Uint32Array;
  /** T1 as wall words, two a row; the kernel's once it is known. */
  readonly t1: Uint32Array;
  /** Bits of `ProbeFlag` for the source of `t1`; 0 for user space. */
  readonly t1Source: Uint16Array;
  /** From user space's T1 to the one in `t1`. */
  readonly txLag: Float64Array;
  /** T1 as it went over the wire, two words a row: what a reply must echo. */
  readonly wireT1: Uint32Array;
}

/** A ring of at least `probes` rows, rounded up to a power of two; about 43 octets a row. */
export function createWindow(probes: number): Window {
  const size = 2 ** Math.ceil(Math.log2(Math.max(2, probes)));
  return {
    size,
    mask: size - 1,
    state: new Uint8Array(size),
    sentAt: new Float64Array(size),
    payload: new Uint32Array(size),
    reflectorSeq: new Uint32Array(size),
    t1: new Uint32Array(size * 2),
    t1Source: new Uint16Array(size),
    txLag: new Float64Array(size),
    wireT1: new Uint32Array(size * 2),
  };
}

/** Probes that can be in flight at once, at most; the window is twice that, about 360 MB. */
export const MOST_IN_FLIGHT = 2 ** 22;

/** Rows for all probes that can be in flight at once, and as many again of the past. */
export function windowFor(timeout: Nanos, meanGap: Nanos, count = Infinity): number {
  const inFlight = Math.min(Math.ceil(timeout / Math.max(meanGap, 1)) + 1, count, MOST_IN_FLIGHT);
  return Math.max(2 * inFlight, 1024);
}
