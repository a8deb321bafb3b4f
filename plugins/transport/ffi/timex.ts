/**
 * `struct timex`, in which kernels that steer their clock tell how far off it may be. Its beginning is the same on Linux,
 * macOS and FreeBSD with 64 bits.
 *
 * @module
 */
import { fixedMemory } from "./native.ts";

/** Offsets in octets; the size is that of Linux, which is the largest. */
export const TIMEX = { SIZE: 208, MAXERROR: 24, ESTERROR: 32, STATUS: 40 };
export const STA_UNSYNC = 0x40;

/** What the kernel says of its clock. */
export interface Synchronisation {
  readonly synchronized: boolean;
  /** The kernel's bound of the error, nanoseconds. */
  readonly maxErrorNs: number;
  /** Its estimate of it. */
  readonly estErrorNs: number;
}

/** Asks by `adjust` (adjtimex, ntp_adjtime), which changes nothing when all is 0; undefined where that is refused. */
export function askTimex(adjust: (timex: Uint8Array) => number): Synchronisation | undefined {
  const timex = fixedMemory(TIMEX.SIZE);
  if (adjust(timex) < 0) return undefined;
  const view = new DataView(timex.buffer);
  return {
    synchronized: (view.getInt32(TIMEX.STATUS, true) & STA_UNSYNC) === 0,
    maxErrorNs: Number(view.getBigInt64(TIMEX.MAXERROR, true)) * 1000,
    estErrorNs: Number(view.getBigInt64(TIMEX.ESTERROR, true)) * 1000,
  };
}
