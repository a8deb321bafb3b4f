import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isStampProbe } from "../../../core/wire/classify.ts";
import { GuardedView } from "./guarded_view.ts";
import { VECTORS } from "./vectors.ts";

/** A probe with noise in octets 0 to 15, zeros to 43, then `rest`. */
function probe(...rest: number[]): Uint8Array {
  const octets = new Uint8Array(44 + rest.length);
  octets.fill(0xa5, 0, 16);
  octets.set(rest, 44);
  return octets;
}

function isStamp(octets: Uint8Array): boolean {
  const view = new GuardedView(octets);
  return isStampProbe(view, view.at, octets.length);
}

const CASES: readonly [says: string, octets: Uint8Array, stamp: boolean][] = [
  ["an empty datagram", new Uint8Array(), false],
  ["13 octets", probe().slice(0, 13), false],
  ["14 octets, the TWAMP base packet", probe().slice(0, 14), false],
  ["41 octets, TWAMP with 27 of padding", probe().slice(0, 41), false],
  ["43 octets, one short of STAMP", probe().slice(0, 43), false],
  ["44 octets, zeros from 16 to 43", probe(), true],
  ["an SSID of 0 is no matter", probe().fill(0, 14, 16), true],
  ["all zeros, 44 octets", new Uint8Array(44), true],
  ["octet 16 not zero", probe().fill(1, 16, 17), false],
  ["octet 43 not zero", probe().fill(1, 43, 44), false],
  ["one octet more, zero", probe(0), false],
  ["three octets more, U set", probe(0x80, 1, 0), false],
  ["zero padding of any length: U is not set", probe(...Array(530).fill(0)), false],
  ["an empty TLV with U", probe(0x80, 1, 0, 0), true],
  ["an empty TLV without U", probe(0, 1, 0, 0), false],
  ["U with M and I is still U", probe(0xe0, 1, 0, 0), true],
  ["a TLV of 4 octets, whole", probe(0x80, 1, 0, 4, 1, 2, 3, 4), true],
  ["a TLV one octet short", probe(0x80, 1, 0, 4, 1, 2, 3), false],
  ["a TLV and one octet over", probe(0x80, 1, 0, 4, 1, 2, 3, 4, 5), false],
  ["an unknown type with U", probe(0x80, 240, 0, 1, 7), true],
  ["two TLVs, both with U", probe(0x80, 1, 0, 1, 7, 0x80, 2, 0, 0), true],
  ["two TLVs, the second without U", probe(0x80, 1, 0, 1, 7, 0, 2, 0, 0), false],
  ["a TLV said to have 65,535 octets", probe(0x80, 1, 0xff, 0xff), false],
];

for (const [says, octets, stamp] of CASES) {
  test(`${says}: ${stamp ? "STAMP" : "TWAMP"}`, () => assert.equal(isStamp(octets), stamp));
}

test("every one of octets 16 to 43 counts, none of 0 to 15 does", () => {
  for (let at = 0; at < 44; at++) assert.equal(isStamp(probe().fill(0x5a, at, at + 1)), at < 16, `octet ${at}`);
});

test("vectors of senders are what they say", () => {
  for (const { name, kind, octets } of VECTORS) {
    if (kind.endsWith("sender")) assert.equal(isStamp(octets), kind === "stamp-sender", name);
  }
});

test("STAMP is never seen in padding that is not zero for 28 octets", () => {
  const octet = fc.oneof({ weight: 20, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 255 }));
  fc.assert(
    fc.property(fc.array(octet, { minLength: 30, maxLength: 60 }), (padding) => {
      const octets = Uint8Array.from([...Array(14).fill(0xa5), ...padding]);
      if (isStamp(octets)) assert.deepEqual(padding.slice(2, 30), Array(28).fill(0));
    }),
    { seed: 1, numRuns: 5000 },
  );
});
