/**
 * Numbers as text: the forms that more than one output uses.
 *
 * @module
 */
import { dscpName } from "../core/dscp.ts";
import type { ClockOffset } from "../core/snapshot.ts";
import type { Nanos } from "../core/time/clock.ts";

/** What stands where a number is not known; an unknown is never printed as 0. */
export const UNKNOWN = "n/a";

/**
 * A delay, ten octets wide, in the unit that twampy would choose, so that whoever scrapes its table goes on.
 *
 * The unit follows the magnitude: a one-way delay between clocks that disagree may be negative and keeps its sign.
 * Microseconds are cut, not rounded, as there; of whole nanoseconds, so that a saved result is shown as the run was.
 */
export function delayCell(exact: Nanos | null): string {
  if (exact === null || Number.isNaN(exact)) return UNKNOWN.padStart(10);
  const ns = Math.round(exact);
  const size = Math.abs(ns);
  if (size > 60e9) return (ns / 60e9).toFixed(1).padStart(7) + "min";
  if (size > 10e9) return (ns / 1e9).toFixed(1).padStart(7) + "sec";
  if (size > 1e9) return (ns / 1e9).toFixed(2).padStart(7) + "sec";
  if (size > 1e6) return (ns / 1e6).toFixed(2).padStart(8) + "ms";
  return String(Math.trunc(ns / 1e3)).padStart(8) + "us";
}

/** The same without the blanks, for running text. */
export function delayText(ns: Nanos | null): string {
  return delayCell(ns).trimStart();
}

/** `AF41 (TOS 0x88)`. */
export function tosText(tos: number): string {
  return `${dscpName(tos >> 2).toUpperCase()} (TOS 0x${tos.toString(16).padStart(2, "0")})`;
}

/** The difference between the clocks with its bound, and which way round it is. */
export function clockText({ offsetNs, boundNs }: ClockOffset): string {
  const sign = offsetNs > 0 ? "+" : "";
  return `${sign}${delayText(offsetNs)} +/- ${delayText(boundNs)} (their clock minus ours)`;
}

/** Percent of `whole`; null where either is not known or there is nothing to divide by. */
export function percentOf(part: number | null, whole: number): number | null {
  return part === null || whole === 0 ? null : 100 * part / whole;
}

/** A percentage with one digit after the point, as twampy prints loss. */
export function percentText(percent: number | null): string {
  return percent === null ? UNKNOWN : percent.toFixed(1) + "%";
}

/**
 * A decimal number without an exponent, always with a point, at most six digits after it: of milliseconds that is a
 * nanosecond, of a percentage one probe in a hundred million.
 */
export function decimal(value: number): string {
  const text = value.toFixed(6).replace(/0{1,5}$/, "");
  return text === "-0.0" ? "0.0" : text;
}

/** `26/11/20 14:10:11`, as Python's `%y/%m/%d %H:%M:%S`, in UTC: of the zone of this host an output knows nothing. */
export function dateTime(unixSeconds: number): string {
  return new Date(Math.floor(unixSeconds) * 1000).toISOString().slice(2, 19).replaceAll("-", "/").replace("T", " ");
}
