/**
 * Numbers as the C library prints them, and times as owamp does: what the forms of `twping` share.
 *
 * @module
 */
import type { RunInfo } from "../core/plugin.ts";
import type { Nanos } from "../core/time/clock.ts";
import { ntpEpochSeconds, ntpFraction } from "../core/wire/timestamp.ts";

/** `%.{digits}g` of C: so many digits that count, no zeros at the end, an exponent of two digits where it is shorter. */
export function general(value: number, digits: number = 6): string {
  if (value === 0) return "0";
  if (!Number.isFinite(value)) return "nan";
  const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
  const power = Number(exponent);
  if (power >= -4 && power < digits) return trim(value.toFixed(digits - 1 - power));
  return `${trim(mantissa)}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}

function trim(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** Seconds, as `%g`; nothing is known of `null`. */
export function seconds(ns: Nanos | null): string {
  return ns === null ? "nan" : general(ns / 1e9);
}

/** An NTP timestamp as one integer of 64 bits (RFC 4656 section 4.1.2), twenty digits; 0 where there is none. */
export function timestamp(words: ArrayLike<number>, at: number = 0): string {
  const [unix, nanos] = [words[at], words[at + 1]];
  if (unix === 0 && nanos === 0) return "0".repeat(20);
  return String(BigInt(ntpEpochSeconds(unix)) << 32n | BigInt(ntpFraction(nanos))).padStart(20, "0");
}

/** A span in the same units: 2^-32 s. */
export function timeSpan(ns: Nanos): string {
  return String(BigInt(Math.round(ns)) * (1n << 32n) / 1_000_000_000n);
}

/** Address and port of `address:port` or `[address]:port`. */
export function parts(endpoint: string): [address: string, port: string] {
  const [, address, port] = /^(.*):(\d+)$/.exec(endpoint) ?? ["", endpoint, ""];
  return [address.replace(/^\[(.*)\]$/, "$1"), port];
}

/** The SID of the control connection; without one it is zero. */
export function sid({ session }: RunInfo): string {
  return session.control?.sid ?? "0".repeat(32);
}
