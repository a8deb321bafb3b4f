/**
 * Explained packets as JSON, one object a line.
 *
 * @module
 */
import { isoNanos } from "../../core/wire/dissect.ts";
import type { Explained } from "./explain.ts";
import type { Note } from "./connections.ts";
import type { CaptureReport, Counts } from "./frame.ts";

/** One packet; what is not known is null. */
export function packetJson({ packet, dissection, warnings, answer }: Explained): string {
  const { number, time, from, to, size, length, ttl, tos } = packet;
  return JSON.stringify({
    type: "packet",
    number,
    time: time === undefined ? null : isoNanos(time.seconds, time.nanos),
    from: from ?? null,
    to: to ?? null,
    ttl: ttl ?? null,
    tos: tos ?? null,
    octets: size,
    captured: length,
    kind: dissection?.kind ?? null,
    rfc: dissection?.layout.rfc ?? null,
    fields: (dissection?.fields ?? []).map((field) => ({ ...field, hex: hexOf(packet.view, packet.at, field) })),
    warnings,
    reply: answer ?? null,
  });
}

function hexOf(view: DataView, at: number, field: { at: number; size: number }): string {
  const octets = new Uint8Array(view.buffer, view.byteOffset + at + field.at, field.size);
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, "0")).join("");
}

/** What is said of a connection. */
export function noteJson({ from, to, text }: Note): string {
  return JSON.stringify({ type: "note", from, to, text });
}

/** The last line of a capture. */
export function reportJson(report: CaptureReport, { messages, shown, passedOver }: Counts): string {
  const { frames, datagrams, segments, skipped, broken } = report;
  const control = { segments, messages };
  const counts = { frames, datagrams, shown, passedOver, control };
  return JSON.stringify({ type: "summary", ...counts, skipped, broken: broken ?? null });
}
