/**
 * The Error Estimate of RFC 4656 section 4.1.2: S, Z (RFC 8186 section 2.3), Scale (6 bits), Multiplier (8 bits).
 * Error = Multiplier * 2^(Scale - 32) seconds.
 *
 * @module
 */
import type { Nanos } from "../time/clock.ts";

/** S: the clock is synchronised to UTC by an external source. */
export const ERROR_SYNCHRONIZED = 0x8000;
/** Z: timestamps are truncated PTPv2, not NTP. */
export const ERROR_PTP = 0x4000;

/** The smallest error it can say: 2^-32 s, 0.23 ns. */
const UNIT_NS = 1e9 / 2 ** 32;

/**
 * The 16 bits for an error of `errorNs` nanoseconds, rounded up: a claim is never better than the truth.
 * The multiplier is never 0, which would make the packet corrupt. An error that is not known (NaN) is claimed as the
 * largest there is, 17,000 years.
 */
export function errorEstimate(errorNs: Nanos, synchronized: boolean, ptp = false): number {
  const flags = (synchronized ? ERROR_SYNCHRONIZED : 0) | (ptp ? ERROR_PTP : 0);
  let multiplier = Number.isNaN(errorNs) ? Infinity : Math.max(1, Math.ceil(errorNs / UNIT_NS));
  let scale = 0;
  while (multiplier > 255 && scale < 63) {
    multiplier = Math.ceil(multiplier / 2);
    scale++;
  }
  return flags | (scale << 8) | Math.min(multiplier, 255);
}

/** The error in nanoseconds that `bits` claim; NaN for a multiplier of 0, which claims nothing. */
export function errorNanos(bits: number): Nanos {
  const multiplier = bits & 0xff;
  return multiplier === 0 ? NaN : multiplier * 2 ** ((bits >> 8) & 0x3f) * UNIT_NS;
}
