/**
 * FILETIME: units of 100 ns since 1601, 64 bits in two words.
 *
 * @module
 */

/** Units in a second. */
const SECOND = 1e7;
/** From 1601 to 1970. */
const EPOCH_S = 11_644_473_600;
/** A unit of the high word: whole seconds, and units. */
const HIGH_S = 429;
const HIGH_UNITS = 2 ** 32 - HIGH_S * SECOND;

/** Writes the UNIX seconds and nanoseconds of a FILETIME to `out[at]` and `out[at + 1]`; no double holds it as one number. */
export function fileTimeToWall(low: number, high: number, out: Uint32Array, at: number): void {
  const units = high * HIGH_UNITS + low;
  const seconds = Math.floor(units / SECOND);
  out[at] = high * HIGH_S + seconds - EPOCH_S;
  out[at + 1] = (units - seconds * SECOND) * 100;
}
