/**
 * Our packets, read by somebody else: the TWAMP-Test dissector of Wireshark.
 *
 * It takes anything of 41 octets or more for a reply, has no name for the SSID (its first MBZ) nor for TLVs (padding),
 * and cuts an NTP fraction down to whole nanoseconds where this project rounds. Version 4.0 does not look at the Z bit
 * for the Sender Timestamp, but at the second bit of that stamp itself: only NTP of our days is read right there.
 *
 * @module
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { encodeMessage, type Message } from "../../../core/wire/codec.ts";
import { KIND_LAYOUT, type PacketKind } from "../../../core/wire/dissect.ts";
import { ERROR_PTP, errorEstimate } from "../../../core/wire/error_estimate.ts";
import { putNtp, putPtp } from "../../../core/wire/timestamp.ts";
import { putExtraPadding } from "../../../core/wire/tlv.ts";
import { ethernet, ipv4, ipv6, join, pcap, udp } from "../../cli/decode/build.ts";

/** Of each kind, with each sort of address. */
const PACKETS = 60;
const PORT = 20001;
/** In 2104: what NTP has beyond, Wireshark takes for the two years before 1970 (this project for 2104 to 2106). */
const LAST_SECOND = 4_233_462_143;
const COLUMNS = [
  "seq_number",
  "timestamp",
  "error_estimate",
  "mbz1",
  "receive_timestamp",
  "sender_seq_number",
  "sender_timestamp",
  "sender_error_estimate",
  "mbz2",
  "sender_ttl",
  "padding",
];
type Row = Record<string, string>;

interface Stamp {
  readonly seconds: number;
  readonly nanos: number;
}

/** What one packet is made of. */
interface Values {
  readonly sequence: number;
  readonly senderSequence: number;
  readonly ssid: number;
  readonly ttl: number;
  readonly stamps: readonly [sent: Stamp, received: Stamp, sender: Stamp];
  readonly errors: readonly [own: number, sender: number];
}

const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const seconds = fc.integer({ min: 0, max: LAST_SECOND });
const nanos = fc.integer({ min: 0, max: 999_999_999 });
const stamp: fc.Arbitrary<Stamp> = fc.record({ seconds, nanos });
const senderStamp: fc.Arbitrary<Stamp> = fc.record({ seconds: fc.integer({ min: 1.3e9, max: 2e9 }), nanos });
const error = (ptp: fc.Arbitrary<boolean>) =>
  fc.tuple(fc.double({ min: 0, max: 1e15, noNaN: true }), fc.boolean(), ptp)
    .map(([nanos, synchronized, isPtp]) => errorEstimate(nanos, synchronized, isPtp));
const values: fc.Arbitrary<Values> = fc.record({
  sequence: u32,
  senderSequence: u32,
  ssid: fc.integer({ min: 0, max: 0xffff }),
  ttl: fc.integer({ min: 0, max: 255 }),
  stamps: fc.tuple(stamp, stamp, senderStamp),
  errors: fc.tuple(error(fc.boolean()), error(fc.constant(false))),
});

function isPtp(errorBits: number): boolean {
  return (errorBits & ERROR_PTP) !== 0;
}

function stampOctets({ seconds, nanos }: Stamp, errorBits: number): Uint8Array {
  const octets = new Uint8Array(8);
  (isPtp(errorBits) ? putPtp : putNtp)(new DataView(octets.buffer), 0, seconds, nanos);
  return octets;
}

/** The packet as our codec writes it; a name that a layout does not have is no matter. */
function encode(kind: PacketKind, { sequence, senderSequence, ssid, ttl, stamps, errors }: Values): Uint8Array {
  const layout = KIND_LAYOUT[kind];
  const sender = kind === "stamp-reflector" ? "Session-Sender" : "Sender";
  const message: Message = {
    "Sequence Number": sequence,
    "Timestamp": stampOctets(stamps[0], errors[0]),
    "Error Estimate": errors[0],
    "SSID": ssid,
    "Receive Timestamp": stampOctets(stamps[1], errors[0]),
    [`${sender} Sequence Number`]: senderSequence,
    [`${sender} Timestamp`]: stampOctets(stamps[2], errors[1]),
    [`${sender} Error Estimate`]: errors[1],
    [`${sender} TTL`]: ttl,
  };
  const octets = new Uint8Array(layout.size);
  assert.equal(encodeMessage(layout, new DataView(octets.buffer), 0, octets.length, message), layout.size);
  return octets;
}

function runTshark(packets: readonly Uint8Array[]): Row[] {
  const folder = mkdtempSync(joinPath(tmpdir(), "twampede-"));
  try {
    const file = joinPath(folder, "packets.pcap");
    const shots = packets.map((octets, i) => ({ octets: ethernet((i % 2 ? ipv6 : ipv4)(udp(octets, 20000, PORT))) }));
    writeFileSync(file, pcap(shots));
    const columns = COLUMNS.flatMap((name) => ["-e", `twamp.test.${name}`]);
    const decodeAs = ["-d", `udp.port==${PORT},twamp.test`];
    const options = ["-n", "-r", file, ...decodeAs, "-T", "fields", "-E", "separator=|", ...columns];
    const run = spawnSync("tshark", options, { env: { ...process.env, TZ: "UTC" } });
    assert.equal(run.status, 0, String(run.stderr));
    const lines = String(run.stdout).trimEnd().split("\n");
    assert.equal(lines.length, packets.length);
    return lines.map((line) => Object.fromEntries(line.split("|").map((value, i) => [COLUMNS[i], value])));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Older ones write `Jan  1, 2026 00:00:00.123456789 UTC`, newer ones ISO 8601. */
function assertStamp(text: string, { seconds, nanos }: Stamp, errorBits: number): void {
  const fraction = /\.(\d{9})/.exec(text);
  assert.ok(fraction !== null, `${text} for ${seconds} s, ${nanos} ns`);
  const whole = Date.parse(text.replace(fraction[0], "").replace(/\s+/g, " ")) / 1000;
  const apart = (seconds - whole) * 1e9 + nanos - Number(fraction[1]);
  assert.ok(apart === 0 || (apart === 1 && !isPtp(errorBits)), `${text} for ${seconds} s, ${nanos} ns`);
}

function assertHead(row: Row, { sequence, stamps, errors }: Values): void {
  assert.equal(Number(row.seq_number), sequence);
  assertStamp(row.timestamp, stamps[0], errors[0]);
  assert.equal(Number(row.error_estimate), errors[0]);
}

function assertReply(row: Row, made: Values, mbz: number): void {
  assertHead(row, made);
  assert.equal(Number(row.mbz1), mbz);
  assertStamp(row.receive_timestamp, made.stamps[1], made.errors[0]);
  assert.equal(Number(row.sender_seq_number), made.senderSequence);
  assertStamp(row.sender_timestamp, made.stamps[2], made.errors[1]);
  assert.equal(Number(row.sender_error_estimate), made.errors[1]);
  assert.equal(Number(row.mbz2), 0);
  assert.equal(Number(row.sender_ttl), made.ttl);
}

function hexOf(octets: Uint8Array): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, "0")).join("");
}

const CASES: readonly [kind: PacketKind, seed: number, tail: number, check: (row: Row, made: Values) => void][] = [
  ["twamp-sender", 1, 0, (row, made) => {
    assertHead(row, made);
    assert.equal(row.mbz1, "");
  }],
  ["twamp-sender", 2, 26, assertHead],
  ["twamp-sender", 3, 27, (row, made) => {
    assertHead(row, made);
    assert.equal(Number(row.mbz1), 0);
  }],
  ["twamp-reflector", 4, 0, (row, made) => assertReply(row, made, 0)],
  ["twamp-reflector", 5, 13, (row, made) => assertReply(row, made, 0)],
  ["stamp-sender", 6, 0, (row, made) => {
    assertHead(row, made);
    assert.equal(Number(row.mbz1), made.ssid);
  }],
  ["stamp-reflector", 7, 0, (row, made) => assertReply(row, made, made.ssid)],
];

function missing(): string | undefined {
  const listing = spawnSync("tshark", ["-G", "protocols"], { maxBuffer: 1 << 26 });
  if (listing.error !== undefined || listing.status !== 0) return "tshark is not here (Debian package tshark)";
  return String(listing.stdout).includes("twamp.test") ? undefined : "this tshark has no TWAMP-Test dissector";
}

const reason = missing();
if (reason !== undefined && process.env.CI === "true") {
  test("tshark reads our packets", () => assert.fail(`${reason}: in CI this test must run, install it`));
} else {
  const skip = reason ?? false;
  for (const [kind, seed, tail, check] of CASES) {
    test(
      `tshark reads ${PACKETS} of our ${kind} packets with ${tail} octets behind them as we wrote them`,
      { skip },
      () => {
        const made = fc.sample(values, { seed, numRuns: PACKETS });
        const rows = runTshark(made.map((value) => join(encode(kind, value), new Uint8Array(tail))));
        rows.forEach((row, i) => check(row, made[i]));
      },
    );
  }

  test("tshark takes a STAMP reply's last octets and TLVs for padding, whole", { skip }, () => {
    const made = fc.sample(values, { seed: 8, numRuns: PACKETS });
    const tlv = new Uint8Array(12).fill(0xab);
    putExtraPadding(new DataView(tlv.buffer), 0, 8);
    const rows = runTshark(made.map((value) => join(encode("stamp-reflector", value), tlv)));
    rows.forEach((row, i) => {
      assertReply(row, made[i], made[i].ssid);
      assert.equal(row.padding.replaceAll(":", ""), `000000${hexOf(tlv)}`);
    });
  });
}
