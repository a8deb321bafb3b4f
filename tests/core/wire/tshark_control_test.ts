/**
 * Our control messages, read by somebody else: the TWAMP-Control dissector of Wireshark, in the open mode it knows.
 *
 * It shows half of a KeyID, takes RFC 6038's octets of an Accept-Session for its MBZ and leaves them out of a request,
 * cuts an NTP fraction down to whole nanoseconds where this project rounds, and (4.0) writes the microseconds of a
 * Timeout where nanoseconds belong.
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
import { formatAddress } from "../../../core/address.ts";
import * as control from "../../../core/wire/control.ts";
import { ethernet, ipv4, pcap, type Shot, tcp } from "../../cli/decode/build.ts";
import { MESSAGES } from "./control_messages.ts";

const CONVERSATIONS = 40;
const PORT = 862;
/** In 2104: what NTP has beyond, Wireshark takes for the two years before 1970. */
const LAST_SECOND = 4_233_462_143;
const FIELDS = [
  "unused",
  "command",
  "modes",
  "mode",
  "challenge",
  "salt",
  "count",
  "iv",
  "session_id",
  "mbz1",
  "mbz2",
  "hmac",
  "padding_length",
  "start_time",
  "timeout",
  "type-p",
  "numsessions",
  "server_uptime",
  "accept",
  "sender_port",
  "receiver_port",
  "ipvn",
  "conf_sender",
  "conf_receiver",
  "number_of_schedule_slots",
  "number_of_packets",
  "sender_ipv4",
  "receiver_ipv4",
  "sender_ipv6",
  "receiver_ipv6",
] as const;
type Row = Record<(typeof FIELDS)[number] | "expert" | "malformed", string>;

/** What one conversation is made of. */
interface Values {
  readonly greeting: control.Greeting;
  readonly start: control.ServerStart;
  readonly request: control.SessionRequest;
  readonly accepted: control.AcceptSession;
  readonly stop: control.Stop;
}

function valuesOf<T>(name: string): fc.Arbitrary<T> {
  return MESSAGES.find((message) => message.name === name)!.values as fc.Arbitrary<T>;
}

const isIp = ({ ipVersion }: control.SessionRequest) => ipVersion === 4 || ipVersion === 6;
const isRead = (time: Uint32Array) => time[0] > 0 && time[0] <= LAST_SECOND;
const values: fc.Arbitrary<Values> = fc.record({
  greeting: valuesOf<control.Greeting>("Server Greeting"),
  start: valuesOf<control.ServerStart>("Server-Start").filter(({ startTime }) => isRead(startTime)),
  request: valuesOf<control.SessionRequest>("Request-TW-Session")
    .filter((request) => isIp(request) && isRead(request.startTime)).map((request) => ({
      ...request,
      timeoutNs: request.timeoutNs % 1e15,
    })),
  accepted: valuesOf<control.AcceptSession>("Accept-Session"),
  stop: valuesOf<control.Stop>("Stop-Sessions"),
});

/** Accepted all along: the dissector follows a conversation no further than it goes. */
function messagesOf({ greeting, start, request, accepted, stop }: Values): [fromServer: boolean, octets: Uint8Array][] {
  const response = { mode: control.Mode.OPEN, keyId: "", token: new Uint8Array(64), clientIv: new Uint8Array(16) };
  return [
    [true, control.writeGreeting({ ...greeting, modes: greeting.modes | control.Mode.OPEN })],
    [false, control.writeSetUpResponse(response)],
    [true, control.writeServerStart({ ...start, accept: control.Accept.OK })],
    [false, control.writeRequest(request)],
    [true, control.writeAcceptSession({ ...accepted, accept: control.Accept.OK })],
    [false, control.writeStart()],
    [true, control.writeAck(control.Accept.OK)],
    [false, control.writeStop(stop)],
  ];
}

/** A conversation, a message a segment, from a port of its own. */
function shotsOf(made: Values, i: number): Shot[] {
  const next = [1, 1];
  return messagesOf(made).map(([fromServer, octets]) => {
    const ports = fromServer ? { from: PORT, to: 40_000 + i } : { from: 40_000 + i, to: PORT };
    const sequence = next[Number(fromServer)];
    next[Number(fromServer)] += octets.length;
    const ip = ipv4(tcp(octets, { ...ports, sequence }), { protocol: 6 });
    if (fromServer) ip.set([192, 0, 2, 2, 192, 0, 2, 1], 12);
    return { octets: ethernet(ip) };
  });
}

function runTshark(shots: readonly Shot[]): Row[] {
  const folder = mkdtempSync(joinPath(tmpdir(), "twampede-"));
  try {
    const file = joinPath(folder, "control.pcap");
    writeFileSync(file, pcap(shots));
    const columns = [...FIELDS.map((name) => `twamp.control.${name}`), "_ws.expert.message", "_ws.malformed"];
    const settings = ["-o", "tcp.analyze_sequence_numbers:FALSE", "-d", `tcp.port==${PORT},twamp.control`];
    const options = ["-n", "-r", file, ...settings, "-T", "fields", "-E", "separator=|"];
    const run = spawnSync("tshark", [...options, ...columns.flatMap((name) => ["-e", name])], {
      env: { ...process.env, TZ: "UTC" },
    });
    assert.equal(run.status, 0, String(run.stderr));
    const lines = String(run.stdout).split("\n").slice(0, -1);
    assert.equal(lines.length, shots.length);
    const names = [...FIELDS, "expert", "malformed"];
    return lines.map((line) => Object.fromEntries(line.split("|").map((value, i) => [names[i], value])) as Row);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function assertOctets(text: string, octets: Uint8Array): void {
  const hex = Array.from(octets, (octet) => octet.toString(16).padStart(2, "0")).join("");
  assert.equal(text.replaceAll(":", ""), hex);
}

function assertZeros(text: string, size: number): void {
  assertOctets(text, new Uint8Array(size));
}

/** Older ones write `Jan  1, 2026 00:00:00.123456789 UTC`, newer ones ISO 8601. */
function assertTime(text: string, [seconds, nanos]: Uint32Array): void {
  const fraction = /\.(\d{9})/.exec(text);
  assert.ok(fraction !== null, text);
  const whole = Date.parse(text.replace(fraction[0], "").replace(/\s+/g, " ")) / 1000;
  const apart = (seconds - whole) * 1e9 + nanos - Number(fraction[1]);
  assert.ok(apart === 0 || apart === 1, `${text} for ${seconds} s, ${nanos} ns`);
}

function assertTimeout(text: string, nanos: number): void {
  const [whole, fraction] = text.split(".");
  const rest = nanos - Number(whole) * 1e9;
  assert.ok(rest >= 0 && rest < 1e9, `${text} for ${nanos} ns`);
  const shown = Number(fraction);
  assert.ok(Math.abs(shown - rest) <= 1 || Math.abs(shown - rest / 1e3) <= 1, `${text} for ${nanos} ns`);
}

type Check = (row: Row, made: Values) => void;

const CHECKS: readonly Check[] = [
  (row, { greeting }) => {
    assertZeros(row.unused, 12);
    assert.equal(Number(row.modes), (greeting.modes | control.Mode.OPEN) >>> 0);
    assertOctets(row.challenge, greeting.challenge);
    assertOctets(row.salt, greeting.salt);
    assert.equal(Number(row.count), greeting.count);
    assertZeros(row.mbz1, 12);
  },
  (row) => assert.equal(Number(row.mode), control.Mode.OPEN),
  (row, { start }) => {
    assertZeros(row.mbz1, 15);
    assert.equal(row.accept, "0");
    assertOctets(row.iv, start.serverIv);
    assertTime(row.server_uptime, start.startTime);
    assertZeros(row.mbz2, 8);
  },
  (row, { request }) => {
    const numbers = [row.command, row.ipvn, row.conf_sender, row.conf_receiver, row.number_of_schedule_slots];
    const { ipVersion, confSender, confReceiver, slots } = request;
    assert.deepEqual(numbers.map(Number), [control.Command.REQUEST, ipVersion, confSender, confReceiver, slots]);
    const others = [row.number_of_packets, row.sender_port, row.receiver_port, row.padding_length, row["type-p"]];
    const { packets, senderPort, receiverPort, padding, typeP } = request;
    assert.deepEqual(others.map(Number), [packets, senderPort, receiverPort, padding, typeP]);
    const [from, to] = ipVersion === 4 ? [row.sender_ipv4, row.receiver_ipv4] : [row.sender_ipv6, row.receiver_ipv6];
    assertAddress(from, request.senderAddress, ipVersion);
    assertAddress(to, request.receiverAddress, ipVersion);
    assertOctets(row.session_id, request.sid);
    assertTime(row.start_time, request.startTime);
    assertTimeout(row.timeout, request.timeoutNs);
  },
  (row, { accepted }) => {
    assert.deepEqual([row.accept, Number(row.receiver_port)], ["0", accepted.port]);
    assertOctets(row.session_id, accepted.sid);
    const mbz = new Uint8Array(12);
    const view = new DataView(mbz.buffer);
    view.setUint16(0, accepted.reflectedOctets);
    view.setUint16(2, accepted.serverOctets);
    assertOctets(row.mbz1, mbz);
    assertZeros(row.hmac, 16);
  },
  (row) => {
    assert.equal(Number(row.command), control.Command.START);
    assertZeros(row.mbz1, 15);
    assertZeros(row.hmac, 16);
  },
  (row) => {
    assert.equal(row.accept, "0");
    assertZeros(row.mbz1, 15);
    assertZeros(row.hmac, 16);
  },
  (row, { stop }) => {
    assert.deepEqual([row.command, row.accept, row.numsessions].map(Number), [3, stop.accept, stop.sessions]);
    assertZeros(row.mbz1, 2);
    assertZeros(row.mbz2, 8);
    assertZeros(row.hmac, 16);
  },
];

function assertAddress(text: string, address: Uint8Array, ipVersion: number): void {
  const zero = address.every((octet) => octet === 0);
  assert.equal(canonical(text), zero && ipVersion === 4 ? "0.0.0.0" : canonical(formatAddress(address)));
}

/** Mapped addresses are written in two ways. */
function canonical(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/, "");
}

function missing(): string | undefined {
  const listing = spawnSync("tshark", ["-G", "protocols"], { maxBuffer: 1 << 26 });
  if (listing.error !== undefined || listing.status !== 0) return "tshark is not here (Debian package tshark)";
  return String(listing.stdout).includes("twamp.control") ? undefined : "this tshark has no TWAMP-Control dissector";
}

const reason = missing();
if (reason !== undefined && process.env.CI === "true") {
  test("tshark reads our control messages", () => assert.fail(`${reason}: in CI this test must run, install it`));
} else {
  test(`tshark reads ${CONVERSATIONS} of our control conversations as we wrote them`, { skip: reason ?? false }, () => {
    const made = fc.sample(values, { seed: 1, numRuns: CONVERSATIONS });
    const rows = runTshark(made.flatMap(shotsOf));
    rows.forEach((row, i) => {
      assert.deepEqual([row.expert, row.malformed], ["", ""], `message ${i % CHECKS.length}`);
      CHECKS[i % CHECKS.length](row, made[Math.floor(i / CHECKS.length)]);
    });
  });
}
