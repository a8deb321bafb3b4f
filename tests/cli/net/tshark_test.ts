/**
 * Whole conversations of a controller and a server, read by the dissectors of Wireshark as they come off the wire.
 *
 * It finds the test packets by itself, from the Accept-Session; of several sessions those of the first. It knows RFC 5357
 * without its extensions: PTP timestamps it shows as NTP (so they are left out here), an S-DSCP-ECN as padding, and every
 * command beyond Stop-Sessions as an Accept-Session with that number for its Accept.
 */
import { test } from "node:test";
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import process from "node:process";
import { readLines } from "../parse.ts";
import { tool } from "../support.ts";
import { awaited, noCapture, recording } from "./capture.ts";
import { assertWhole, controlled, withServer } from "./full_twamp.ts";
import { addresses, hostsInRow } from "./hosts.ts";

const { hosts, skip: noHosts } = hostsInRow(2);
const [near, far] = hosts;
const noTshark = tool("tshark") === undefined && "no tshark (Debian: tshark)";
const skip = noHosts || noCapture || noTshark;
const [here, there] = [addresses(0), addresses(1)];
const COUNT = 4;
/** Open mode, and bits 4 to 6, 8 and 9: RFC 5938, 6038, 7750 and 8186. */
const OFFERED = 0x371;

const CONTROL = ["command", "modes", "mode", "accept", "session_id", "sender_port", "receiver_port", "padding_length"];
const MORE = ["type-p", "numsessions", "sender_ipv4", "receiver_ipv4", "sender_ipv6", "receiver_ipv6"];
const TEST = ["seq_number", "timestamp", "receive_timestamp", "sender_seq_number", "sender_ttl", "error_estimate"];
const COLUMNS = [
  "_ws.col.Protocol",
  "_ws.col.Info",
  "_ws.expert.message",
  "_ws.expert.severity",
  "_ws.malformed",
  ...[...CONTROL, ...MORE].map((name) => `twamp.control.${name}`),
  ...TEST.map((name) => `twamp.test.${name}`),
];
type Frame = Record<string, string>;

/** What of a capture has a payload, by columns without their prefix. */
function dissect(path: string): Frame[] {
  if (!existsSync(path)) return [];
  const columns = COLUMNS.flatMap((name) => ["-e", name]);
  const options = ["-n", "-r", path, "-Y", "udp or tcp.len > 0", "-T", "fields", "-E", "separator=|", ...columns];
  const { stdout } = spawnSync("tshark", options, { encoding: "utf8", env: { ...process.env, TZ: "UTC" } });
  return stdout.split("\n").slice(0, -1).map((line) =>
    Object.fromEntries(line.split("|").map((value, i) => [COLUMNS[i].split(".").at(-1)!, value]))
  );
}

/** Severities of Wireshark: from this one on it complains. */
const NOTE = 0x00400000;

/** A conversation on the server's interface: what it is by Wireshark, what by the controller. */
async function conversation(server: string, args: readonly string[]) {
  return await recording(far, "west", "udp or tcp", (path) =>
    withServer(far, [], async () => {
      const file = `${path}.ndjson`;
      const more = args.includes("--sessions") ? [] : ["--output", `ndjson:file=${file}`];
      const result = await controlled(near, server, ["-c", `${COUNT}`, "-i", "5", ...args, ...more]);
      const sessions = result.results.length;
      assertWhole(result, Math.max(1, sessions));
      const isStop = ({ Protocol, command, accept }: Frame) =>
        Protocol === "TWAMP-Control" && (command === "3" || accept === "10");
      const frames = await awaited(
        () => dissect(path),
        (found) => found.some(isStop) && found.filter(({ Info }) => Info).length >= 2 * COUNT * sessions,
      );
      for (const { malformed, severity, message } of frames) {
        assert.equal(malformed, "");
        assert.ok(severity === "" || Number(severity) < NOTE, message);
      }
      return { frames, result, probes: more.length === 0 ? [] : readLines(readFileSync(file, "utf8")).probes };
    }));
}

/** `Nov 21, 2026 12:57:29.263803286 UTC` (older ones) or ISO 8601, as nanoseconds. */
function nanosOf(text: string): bigint {
  const [whole, fraction] = [text.replace(/\.\d{9}/, "").replace(/\s+/g, " "), /\.(\d{9})/.exec(text)![1]];
  return BigInt(Date.parse(whole)) * 1_000_000n + BigInt(fraction);
}

/** It cuts fractions, this project rounds them. */
function assertNear(text: string, nanos: string): void {
  const apart = BigInt(nanos) - nanosOf(text);
  assert.ok(apart >= 0n && apart <= 1n, `${text} is not ${nanos}`);
}

/** The conversation of one session, message by message. */
const COMMANDS = [
  /^Server Greeting$/,
  /^Setup Response$/,
  /^Server Start, \(OK\)$/,
  /^Request Session$/,
  /^Accept Session, \(OK\)$/,
  /^Start Sessions$/,
  /^Start Sessions ACK, \(OK\)$/,
  /^Stop Session$/,
];

const PLAIN = ["--extensions", "plain"];
const MONITOR = ["--extensions", "monitor"];
const PTP: readonly string[] = [];
for (
  const [what, args, mode] of [["none", PLAIN, 1], ["monitor", MONITOR, 0x101], ["the default", PTP, 0x301]] as const
) {
  for (const [server, from, to] of [[there.v4, here.v4, there.v4], [`[${there.v6}]`, here.v6, there.v6]]) {
    test(`Wireshark reads a conversation with ${server}, extensions: ${what}`, { skip }, async () => {
      const { frames, result: { results: [{ session, marking }] }, probes } = await conversation(server, args);
      const control = frames.filter(({ Protocol }) => Protocol === "TWAMP-Control");
      assert.equal(control.length, COMMANDS.length, JSON.stringify(control.map(({ Info }) => Info)));
      for (const [i, { Info }] of control.entries()) assert.match(Info, COMMANDS[i]);
      const [greeting, setUp, , request, accepted, , , stop] = control;
      assert.deepEqual([Number(greeting.modes), Number(setUp.mode)], [OFFERED, mode]);
      const port = (end: string) => /\d+$/.exec(end)![0];
      const [v4, v6] = [["sender_ipv4", "receiver_ipv4"], ["sender_ipv6", "receiver_ipv6"]];
      assert.deepEqual((server === there.v4 ? v4 : v6).map((name) => request[name]), [from, to]);
      assert.deepEqual([request.sender_port, request.receiver_port], [port(session.local), "20001"]);
      assert.equal(Number(request["type-p"]), (session.tos >> 2) << 24);
      assert.equal(request.padding_length, /padding=(\d+)/.exec(session.profile)![1]);
      assert.equal(accepted.session_id.replaceAll(":", ""), session.control.sid);
      assert.deepEqual([accepted.receiver_port, stop.numsessions], [port(session.remote), "1"]);
      const test = frames.filter(({ Protocol }) => Protocol === "TWAMP-Test");
      const replies = test.filter(({ sender_ttl }) => Number(sender_ttl) > 0);
      assert.deepEqual([test.length, replies.length, marking.sentTos], [2 * COUNT, COUNT, session.tos]);
      for (const [i, reply] of replies.entries()) {
        const { seq, reflectorSeq, t2, t3, ttlForward } = probes[i];
        const { seq_number, sender_seq_number, sender_ttl, timestamp, receive_timestamp } = reply;
        assert.deepEqual([sender_seq_number, seq_number, sender_ttl].map(Number), [seq, reflectorSeq, ttlForward]);
        if (args === PTP) continue;
        assertNear(receive_timestamp, t2);
        assertNear(timestamp, t3);
      }
    });
  }
}

test("Wireshark reads three sessions that are controlled one by one, as far as it knows them", { skip }, async () => {
  const { frames, result } = await conversation(there.v4, ["--sessions", "3", "--extensions", "individual"]);
  assert.equal(result.results.length, 3);
  const control = frames.filter(({ Protocol }) => Protocol === "TWAMP-Control");
  assert.equal(control.length, 3 + 2 * 3 + 4);
  // Start-N-Sessions, its answer, Stop-N-Sessions, its answer: commands 7 to 10, each in one segment.
  assert.deepEqual(control.slice(-4).map(({ accept }) => accept), ["7", "8", "9", "10"]);
  assert.equal(frames.filter(({ Protocol }) => Protocol === "TWAMP-Test").length, 2 * COUNT);
});
