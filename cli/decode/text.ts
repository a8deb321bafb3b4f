/**
 * Explained packets as text of 80 columns.
 *
 * @module
 */
import { isoNanos } from "../../core/wire/dissect.ts";
import type { Note } from "./connections.ts";
import type { Answer, Explained } from "./explain.ts";
import type { CaptureReport, Counts, Skip } from "./frame.ts";

const WIDTH = 80;
const INDENT = 4;

/** The lines of one packet, an empty one at the end. */
export function packetText({ packet, dissection, warnings, answer }: Explained): string[] {
  const { number, time, from, to, size, ttl, tos } = packet;
  const lines: string[] = [];
  const what = dissection === undefined ? "Datagram" : dissection.layout.name;
  const facts = [what, `${size} octets`];
  if (ttl !== undefined) facts.push(`TTL ${ttl}`);
  if (tos !== undefined) facts.push(`TOS 0x${tos.toString(16).padStart(2, "0")}`);
  const mark = `#${number}`.padEnd(INDENT - 1) + " ";
  const rfc = dissection === undefined ? "" : ` (${dissection.layout.rfc})`;
  if (from === undefined) lines.push(...headline(mark + facts.join(", "), rfc));
  else {
    const when = time === undefined ? "" : `${isoNanos(time.seconds, time.nanos)}  `;
    lines.push(...wrap(`${mark}${when}${from} > ${to}`, INDENT));
    lines.push(...headline(" ".repeat(INDENT) + facts.join(", "), rfc));
  }
  lines.push(...fieldLines(dissection?.fields ?? []));
  for (const warning of warnings) lines.push(...wrap(`${" ".repeat(INDENT)}! ${warning}`, INDENT + 2));
  if (answer !== undefined) lines.push(...wrap(" ".repeat(INDENT) + answerText(answer), INDENT + 2));
  lines.push("");
  return lines;
}

/** The document goes on a line of its own where it does not fit. */
function headline(says: string, rfc: string): string[] {
  return says.length + rfc.length <= WIDTH ? [says + rfc] : [says, " ".repeat(INDENT - 1) + rfc];
}

/** Offset, size, name and value of each field, in columns as wide as this packet needs. */
function fieldLines(fields: NonNullable<Explained["dissection"]>["fields"]): string[] {
  let at = 2;
  let size = 2;
  let name = 0;
  for (const field of fields) {
    at = Math.max(at, String(field.at).length);
    size = Math.max(size, String(field.size).length);
    name = Math.max(name, field.name.length);
  }
  return fields.flatMap((field) => {
    const columns = `${String(field.at).padStart(at)} ${String(field.size).padStart(size)}  ${
      field.name.padEnd(name)
    }  `;
    return wrap(" ".repeat(INDENT) + columns + field.value, INDENT + columns.length);
  });
}

function answerText({ request, outboundNs, residenceNs, inboundNs, rttNs }: Answer): string {
  const parts = [request === null ? "= reply to a request not seen" : `= reply to #${request}`];
  if (rttNs !== null) parts.push(`rtt ${spanText(rttNs)}`);
  if (outboundNs !== null) parts.push(`outbound ${spanText(outboundNs)}`);
  if (inboundNs !== null) parts.push(`inbound ${spanText(inboundNs)}`);
  if (residenceNs !== null) parts.push(`residence ${spanText(residenceNs)}`);
  return parts.join(", ");
}

/** A signed span with a unit that leaves three figures or more before nanoseconds are lost. */
export function spanText(nanos: number): string {
  const size = Math.abs(nanos);
  if (size < 1e3) return `${nanos} ns`;
  if (size < 1e6) return `${(nanos / 1e3).toFixed(3)} us`;
  if (size < 1e9) return `${(nanos / 1e6).toFixed(3)} ms`;
  return `${(nanos / 1e9).toFixed(3)} s`;
}

const SKIP_TEXT: Readonly<Record<Skip, string>> = {
  notIp: "not IP",
  notUdp: "not UDP",
  fragments: "fragments",
  malformed: "with lengths that cannot be",
  cut: "cut in the headers",
  unknownLink: "of an unknown link type",
};

/** What is said of a connection. */
export function noteText({ from, to, text }: Note): string[] {
  return [...wrap(`! ${from} > ${to}: ${text}.`, 2), ""];
}

/** What a capture held: frames, control messages, test packets, what was left out and why. */
export function reportText(report: CaptureReport, { messages, shown, passedOver }: Counts): string[] {
  const parts = Object.entries(SKIP_TEXT)
    .filter(([skip]) => report.skipped[skip as Skip] > 0)
    .map(([skip, text]) => `${report.skipped[skip as Skip]} ${text}`);
  if (passedOver > 0) parts.push(`${passedOver} UDP but no test packets (--as KIND or --port N shows them)`);
  const left = parts.length === 0 ? "" : `; left out: ${parts.join(", ")}`;
  const control = report.segments > 0 ? `control messages: ${messages}, ` : "";
  const lines = wrap(`Frames: ${report.frames}, ${control}test packets: ${shown}${left}`, 2);
  if (shown > 0) lines.push(...wrap("Times are the capture's; rtt and inbound take them for the arrival (T4).", 2));
  if (report.broken !== undefined) lines.push(...wrap(`! The file breaks off: ${report.broken}.`, 2));
  return lines;
}

/** Breaks a line at spaces to fit; what follows the first line is indented. A word alone may be too long. */
function wrap(line: string, indent: number): string[] {
  const lines: string[] = [];
  while (line.length > WIDTH) {
    const space = line.lastIndexOf(" ", WIDTH);
    if (space <= indent) break;
    lines.push(line.slice(0, space).trimEnd());
    line = " ".repeat(indent) + line.slice(space + 1);
  }
  lines.push(line);
  return lines;
}
