/**
 * Whole messages to and from plain objects, by their layout. For tools, tests and library users; the machines read and
 * write single fields by offset instead.
 *
 * @module
 */
import { type Field, type Layout, NUMBER_SIZE } from "./layout.ts";
import { WireStatus } from "./status.ts";

/** Values of a message by field name: numbers, or the octets of timestamps and byte fields. MBZ fields are left out. */
export type Message = Record<string, number | Uint8Array>;

/** Reads the message at `at` into `out`. Reserved octets are ignored, as the RFCs ask of a receiver. */
export function decodeMessage(layout: Layout, view: DataView, at: number, length: number, out: Message): WireStatus {
  if (length < layout.size) return WireStatus.TOO_SHORT;
  for (const field of layout.fields) {
    const from = at + field.at;
    const size = numberSize(field);
    if (field.kind === "mbz") continue;
    else if (size === 1) out[field.name] = view.getUint8(from);
    else if (size === 2) out[field.name] = view.getUint16(from);
    else if (size === 4) out[field.name] = view.getUint32(from);
    else out[field.name] = new Uint8Array(view.buffer, view.byteOffset + from, field.size).slice();
  }
  return WireStatus.OK;
}

/** Writes `message` at `at`, reserved octets as zero; returns octets written, or -1 if `room` is too small. */
export function encodeMessage(layout: Layout, view: DataView, at: number, room: number, message: Message): number {
  if (room < layout.size) return -1;
  for (const field of layout.fields) {
    const to = at + field.at;
    const value = message[field.name] ?? 0;
    const size = numberSize(field);
    if (size === 1) view.setUint8(to, value as number);
    else if (size === 2) view.setUint16(to, value as number);
    else if (size === 4) view.setUint32(to, value as number);
    else {
      const octets = new Uint8Array(view.buffer, view.byteOffset + to, field.size).fill(0);
      if (field.kind !== "mbz" && value instanceof Uint8Array) octets.set(value.subarray(0, field.size));
    }
  }
  return layout.size;
}

/** Octets of a field that is a number; 0 for one that is not. */
function numberSize({ kind }: Field): number {
  return kind in NUMBER_SIZE ? NUMBER_SIZE[kind as keyof typeof NUMBER_SIZE] : 0;
}
