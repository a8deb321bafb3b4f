/**
 * Spans of time as people write and read them: `500us`, `10ms`, `1.5s`.
 *
 * @module
 */
import type { Nanos } from "./clock.ts";

const UNITS: Readonly<Record<string, Nanos>> = {
  ns: 1,
  us: 1e3,
  "\u00b5s": 1e3, // micro sign
  "\u03bcs": 1e3, // Greek mu, which looks the same
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};
const SPAN = /^(\d+\.?\d*|\.\d+)([a-z\u00b5\u03bc]*)$/;

/**
 * Whole nanoseconds (rounded) of `500us`, `1.5s`, `2m`, or of a bare number of `bareUnitNs` each; undefined if `text` is
 * none of these or is too long to be exact (104 days).
 */
export function parseDuration(text: string, bareUnitNs: Nanos): Nanos | undefined {
  const parts = SPAN.exec(text);
  if (parts === null) return undefined;
  const [, digits, unit] = parts;
  if (unit !== "" && !Object.hasOwn(UNITS, unit)) return undefined;
  const ns = Math.round(Number(digits) * (unit === "" ? bareUnitNs : UNITS[unit]));
  return Number.isSafeInteger(ns) ? ns : undefined;
}

/**
 * Short text: `340ns`, `1.5ms`, `90s`, `2m`, `-20us`; up to three decimals, so not exact. Minutes and hours only where
 * they come out whole: nobody wants to read 1.667m.
 */
export function formatDuration(ns: Nanos): string {
  if (!Number.isFinite(ns)) return "forever";
  const span = Math.abs(ns);
  const sign = ns < 0 ? "-" : "";
  for (const unit of ["h", "m"]) {
    if (span >= UNITS[unit] && span % UNITS[unit] === 0) return `${sign}${span / UNITS[unit]}${unit}`;
  }
  for (const unit of ["s", "ms", "us"]) {
    const thousandths = Math.round(span / UNITS[unit] * 1000);
    if (thousandths >= 1000) return `${sign}${thousandths / 1000}${unit}`;
  }
  const rest = Math.round(span * 1000) / 1000;
  return rest === 0 ? "0s" : `${sign}${rest}ns`;
}
