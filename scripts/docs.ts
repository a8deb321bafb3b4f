// Makes docs/packets.md, docs/control.md and docs/conformance.md out of tables: deno run -A scripts/docs.ts, or
// bun scripts/docs.ts.
// A test compares the files with what this makes of them.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { conformancePage } from "./conformance_page.ts";
import { controlPage } from "./control_page.ts";
import { CONTROL_MESSAGES } from "../core/wire/control_layouts.ts";
import type { FieldKind, Layout } from "../core/wire/layout.ts";
import { TLV_VALUES } from "../core/wire/tlv_layouts.ts";
import { TEST_PACKETS } from "../core/wire/test_packet.ts";

/** The pages that are made, and their texts. */
export const PAGES: readonly (readonly [file: string, text: () => string])[] = [
  [page("packets.md"), packetsPage],
  [page("control.md"), controlPage],
  [page("conformance.md"), conformancePage],
];

function page(name: string): string {
  return fileURLToPath(new URL(`../docs/${name}`, import.meta.url));
}

const KINDS: Readonly<Record<FieldKind, string>> = {
  u8: "unsigned, 8 bits",
  u16: "unsigned, 16 bits",
  u32: "unsigned, 32 bits",
  timestamp: "timestamp",
  interval: "interval",
  error: "Error Estimate",
  accept: "Accept",
  version: "4 bits zero, IP version",
  modes: "bits of Modes",
  "type-p": "Type-P",
  address: "address",
  text: "UTF-8, zeros behind",
  mbz: "must be zero",
  bytes: "octets",
};

const INTRODUCTION = `# Packets

Made from the layout tables in \`core/wire/test_packet.ts\`, \`core/wire/sealed_packet.ts\`,
\`core/wire/stamp_sealed.ts\`, \`core/wire/tlv_layouts.ts\` and \`core/wire/control_layouts.ts\` by \`scripts/docs.ts\`:
change those, not this page.

Numbers are in network order: the most significant octet comes first. Offsets count from the start of the UDP payload,
or of the control message. A timestamp is 8 octets, seconds and a fraction: seconds since 1900 and units of 2^-32 s (NTP,
RFC 4656 section 4.1.2), or seconds since 1970 and nanoseconds where the Z bit of the Error Estimate beside it is set
(PTP, RFC 8186 section 2). twampede reads both. It sends NTP; PTP a sender with \`--timestamp-format ptp\`, a responder
where the probe has it, a server where that was agreed on (RFC 8186 section 2.2). The Error Estimate is S (1 bit), Z (1),
Scale (6) and Multiplier (8): Multiplier * 2^(Scale - 32) seconds.

What follows the fields is padding in TWAMP, and a chain of extensions (TLVs, RFC 8972 section 4) in STAMP. Sealed
packets of TWAMP are shown as plain text. Authenticated mode encrypts the first 16 octets and has its HMAC over them,
encrypted mode all before the HMAC; the HMAC itself and the padding stay clear (RFC 5357 section 4.2.1). Authenticated
STAMP encrypts nothing; its HMAC (HMAC-SHA-256, 16 octets) is over all before it (RFC 8762 section 4.4).
`;

const TLVS = `## Values of STAMP TLVs

Behind the base packet, each after a header of 4 octets: flags (U 0x80, M 0x40, I 0x20, C 0x10), type, length of the
value. Shown is what has a fixed form; an address, sub-TLVs (with the same header) or padding may follow or be all. See
[STAMP extensions](stamp-extensions.md).
`;

const CONTROL = `## TWAMP-Control

On one TCP connection (port 862), in this order: the server's greeting, the client's Set-Up-Response, Server-Start; then
commands of the client and an answer to each but Stop-Sessions. Nothing but its place tells a greeting from a request:
\`decode\` follows the conversation.

In authenticated, encrypted and mixed mode all behind Server-IV, and all the client sends behind Client-IV, is encrypted
(AES-128-CBC, a stream each way), and an HMAC (HMAC-SHA1, 16 octets) covers what was sent since the one before; the first
of the server covers the encrypted block of Server-Start too (RFC 5357 section 3.2). In the open mode HMAC is zero. An
interval is seconds and units of 2^-32 s. Of an IPv4 address the last 12 octets are zero. A message that lists sessions
has as many SIDs as it says; shown is one of one SID.
`;

/** The text of the page. */
export function packetsPage(
  layouts: readonly Layout[] = TEST_PACKETS,
  messages: readonly Layout[] = CONTROL_MESSAGES,
): string {
  const control = messages.map((message) => `#${section(message)}`);
  const tlvs = TLV_VALUES.filter((value) => value !== undefined && value.size > 0).map((value) =>
    `#${section(value!)}`
  );
  return [INTRODUCTION, ...layouts.map(section), TLVS, ...tlvs, CONTROL, ...control].join("\n");
}

function section({ name, rfc, size, fields }: Layout): string {
  const rows = fields.map((field) => [octets(field.at, field.size), field.name, KINDS[field.kind]]);
  return `## ${name}\n\n${rfc}; ${size} octets.\n\n${table([["Octets", "Field", "Kind"], ...rows])}`;
}

function octets(at: number, size: number): string {
  return size === 1 ? String(at) : `${at} to ${at + size - 1}`;
}

/** Columns of one width, as the formatter wants them. */
function table(rows: readonly string[][]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(" | ")} |\n`;
  const [head, ...body] = rows.map(line);
  return head + line(widths.map((width) => "-".repeat(width))) + body.join("");
}

if (import.meta.main) { for (const [file, text] of PAGES) writeFileSync(file, text()); }
