/**
 * TWAMP-Control messages put into words: one line a field, from the layouts.
 *
 * @module
 */
import ipaddr from "ipaddr.js";
import { acceptText, Command, CONTROL_BLOCK, Mode, readAccept, SECURITY_MODES } from "./control_codes.ts";
import { offsetOf, readAddress, readInterval } from "./control_fields.ts";
import { CONTROL_LAYOUT, type ControlKind } from "./control_kinds.ts";
import { GREETING, type ListCommand, sessionListLayout } from "./control_layouts.ts";
import { LIST_FRAME, sessionCount } from "./control_run.ts";
import { KEY_ID_SIZE, readKeyId } from "./control_setup.ts";
import { describeField, describeOctets, type DissectedField, type DissectionOf, hex } from "./describe.ts";
import { isZero } from "./guess.ts";
import type { Field, Layout } from "./layout.ts";

export { CONTROL_LAYOUT, type ControlKind, guessControl } from "./control_kinds.ts";

/** A control message in words. */
export type ControlDissection = DissectionOf<ControlKind>;

/** The least iterations of PBKDF2 that are allowed (RFC 4656 section 3.1). */
const LEAST_COUNT = 1024;

/** Puts the message of `length` octets at `at` into words as `kind`. */
export function dissectControl(view: DataView, at: number, length: number, kind: ControlKind): ControlDissection {
  const warnings: string[] = [];
  const fields: DissectedField[] = [];
  const layout = layoutOf(view, at, length, kind, warnings);
  for (const field of layout.fields) {
    if (field.at + field.size > length) {
      warnings.push(`ends at octet ${length}; ${field.name} would end at ${field.at + field.size} (${layout.rfc})`);
      return { kind, layout, fields, warnings };
    }
    const value = describe(view, at, field, warnings);
    fields.push({ at: field.at, size: field.size, name: field.name, value });
  }
  if (layout.size < length) {
    const size = length - layout.size;
    fields.push({ at: layout.size, size, name: "Rest", value: describeOctets(view, at + layout.size, size) });
    warnings.push(`${size} octets more than the ${layout.size} of a ${layout.name} (${layout.rfc})`);
  }
  return { kind, layout, fields, warnings };
}

/** A list of sessions is as long as it says, or as there are octets. */
function layoutOf(view: DataView, at: number, length: number, kind: ControlKind, warnings: string[]): Layout {
  const layout = CONTROL_LAYOUT[kind];
  if (!layout.rfc.startsWith("RFC 5938") || length < CONTROL_BLOCK) return layout;
  const command = COMMAND_OF[kind as keyof typeof COMMAND_OF];
  const said = sessionCount(view, at, command);
  const held = Math.max(0, Math.floor((length - LIST_FRAME) / CONTROL_BLOCK));
  if (said === 0) warnings.push("Number of Sessions must be one or more");
  if (said > held) warnings.push(`Number of Sessions says ${said}, ${held} SIDs follow`);
  return sessionListLayout(command, Math.min(said, held));
}

const COMMAND_OF = {
  "start-n-sessions": Command.START_N,
  "start-n-ack": Command.START_N_ACK,
  "stop-n-sessions": Command.STOP_N,
  "stop-n-ack": Command.STOP_N_ACK,
} as const satisfies Partial<Record<ControlKind, ListCommand>>;

function describe(view: DataView, at: number, field: Field, warnings: string[]): string {
  const from = at + field.at;
  switch (field.kind) {
    case "accept":
      return describeAccept(view.getUint8(from));
    case "version":
      return describeVersion(view.getUint8(from), field, warnings);
    case "modes":
      return describeModes(view.getUint32(from));
    case "type-p":
      return describeTypeP(view.getUint32(from));
    case "interval":
      return `${(readInterval(view, from) / 1e9).toFixed(9)} s`;
    case "address":
      return describeAddress(view, at, field, warnings);
    case "text":
      return describeText(view, from, field, warnings);
    case "bytes":
      if (field.size === CONTROL_BLOCK && !isZero(view, from, from + field.size)) return hex(view, from, field.size);
      break;
    case "u32":
      if (field.name === "Count" && offersKeys(view, at)) warnCount(view.getUint32(from), warnings);
  }
  return describeField(view, at, field, false, warnings);
}

function describeAccept(octet: number): string {
  const accept = readAccept(octet);
  return accept === octet ? `${octet} (${acceptText(accept)})` : `${octet} (reserved, read as ${accept})`;
}

function describeVersion(octet: number, field: Field, warnings: string[]): string {
  if (octet >> 4 !== 0) warnings.push(`${field.name} at ${field.at} must be zero in its upper half: ${octet >> 4}`);
  return `IPv${octet & 0xf}`;
}

const MODE_NAMES = Object.entries(Mode).map(([name, bit]) => [name.toLowerCase(), bit] as const);

function describeModes(modes: number): string {
  const names = MODE_NAMES.filter(([, bit]) => modes & bit).map(([name]) => name);
  const known = MODE_NAMES.reduce((sum, [, bit]) => sum | bit, 0);
  if ((modes & ~known) !== 0) names.push(`unknown 0x${((modes & ~known) >>> 0).toString(16)}`);
  return `${modes} (${names.join(", ") || "none"})`;
}

/** RFC 4656 section 3.5. */
function describeTypeP(bits: number): string {
  const digits = `0x${bits.toString(16).padStart(8, "0")}`;
  if (bits >>> 30 === 0) return `${digits} (DSCP ${bits >>> 24})`;
  return bits >>> 30 === 1 ? `${digits} (PHB ID ${(bits >>> 14) & 0xffff})` : digits;
}

function describeAddress(view: DataView, at: number, field: Field, warnings: string[]): string {
  const from = at + field.at;
  const version = view.getUint8(at + 1) & 0xf;
  const size = version === 4 ? 4 : 16;
  if (!isZero(view, from + size, from + 16)) {
    const rest = describeOctets(view, from + size, 16 - size);
    warnings.push(`${field.name} at ${field.at} must be zero behind its ${size} octets: ${rest}`);
  }
  if (isZero(view, from, from + size)) return "zero (that of the control connection)";
  if (version !== 4 && version !== 6) return hex(view, from, size);
  const octets = [...readAddress(view, from, version)];
  return ipaddr.fromByteArray(version === 4 ? octets.slice(12) : octets).toString();
}

/** A text of a message in quotes; what a terminal would act on is written as its number. */
export function quotedText(text: string): string {
  return `"${text.replace(/[\p{C}"\\]/gu, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`)}"`;
}

function describeText(view: DataView, at: number, field: Field, warnings: string[]): string {
  let end = at;
  while (end < at + KEY_ID_SIZE && view.getUint8(end) !== 0) end++;
  if (!isZero(view, end, at + KEY_ID_SIZE)) warnings.push(`${field.name} at ${field.at} has octets behind its end`);
  if (end === at) return "empty";
  return quotedText(readKeyId(view, at));
}

/** Whether the greeting at `at` offers a mode that needs the count. */
function offersKeys(view: DataView, at: number): boolean {
  return (view.getUint32(at + offsetOf(GREETING, "Modes")) & SECURITY_MODES & ~Mode.OPEN) !== 0;
}

function warnCount(count: number, warnings: string[]): void {
  if (count >= LEAST_COUNT && (count & (count - 1)) === 0) return;
  warnings.push(`Count ${count} is no power of 2 from ${LEAST_COUNT} on (RFC 4656 section 3.1)`);
}
