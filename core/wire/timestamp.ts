/**
 * The two 64-bit wire timestamps, to and from wall words (UNIX seconds, nanoseconds).
 *
 * @module
 */

/** Seconds from 1900 (the NTP epoch) to 1970 (the UNIX epoch). */
const NTP_UNIX_OFFSET = 2_208_988_800;
/** 2^32 / 10^9: NTP fractions in a nanosecond. */
const FRACTION_PER_NANO = 4.294967296;

/** The NTP fraction (units of 2^-32 s) of `nanos`. */
export function ntpFraction(nanos: number): number {
  return Math.round(nanos * FRACTION_PER_NANO) >>> 0;
}

/** The NTP seconds of UNIX `seconds`; wraps with the era (RFC 5905 section 6). */
export function ntpEpochSeconds(seconds: number): number {
  return (seconds + NTP_UNIX_OFFSET) >>> 0;
}

/** Writes the NTP form (RFC 4656 section 4.1.2) of UNIX time at `at`. */
export function putNtp(view: DataView, at: number, seconds: number, nanos: number): void {
  view.setUint32(at, ntpEpochSeconds(seconds));
  view.setUint32(at + 4, ntpFraction(nanos));
}

/** UNIX seconds, 1970 to 2106, of the NTP timestamp at `at`: the end of era 0 and the start of era 1 (from 2036). */
export function ntpSeconds(view: DataView, at: number): number {
  return (view.getUint32(at) - NTP_UNIX_OFFSET) >>> 0;
}

/** Nanoseconds of the NTP timestamp at `at`, 0 to 1,000,000,000 (the last fractions of a second round up to it). */
export function ntpNanos(view: DataView, at: number): number {
  return Math.round(view.getUint32(at + 4) / FRACTION_PER_NANO);
}

/** Writes the truncated PTPv2 form (RFC 8186 section 2): seconds since 1970, nanoseconds. */
export function putPtp(view: DataView, at: number, seconds: number, nanos: number): void {
  view.setUint32(at, seconds);
  view.setUint32(at + 4, nanos);
}

/** Writes either form; `ptp` as in {@linkcode readTimestamp}. */
export function putTimestamp(view: DataView, at: number, seconds: number, nanos: number, ptp: boolean): void {
  if (ptp) putPtp(view, at, seconds, nanos);
  else putNtp(view, at, seconds, nanos);
}

/**
 * Reads either form into two words: UNIX seconds and nanoseconds.
 *
 * `ptp` is the Z bit of the Error Estimate beside it (RFC 8186 section 2.3). PTP seconds are taken as they are: whether
 * the far end counts TAI or UTC, it does not say.
 */
export function readTimestamp(view: DataView, at: number, ptp: boolean, out: Uint32Array, outAt: number): void {
  if (ptp) {
    out[outAt] = view.getUint32(at);
    out[outAt + 1] = view.getUint32(at + 4);
  } else {
    out[outAt] = ntpSeconds(view, at);
    out[outAt + 1] = ntpNanos(view, at);
  }
}
