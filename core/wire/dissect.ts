/**
 * Packets put into words: one line a field, from the layouts.
 *
 * @module
 */
import { describeField, describeOctets, type DissectedField, type DissectionOf } from "./describe.ts";
import { guessKind, isPtp, KIND_LAYOUT, offsetsOf, type PacketKind } from "./guess.ts";
import { TWAMP_SENDER_SIZE } from "./test_packet.ts";
import { TLV_HEADER } from "./tlv.ts";
import { describeTlvValue, flagNames } from "./tlv_describe.ts";
import { tlvName } from "./tlv_names.ts";

export { type DissectedField, type DissectionOf, isoNanos } from "./describe.ts";
export { guessKind, KIND_LAYOUT, type PacketKind } from "./guess.ts";

/** A packet in words. */
export type Dissection = DissectionOf<PacketKind>;

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
  const offsets = offsetsOf(kind);
  const ptp = isPtp(view, at, length, offsets.ERROR);
  const senderPtp = isPtp(view, at, length, offsets.SENDER_ERROR);
  const fields: DissectedField[] = [];
  for (const field of layout.fields) {
    if (field.at + field.size > length) {
      warnings.push(`ends at octet ${length}; ${field.name} would end at ${field.at + field.size} (${layout.rfc})`);
      return { kind, layout, fields, warnings };
    }
    const value = describeField(view, at, field, field.at === offsets.SENDER_TIME ? senderPtp : ptp, warnings);
    fields.push({ at: field.at, size: field.size, name: field.name, value });
  }
  let rest = layout.size;
  if (kind.startsWith("stamp")) rest = describeTlvs(view, at, rest, length, ptp, fields, warnings);
  if (rest < length) {
    const size = length - rest;
    fields.push({ at: rest, size, name: "Packet Padding", value: describeOctets(view, at + rest, size) });
  }
  return { kind, layout, fields, warnings };
}

/** Adds a line a TLV from `from` on; returns where what is no TLV starts. */
function describeTlvs(
  view: DataView,
  at: number,
  from: number,
  length: number,
  ptp: boolean,
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
    const text = describeTlvValue(view, at + from + TLV_HEADER, type, size, ptp, warnings);
    const value = text === "" ? "" : `, ${text}`;
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
