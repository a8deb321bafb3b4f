import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { decodeCapture, decodeHex, decodeInput, type DecodeOptions } from "../../../cli/decode/decode.ts";
import { OptionError } from "../../../core/errors.ts";
import { readRecorded } from "../../captures/captures.ts";
import { VECTORS } from "../../core/wire/vectors.ts";
import { ethernet, ipv4, ipv6, join, pcap, u16, udp } from "./build.ts";

const WIDTH = 80;

function vector(name: string): Uint8Array {
  return VECTORS.find((other) => other.name === name)!.octets.slice();
}

function vectorText(name: string): string {
  return readFileSync(new URL(`../../vectors/${name}.hex`, import.meta.url), "utf8");
}

/** An IPv4 packet of the way back. */
function back(body: Uint8Array, fields?: Parameters<typeof ipv4>[1]): Uint8Array {
  const ip = ipv4(body, fields);
  ip.set([192, 0, 2, 2, 192, 0, 2, 1], 12);
  return ip;
}

/** The recorded datagrams of `name` as a capture file with their own times. */
function recordedCapture(name: string): Uint8Array {
  const datagrams = readRecorded(name).filter(({ proto }) => proto === "udp");
  const client = datagrams[0].from;
  const shots = datagrams.map(({ octets, from, to, ttl, seconds, nanos }) => ({
    octets: ethernet((from === client ? ipv4 : back)(udp(octets, from, to), { ttl: ttl!, tos: 0 })),
    seconds,
    fraction: nanos,
  }));
  return pcap(shots, { nanos: true });
}

function lines(file: Uint8Array, options: DecodeOptions = {}): string[] {
  return [...decodeCapture(file, options)];
}

/** The JSON of a capture, or of hex: an object a line. */
function objects(found: Iterable<string>) {
  return [...found].map((line) => JSON.parse(line));
}

test("hex: an annotated vector, as text", () => {
  assert.deepEqual(decodeHex(vectorText("twamp-sender-twping"), {}), [
    "#1  TWAMP Session-Sender packet, 54 octets (RFC 5357 section 4.1.2)",
    "     0  4  Sequence Number  0",
    "     4  8  Timestamp        2026-11-20T13:34:06.829328000Z NTP",
    "    12  2  Error Estimate   S=0 Z=0 scale=0 mult=1: 0.233 ns",
    "    14 40  Packet Padding   7628b1b5f5fe38d7…",
    "",
  ]);
});

test("hex: a request and its reply are paired by sequence number", () => {
  const text = `${vectorText("twamp-sender-twping")}\n${vectorText("twamp-reflector-twampd")}`;
  const found = decodeHex(text, {});
  assert.ok(found.includes("    = reply to #1, outbound 110.000 us, residence 21.000 us"), found.join("\n"));
});

test("hex: warnings stand out", () => {
  const found = decodeHex(vectorText("twamp-reflector-twampy-short"), {});
  assert.ok(found.includes("    ! ends at octet 38; MBZ would end at 40 (RFC 5357 section 4.2.1)"), found.join("\n"));
});

test("hex: too short for any packet is told, not refused", () => {
  assert.deepEqual(decodeHex("00010203", {}), [
    "#1  Datagram, 4 octets",
    "    ! 4 octets are too few for a test packet, which has 14 at least",
    "",
  ]);
});

test("hex: a kind can be forced", () => {
  const [packet] = objects(decodeHex(vectorText("twamp-reflector-twampd"), { as: "stamp-sender", json: true }));
  assert.equal(packet.kind, "stamp-sender");
  assert.match(packet.warnings[0], /^MBZ at 16 must be zero/);
});

test("hex: what tcpdump -x prints has addresses, as it starts with IP", () => {
  const ip = ipv4(udp(vector("twamp-sender-smallest")));
  const rows: string[] = [];
  for (let at = 0; at < ip.length; at += 16) {
    const groups = Array.from(ip.slice(at, at + 16), (octet) => octet.toString(16).padStart(2, "0")).join("");
    rows.push(`\t0x${at.toString(16).padStart(4, "0")}:  ${groups.match(/.{1,4}/g)!.join(" ")}`);
  }
  const [packet] = objects(decodeHex(`IP 192.0.2.1.20000 > 192.0.2.2.20001: UDP\n${rows.join("\n")}`, { json: true }));
  assert.deepEqual([packet.from, packet.to, packet.kind], ["192.0.2.1:20000", "192.0.2.2:20001", "twamp-sender"]);
});

test("capture: twping and twampd, with the spans that each reply says", () => {
  const found = objects(lines(recordedCapture("twamp-unauthenticated"), { json: true }));
  const summary = found.pop();
  assert.deepEqual([summary.type, summary.frames, summary.shown, summary.broken], ["summary", 10, 10, null]);
  found.forEach((packet, i) => {
    assert.equal(packet.kind, i % 2 ? "twamp-reflector" : "twamp-sender");
    assert.equal(packet.reply?.request ?? i, i);
    assert.deepEqual(packet.warnings, []);
    if (i % 2) {
      const { rttNs, outboundNs, inboundNs } = packet.reply;
      assert.equal(rttNs, outboundNs + inboundNs);
      assert.ok(rttNs > 0 && rttNs < 1_000_000);
    } else assert.equal(packet.reply, null);
  });
  assert.deepEqual(found[1].reply, {
    request: 1,
    outboundNs: 110000,
    residenceNs: 21000,
    inboundNs: 32638,
    rttNs: 142638,
  });
  assert.deepEqual(found[1].time, "2026-11-20T13:34:06.829491638Z");
});

test("capture: as text", () => {
  const found = lines(recordedCapture("twamp-unauthenticated"));
  const second = found.indexOf("") + 1;
  assert.deepEqual(found.slice(second, second + 4), [
    "#2  2026-11-20T13:34:06.829491638Z  192.0.2.2:18842 > 192.0.2.1:9096",
    "    TWAMP Session-Reflector packet, 54 octets, TTL 255, TOS 0x00",
    "    (RFC 5357 section 4.2.1)",
    "     0  4  Sequence Number         0",
  ]);
  assert.deepEqual(found.slice(-2), [
    "Frames: 10, test packets: 10",
    "Times are the capture's; rtt and inbound take them for the arrival (T4).",
  ]);
});

test("capture: every line fits 80 columns, with the longest addresses too", () => {
  const longest = ethernet(ipv6(udp(vector("stamp-reflector-tlvs"), 65535, 65535)));
  longest.fill(0xab, 14 + 8, 14 + 40);
  const shots = Array.from({ length: 1200 }, () => ({ octets: longest }));
  for (const file of [pcap(shots), recordedCapture("light-imix"), recordedCapture("twamp-mixed")]) {
    for (const line of lines(file, { as: "stamp-reflector" })) assert.ok(line.length <= WIDTH, line);
    for (const line of lines(file)) assert.ok(line.length <= WIDTH, line);
  }
});

test("capture: a reply is known by the Timestamp it gives back, though its own clock was never set", () => {
  const request = vector("twamp-sender-smallest");
  const reply = vector("twamp-reflector-smallest");
  request.set([0, 0, 0, 7]);
  for (const at of [4, 16]) reply.set([0x83, 0xaa, 0x7e, 0x90], at); // 1970-01-01T00:00:16Z
  const file = pcap([{ octets: ethernet(ipv4(udp(request, 1, 2))) }, { octets: ethernet(back(udp(reply, 2, 1))) }]);
  const [, second] = objects(lines(file, { json: true }));
  assert.deepEqual([second.kind, second.reply.request], ["twamp-reflector", 1]);
  assert.ok(second.reply.outboundNs < -1e18);
});

test("capture: a reply speaks the protocol of its request", () => {
  const request = vector("twamp-sender-smallest").fill(0, 0, 4);
  const reply = join(vector("twamp-reflector-smallest").fill(0, 24, 28), 0, 0, 0);
  const alone = pcap([{ octets: ethernet(back(udp(reply, 2, 1))) }]);
  assert.equal(objects(lines(alone, { json: true }))[0].kind, "stamp-reflector");
  const both = pcap([{ octets: ethernet(ipv4(udp(request, 1, 2))) }, { octets: ethernet(back(udp(reply, 2, 1))) }]);
  assert.equal(objects(lines(both, { json: true }))[1].kind, "twamp-reflector");
});

test("capture: a reply with another Timestamp than its request's is told", () => {
  const request = vector("twamp-sender-smallest").fill(0, 0, 4).fill(1, 8, 12);
  const reply = vector("twamp-reflector-smallest").fill(0, 24, 28);
  const file = pcap([{ octets: ethernet(ipv4(udp(request, 1, 2))) }, { octets: ethernet(back(udp(reply, 2, 1))) }]);
  assert.deepEqual(objects(lines(file, { json: true }))[1].warnings, ["gives back another Timestamp than that of #1"]);
});

test("capture: only UDP near the time of capture is taken for a test, unless a port or kind is named", () => {
  const dns = udp(Uint8Array.from({ length: 40 }, (_, i) => i * 7), 5353, 53);
  const file = pcap([{ octets: ethernet(ipv4(dns)) }, { octets: ethernet(ipv4(udp(vector("stamp-sender-base")))) }]);
  assert.deepEqual(lines(file).slice(-3), [
    "Frames: 2, test packets: 1; left out: 1 UDP but no test packets (--as KIND or",
    "  --port N shows them)",
    "Times are the capture's; rtt and inbound take them for the arrival (T4).",
  ]);
  assert.deepEqual(objects(lines(file, { json: true, port: 53 })).map((line) => line.to ?? null), [
    "192.0.2.2:53",
    null,
  ]);
  assert.equal(objects(lines(file, { json: true, as: "twamp-sender" })).length, 3);
});

test("capture: a packet cut by the capture is shown as far as it goes", () => {
  const whole = ethernet(ipv4(udp(vector("twamp-reflector-twampd"))));
  const file = pcap([{ octets: whole.slice(0, 14 + 28 + 40), size: whole.length }]);
  const [packet] = objects(lines(file, { json: true }));
  assert.deepEqual([packet.octets, packet.captured, packet.fields.length], [54, 40, 9]);
  assert.match(packet.warnings[0], /the capture holds 40 of 54 octets/);
});

test("capture: what was left out and where it breaks off stand in the last lines", () => {
  const arp = join(new Uint8Array(12), u16(0x0806), new Uint8Array(28));
  const fragment = ethernet(ipv4(udp(new Uint8Array(20)), { fragment: 0x2000 }));
  const file = pcap([{ octets: arp }, { octets: fragment }, { octets: arp }]);
  assert.deepEqual(lines(file.slice(0, -1)), [
    "Frames: 2, test packets: 0; left out: 1 not IP, 1 fragments",
    "! The file breaks off: the record at octet 160 says 42 octets, 41 are left.",
  ]);
});

test("JSON: fields with their octets; what is not known is null", () => {
  const [packet] = objects(decodeHex(vectorText("stamp-sender-ptp"), { json: true }));
  assert.deepEqual({ ...packet, fields: packet.fields.length }, {
    type: "packet",
    number: 1,
    time: null,
    from: null,
    to: null,
    ttl: null,
    tos: null,
    octets: 44,
    captured: 44,
    kind: "stamp-sender",
    rfc: "RFC 8762 section 4.2.1, RFC 8972 section 3",
    fields: 5,
    warnings: [],
    reply: null,
  });
  assert.deepEqual(packet.fields[1], {
    at: 4,
    size: 8,
    name: "Timestamp",
    value: "2026-01-01T00:00:00.123456789Z PTP",
    hex: "6955b900075bcd15",
  });
});

test("a file is a capture or hex by its own octets", () => {
  const file = pcap([{ octets: ethernet(ipv4(udp(vector("stamp-sender-base")))) }]);
  assert.deepEqual([...decodeInput(file, {})], lines(file));
  const text = vectorText("stamp-sender-base");
  assert.deepEqual([...decodeInput(new TextEncoder().encode(text), {})], decodeHex(text, {}));
  const packed = Uint8Array.of(0x1f, 0x8b, 8, 0, 0);
  assert.throws(() => decodeInput(packed, {}), (error) =>
    error instanceof OptionError &&
    error.message === "neither hex nor a capture (it starts with 1f8b0800): give a pcap or pcapng file, not packed");
});

test("a view into a larger buffer is read from where it starts", () => {
  const file = recordedCapture("light-imix");
  const inside = join(new Uint8Array(7), file).subarray(7);
  assert.deepEqual(lines(inside), lines(file));
});
