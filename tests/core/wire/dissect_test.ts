import assert from "node:assert/strict";
import { flagNames } from "../../../core/wire/tlv_describe.ts";
import { test } from "node:test";
import fc from "fast-check";
import { dissect, guessKind, isoNanos, KIND_LAYOUT, type PacketKind } from "../../../core/wire/dissect.ts";
import { GuardedView } from "./guarded_view.ts";
import { VECTORS } from "./vectors.ts";

const KINDS = Object.keys(KIND_LAYOUT) as PacketKind[];

function read(octets: Uint8Array, kind?: PacketKind) {
  const view = new GuardedView(octets);
  return dissect(view, view.at, octets.length, kind);
}

function vector(name: string): Uint8Array {
  return VECTORS.find((other) => other.name === name)!.octets.slice();
}

/** Every octet of a packet that is not cut short belongs to one line; of one cut short, to one at most. */
function assertCovered(octets: Uint8Array, found: NonNullable<ReturnType<typeof read>>) {
  let at = 0;
  for (const field of found.fields) {
    assert.equal(field.at, at, field.name);
    assert.ok(field.size > 0 && field.name !== "" && field.value !== "");
    at += field.size;
  }
  if (octets.length >= found.layout.size) assert.equal(at, octets.length);
  else assert.ok(at <= octets.length && found.warnings.length > 0);
}

test("any octets of 0 to 2,000, as any kind: no throw, no look outside, every octet told once", () => {
  const kind = fc.constantFrom<PacketKind | undefined>(undefined, ...KINDS);
  const octets = fc.oneof(
    fc.uint8Array({ maxLength: 2000, size: "max" }),
    fc.uint8Array({ maxLength: 100 }),
    fc.array(fc.constantFrom(0, 0x80, 1, 255), { maxLength: 120 }).map((list) => Uint8Array.from(list)),
  );
  fc.assert(
    fc.property(octets, kind, (packet, as) => {
      const found = read(packet, as);
      assert.equal(found === undefined, packet.length < 14);
      if (found !== undefined) assertCovered(packet, found);
    }),
    { seed: 1, numRuns: 5000 },
  );
});

test("every length of 0 to 2,000 of zeros and of ones, in a view of just that size", () => {
  for (let length = 0; length <= 2000; length++) {
    for (const fill of [0, 0xff]) {
      const packet = new Uint8Array(length).fill(fill);
      const found = dissect(new DataView(packet.buffer), 0, length);
      assert.equal(found?.kind, guessKind(new DataView(packet.buffer), 0, length));
      if (found !== undefined) assertCovered(packet, found);
    }
  }
});

test("vectors with one octet changed", () => {
  const which = fc.constantFrom(...VECTORS);
  fc.assert(
    fc.property(which, fc.nat(), fc.integer({ min: 1, max: 255 }), ({ octets, kind }, at, change) => {
      const packet = octets.slice();
      packet[at % packet.length] ^= change;
      assertCovered(packet, read(packet)!);
      assertCovered(packet, read(packet, kind)!);
    }),
    { seed: 2, numRuns: 5000 },
  );
});

test("what is wrong is said", () => {
  const zeroMultiplier = vector("twamp-sender-smallest").fill(0, 13, 14);
  assert.match(read(zeroMultiplier)!.warnings.join(), /multiplier of 0, which RFC 4656 section 4\.1\.2 forbids/);
  assert.equal(read(zeroMultiplier)!.fields[2].value, "S=1 Z=0 scale=10 mult=0: nothing");

  const notZero = vector("twamp-reflector-smallest").fill(0xab, 14, 16);
  assert.deepEqual(read(notZero)!.warnings, ["MBZ at 14 must be zero: abab"]);

  const short = read(vector("twamp-reflector-twampy-short"))!;
  assert.deepEqual(short.warnings, ["ends at octet 38; MBZ would end at 40 (RFC 5357 section 4.2.1)"]);

  const longTlv = vector("stamp-sender-tlvs").fill(9, 59, 60);
  assert.deepEqual(read(longTlv, "stamp-sender")!.warnings, ["TLV type 240 at 56 says 9 octets, 4 follow"]);

  const ptp = vector("stamp-sender-ptp").fill(0xff, 8, 12);
  assert.deepEqual(read(ptp)!.warnings, ["Timestamp has 4294967295 nanoseconds, which is a second or more"]);
});

test("values in words", () => {
  const value = (name: string, field: string) => read(vector(name))!.fields.find((line) => line.name === field)?.value;
  assert.equal(value("stamp-sender-ptp", "Timestamp"), "2026-01-01T00:00:00.123456789Z PTP");
  assert.equal(value("stamp-reflector-ptp", "Timestamp"), "2026-01-01T00:00:00.000002000Z PTP");
  assert.equal(value("stamp-reflector-ptp", "Session-Sender Timestamp"), "2026-01-01T00:00:00.000000000Z NTP");
  assert.equal(value("twamp-sender-smallest", "Error Estimate"), "S=1 Z=0 scale=10 mult=128: 30.5 us");
  assert.equal(value("twamp-sender-twampy", "Error Estimate"), "S=0 Z=0 scale=63 mult=255: 5.48e+11 s");
  assert.equal(value("twamp-sender-twampy", "Packet Padding"), "zero");
  assert.equal(value("twamp-sender-twping", "Packet Padding"), "7628b1b5f5fe38d7…");
  assert.equal(value("stamp-sender-base", "MBZ"), "zero");
  assert.equal(value("stamp-sender-tlvs", "TLV Extra Padding"), "flags U, 8 octets, zero");
  assert.equal(value("stamp-sender-tlvs", "TLV type 240"), "flags U, 4 octets, deadbeef");
  assert.equal(value("stamp-reflector-tlvs", "TLV Extra Padding"), "flags none, 8 octets, zero");
  const unset = read(vector("twamp-sender-smallest").fill(0, 4, 12))!;
  assert.equal(unset.fields[1].value, "zero (no stamp)");
});

test("a STAMP packet with zeros behind it has padding, not TLVs of type 0", () => {
  const packet = new Uint8Array(64);
  packet.set(vector("stamp-sender-base"));
  const last = read(packet, "stamp-sender")!.fields.at(-1)!;
  assert.deepEqual([last.at, last.size, last.name], [44, 20, "Packet Padding"]);
});

test("times to the nanosecond, over all of 32 bits", () => {
  assert.equal(isoNanos(0, 1), "1970-01-01T00:00:00.000000001Z");
  assert.equal(isoNanos(1767225599, 1e9), "2026-01-01T00:00:00.000000000Z");
  assert.equal(isoNanos(0xffff_ffff, 0xffff_ffff), "2106-02-07T06:28:19.294967295Z");
});

test("flags of a TLV that have no name are shown: they are to be zero", () => {
  assert.deepEqual([0, 0x80, 0xd0, 0x0f, 0xc1].map(flagNames), [
    "none",
    "U",
    "UMC",
    "reserved 0x0f",
    "UM and reserved 0x01",
  ]);
});
