/**
 * Packets put into words: one line a field, from the layouts.
 *
 * @module
 */
import { ERROR_PTP, ERROR_SYNCHRONIZED, errorNanos } from "./error_estimate.ts";
import { guessKind, isPtp, isZero, KIND_LAYOUT, type PacketKind } from "./guess.ts";
import type { Field, Layout } from "./layout.ts";
import { REFLECTOR, SENDER, TWAMP_SENDER_SIZE } from "./test_packet.ts";
import { readTimestamp } from "./timestamp.ts";
import { TLV_HEADER, TlvFlag } from "./tlv.ts";
import { tlvName } from "./tlv_names.ts";

export { guessKind, KIND_LAYOUT, type PacketKind } from "./guess.ts";

/** One line of a dissection; `at` counts from the start of the packet. */
export interface DissectedField {
  readonly at: number;
  readonly size: number;
  readonly name: string;
  readonly value: string;
}

/** A packet in words. */
export interface Dissection {
  readonly kind: PacketKind;
  readonly layout: Layout;
  readonly fields: readonly DissectedField[];
  /** What is wrong with it, in words. */
  readonly warnings: readonly string[];
}

/** The most octets of padding or of a TLV that are shown. */
const SHOWN_OCTETS = 8;

/** Puts the packet at `at` into words as `kind`, or as what it looks like; undefined if it is too short for any. */
export function dissect(
  view: DataView,
  at: number,
  length: number,
  kind: PacketKind | undefined = guessKind(view, at, length),
): Dissection | undefined {
  if (kind === undefined || length < TWAMP_SENDER_SIZE) return undefined;
  const layout = KIND_LAYOUT[kind];
  const warnings: string[] = [];
  const ptp = isPtp(view, at, length, SENDER.ERROR);
  const senderPtp = isPtp(view, at, length, REFLECTOR.SENDER_ERROR);
  const fields: DissectedField[] = [];
  for (const field of layout.fields) {
    if (field.at + field.size > length) {
      warnings.push(`ends at octet ${length}; ${field.name} would end at ${field.at + field.size} (${layout.rfc})`);
      return { kind, layout, fields, warnings };
    }
    const value = describe(view, at, field, field.at === REFLECTOR.SENDER_TIME ? senderPtp : ptp, warnings);
    fields.push({ at: field.at, size: field.size, name: field.name, value });
  }
  let rest = layout.size;
  if (kind.startsWith("stamp")) rest = describeTlvs(view, at, rest, length, fields, warnings);
  if (rest < length) {
    const size = length - rest;
    fields.push({ at: rest, size, name: "Packet Padding", value: describeOctets(view, at + rest, size) });
  }
  return { kind, layout, fields, warnings };
}

function describe(view: DataView, at: number, field: Field, ptp: boolean, warnings: string[]): string {
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

function span(nanos: number): string {
  if (nanos < 1e3) return `${nanos.toPrecision(3)} ns`;
  if (nanos < 1e6) return `${(nanos / 1e3).toPrecision(3)} us`;
  if (nanos < 1e9) return `${(nanos / 1e6).toPrecision(3)} ms`;
  return `${(nanos / 1e9).toPrecision(3)} s`;
}

/** Adds a line a TLV from `from` on; returns where what is no TLV starts. */
function describeTlvs(
  view: DataView,
  at: number,
  from: number,
  length: number,
  fields: DissectedField[],
  warnings: string[],
): number {
  while (length - from >= TLV_HEADER) {
    const flags = view.getUint8(at + from);
    const type = view.getUint8(at + from + 1);
    const said = view.getUint16(at + from + 2);
    // Type 0 is reserved (RFC 8972 section 5.1): zeros here are the padding of a sender without extensions.
    if (flags === 0 && type === 0 && said === 0) return from;
    const name = tlvName(type);
    const size = Math.min(said, length - from - TLV_HEADER);
    if (size < said) warnings.push(`${name} at ${from} says ${said} octets, ${size} follow`);
    const value = size === 0 ? "" : `, ${describeOctets(view, at + from + TLV_HEADER, size)}`;
    fields.push({
      at: from,
      size: TLV_HEADER + size,
      name,
      value: `flags ${flagNames(flags)}, ${size} octets${value}`,
    });
    from += TLV_HEADER + size;
  }
  return from;
}

function flagNames(flags: number): string {
  let names = "";
  for (const [name, bit] of Object.entries(TlvFlag)) if (flags & bit) names += name;
  return names || "none";
}

function describeOctets(view: DataView, at: number, size: number): string {
  if (isZero(view, at, at + size)) return "zero";
  return size <= SHOWN_OCTETS ? hex(view, at, size) : `${hex(view, at, SHOWN_OCTETS)}…`;
}

function hex(view: DataView, at: number, size: number): string {
  let text = "";
  for (let i = 0; i < size; i++) text += view.getUint8(at + i).toString(16).padStart(2, "0");
  return text;
}
