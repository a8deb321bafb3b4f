/**
 * Values of fields in words, for dissections.
 *
 * @module
 */
import { ERROR_PTP, ERROR_SYNCHRONIZED, errorNanos } from "./error_estimate.ts";
import { isZero } from "./guess.ts";
import type { Field, Layout } from "./layout.ts";
import { readTimestamp } from "./timestamp.ts";

/** One line of a dissection; `at` counts from the start of the packet. */
export interface DissectedField {
  readonly at: number;
  readonly size: number;
  readonly name: string;
  readonly value: string;
}

/** A packet in words, as one of some kinds. */
export interface DissectionOf<Kind extends string> {
  readonly kind: Kind;
  readonly layout: Layout;
  readonly fields: readonly DissectedField[];
  /** What is wrong with it, in words. */
  readonly warnings: readonly string[];
}

/** The most octets of padding or of a TLV that are shown. */
const SHOWN_OCTETS = 8;

/** The value of `field` of the packet at `at`; what is wrong with it is added to `warnings`. */
export function describeField(view: DataView, at: number, field: Field, ptp: boolean, warnings: string[]): string {
  const from = at + field.at;
  if (field.kind === "u8") return String(view.getUint8(from));
  if (field.kind === "u16") return String(view.getUint16(from));
  if (field.kind === "u32") return String(view.getUint32(from));
  if (field.kind === "timestamp") return describeTimestamp(view, from, ptp, field.name, warnings);
  if (field.kind === "error") return describeError(view.getUint16(from), field.name, warnings);
  const value = describeOctets(view, from, field.size);
  if (field.kind === "mbz" && value !== "zero") warnings.push(`${field.name} at ${field.at} must be zero: ${value}`);
  return value;
}

function describeTimestamp(view: DataView, at: number, ptp: boolean, name: string, warnings: string[]): string {
  if (view.getUint32(at) === 0 && view.getUint32(at + 4) === 0) return "zero (no stamp)";
  const words = new Uint32Array(2);
  readTimestamp(view, at, ptp, words, 0);
  if (ptp && words[1] >= 1e9) warnings.push(`${name} has ${words[1]} nanoseconds, which is a second or more`);
  return `${isoNanos(words[0], words[1])} ${ptp ? "PTP" : "NTP"}`;
}

/** `2026-01-01T00:00:00.123456789Z`; `nanos` of a second and more carry. */
export function isoNanos(seconds: number, nanos: number): string {
  const whole = seconds + Math.floor(nanos / 1e9);
  return `${new Date(whole * 1000).toISOString().slice(0, -5)}.${String(nanos % 1e9).padStart(9, "0")}Z`;
}

function describeError(bits: number, name: string, warnings: string[]): string {
  const multiplier = bits & 0xff;
  if (multiplier === 0) warnings.push(`${name} has a multiplier of 0, which RFC 4656 section 4.1.2 forbids`);
  const flags = `S=${bits & ERROR_SYNCHRONIZED ? 1 : 0} Z=${bits & ERROR_PTP ? 1 : 0}`;
  const says = multiplier === 0 ? "nothing" : span(errorNanos(bits));
  return `${flags} scale=${(bits >> 8) & 0x3f} mult=${multiplier}: ${says}`;
}

/** A span to three figures. */
function span(nanos: number): string {
  if (nanos < 1e3) return `${nanos.toPrecision(3)} ns`;
  if (nanos < 1e6) return `${(nanos / 1e3).toPrecision(3)} us`;
  if (nanos < 1e9) return `${(nanos / 1e6).toPrecision(3)} ms`;
  return `${(nanos / 1e9).toPrecision(3)} s`;
}

/** At most 8 octets in hex, or that all are zero. */
export function describeOctets(view: DataView, at: number, size: number): string {
  if (isZero(view, at, at + size)) return "zero";
  return size <= SHOWN_OCTETS ? hex(view, at, size) : `${hex(view, at, SHOWN_OCTETS)}…`;
}

/** Octets in hex. */
export function hex(view: DataView, at: number, size: number): string {
  let text = "";
  for (let i = 0; i < size; i++) text += view.getUint8(at + i).toString(16).padStart(2, "0");
  return text;
}
