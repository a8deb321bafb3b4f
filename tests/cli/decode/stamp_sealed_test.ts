/** Authenticated STAMP in words: which packets are, their HMACs, and what is behind the base packet. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeCapture, decodeHex, type DecodeOptions } from "../../../cli/decode/decode.ts";
import { StampKeys } from "../../../core/session/stamp_seal.ts";
import { VECTORS } from "../../core/wire/vectors.ts";
import { KEY, oneKey, OTHER_KEY, seal } from "../../support/stamp_keys.ts";
import { ethernet, ipv4, pcap, udp } from "./build.ts";

const vector = (name: string) => VECTORS.find((one) => one.name === name)!.octets.slice();
const PROBE = vector("stamp-sealed-sender-base");
const REPLY = vector("stamp-sealed-reflector-base");
/** Of the vectors. */
const SSID = 0x1234;

const hex = (octets: Uint8Array) => Array.from(octets, (octet) => octet.toString(16).padStart(2, "0")).join("");

/** The JSON of packets given in hex. */
function read(packets: Uint8Array[], options: DecodeOptions = {}) {
  return decodeHex(packets.map(hex).join("\n\n"), { ...options, json: true }).map((line) => JSON.parse(line));
}

function field(packet: { fields: { name: string; value: string }[] }, name: string): string | undefined {
  return packet.fields.find((one) => one.name === name)?.value;
}

/** `packet` with padding of 4 octets, and an HMAC TLV of it, which `flags` stand in. */
function extended(packet: Uint8Array, flags: number): Uint8Array {
  const made = new Uint8Array(packet.length + 8 + 20);
  const view = new DataView(made.buffer);
  const at = packet.length;
  made.set(packet);
  made.set([flags, 1, 0, 4, 0, 0, 0, 0, flags, 8, 0, 16], at);
  seal().sign(view, made, 0, at, at + 8, at + 12);
  return made;
}

test("a probe and its reply: told apart, paired, and no word of a key where none was given", () => {
  const [probe, reply] = read([PROBE, REPLY]);
  assert.deepEqual([probe.kind, reply.kind], ["stamp-sealed-sender", "stamp-sealed-reflector"]);
  assert.deepEqual(reply.reply, {
    request: 1,
    outboundNs: 5_859_375,
    residenceNs: 1_953_125,
    inboundNs: null,
    rttNs: null,
  });
  assert.equal(field(reply, "Session-Sender TTL"), "63");
  for (const packet of [probe, reply]) {
    assert.deepEqual(packet.warnings, []);
    assert.match(field(packet, "HMAC")!, /^[0-9a-f]{16}…$/);
  }
  assert.equal(decodeHex(hex(PROBE), {})[0].split(",")[0], "#1  Authenticated STAMP Session-Sender packet");
});

test("--as takes STAMP in the mode that it looks like; what cannot be seen has to be said", () => {
  assert.equal(read([PROBE], { as: "stamp-sender" })[0].kind, "stamp-sealed-sender");
  assert.equal(read([REPLY], { as: "stamp-reflector" })[0].kind, "stamp-sealed-reflector");
  assert.equal(read([REPLY], { as: "stamp-sender" })[0].kind, "stamp-sender");
  const odd = PROBE.slice();
  odd[90] = 1;
  assert.equal(read([odd], { as: "stamp-sender" })[0].kind, "stamp-sender");
  const [said] = read([odd], { as: "stamp-sealed-sender" });
  assert.equal(said.kind, "stamp-sealed-sender");
  assert.match(said.warnings[0], /^MBZ at 28 must be zero/);
  const short = read([PROBE.slice(0, 100)], { as: "stamp-sealed-sender", stampKeys: oneKey() })[0];
  assert.deepEqual(short.warnings.map((line: string) => line.split(";")[0]), ["ends at octet 100"]);
});

test("with keys each HMAC is right, or wrong, or of a session without one", () => {
  const changed = REPLY.slice();
  changed[80] = 64;
  const options = { stampKeys: oneKey() };
  for (const packet of read([PROBE, REPLY], options)) {
    assert.match(field(packet, "HMAC")!, /, right$/);
    assert.deepEqual(packet.warnings, []);
  }
  const [wrong] = read([changed], options);
  assert.doesNotMatch(field(wrong, "HMAC")!, /right/);
  assert.match(wrong.warnings[0], /^the HMAC is wrong/);
  const others = new StampKeys(new Map([[SSID, OTHER_KEY]]), KEY);
  assert.match(read([PROBE], { stampKeys: others })[0].warnings[0], /^the HMAC is wrong/);
  const none = new StampKeys(new Map([[7, KEY]]), undefined);
  assert.match(read([PROBE], { stampKeys: none })[0].warnings[0], /^no key of SSID 4660 /);
  const frame = ethernet(ipv4(udp(extended(PROBE, 0x80))));
  const cut = pcap([{ octets: frame.slice(0, frame.length - 1), size: frame.length }]);
  const [lost] = [...decodeCapture(cut, { ...options, json: true })].map((line) => JSON.parse(line));
  assert.deepEqual(
    lost.warnings.filter((line: string) => line.includes("wrong")),
    [],
    "not all that it covers is there",
  );
});

test("TLVs behind the base packet, and their HMAC, in both modes", () => {
  for (const name of ["stamp-sealed-sender", "stamp-sealed-reflector", "stamp-sender", "stamp-reflector"]) {
    const base = vector(`${name}-base`);
    const isReply = name.endsWith("reflector");
    const flags = isReply ? 0 : 0x80;
    const made = extended(base, flags);
    const [good] = read([made], { stampKeys: oneKey() });
    assert.deepEqual(good.warnings, []);
    assert.match(field(good, "TLV HMAC")!, /, right$/);
    assert.match(field(good, "TLV Extra Padding")!, /4 octets, zero$/);
    made[base.length + 5] = 1;
    const [bad] = read([made], { stampKeys: oneKey() });
    assert.match(bad.warnings[0], /^the HMAC TLV is wrong/);
    made[base.length + 8] = 0x80;
    const [strange] = read([made], { stampKeys: oneKey() });
    assert.match(strange.warnings[0], isReply ? /does not understand it$/ : /^the HMAC TLV is wrong/);
  }
});

test("a capture: by their own stamps, at any port", () => {
  const time = { seconds: 1767225600, fraction: 260_000 };
  const back = ipv4(udp(REPLY, 2, 1));
  back.set([192, 0, 2, 2, 192, 0, 2, 1], 12);
  const shots = [{ octets: ethernet(ipv4(udp(PROBE, 1, 2))), ...time }, { octets: ethernet(back), ...time }];
  const found = [...decodeCapture(pcap(shots), { json: true })].map((line) => JSON.parse(line));
  assert.deepEqual(found.map(({ kind }) => kind), ["stamp-sealed-sender", "stamp-sealed-reflector", undefined]);
  assert.deepEqual([found[1].reply.request, found[1].reply.rttNs], [1, 10_000_000 - 1_953_125]);
});
