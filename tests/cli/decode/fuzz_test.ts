import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeCapture, decodeHex } from "../../../cli/decode/decode.ts";
import { OptionError } from "../../../core/errors.ts";
import { readRecorded } from "../../captures/captures.ts";
import { oneKey } from "../../support/stamp_keys.ts";
import { VECTORS } from "../../core/wire/vectors.ts";
import { controlMessages } from "../../core/control/conversation.ts";
import {
  enhancedBlock,
  ethernet,
  interfaceBlock,
  ipv4,
  ipv6,
  join,
  pcap,
  sectionBlock,
  simpleBlock,
  udp,
} from "./build.ts";
import { captureOf, piecesOf } from "./control_captures.ts";

const TEST_PACKETS = [
  ...readRecorded("light-imix").slice(0, 4).map(({ octets }) => octets),
  join(VECTORS.find(({ name }) => name === "stamp-sealed-sender-base")!.octets, 0x80, 8, 0, 16, new Uint8Array(16)),
];
const FRAMES = TEST_PACKETS.flatMap((octets) => [ethernet(ipv4(udp(octets))), ethernet(ipv6(udp(octets)), [0x8100])]);
const CONTROL = ["twamp-unauthenticated", "twamp-mixed"].map(controlMessages);
const SEEDS = [
  ...CONTROL.map((messages) => captureOf(piecesOf(messages))),
  pcap(FRAMES.map((octets) => ({ octets }))),
  pcap(FRAMES.map((octets) => ({ octets: octets.slice(14) })), { link: 101, little: true, nanos: true }),
  join(sectionBlock(), interfaceBlock(), ...FRAMES.map((frame) => enhancedBlock(frame)), simpleBlock(FRAMES[0])),
];

const SECRET = new TextEncoder().encode("foobar");

/** The octets are a copy in a buffer of just their size, so that a look beyond them is a RangeError. */
function decodeAll(octets: Uint8Array): string[] {
  return [
    ...decodeCapture(octets.slice(), { secrets: () => SECRET, stampKeys: oneKey() }),
    ...decodeCapture(octets.slice(), { json: true, port: 20001 }),
  ];
}

test("captures with octets changed: lines, and never an exception", () => {
  const change = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }));
  fc.assert(
    fc.property(fc.constantFrom(...SEEDS), fc.array(change, { minLength: 1, maxLength: 6 }), (seed, changes) => {
      const file = seed.slice();
      for (const [at, value] of changes) file[4 + at % (file.length - 4)] = value;
      assert.ok(decodeAll(file).length > 0);
    }),
    { seed: 1, numRuns: 3000 },
  );
});

test("captures cut anywhere", () => {
  for (const seed of SEEDS) for (let length = 4; length < seed.length; length++) decodeAll(seed.slice(0, length));
});

test("noise behind each file header", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...SEEDS),
      fc.nat({ max: 60 }),
      fc.uint8Array({ maxLength: 300 }),
      (seed, keep, noise) => {
        decodeAll(join(seed.slice(0, 4 + keep), noise));
      },
    ),
    { seed: 2, numRuns: 3000 },
  );
});

test("any text: packets, or one line that says what is wrong with it", () => {
  const text = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.string({ unit: fc.constantFrom(..."0123456789abcdefx: \n#g\t") }),
  );
  fc.assert(
    fc.property(text, (typed) => {
      try {
        decodeHex(typed, {});
      } catch (error) {
        assert.ok(error instanceof OptionError, String(error));
        assert.match(error.message, /^\P{Cc}+$/u);
      }
    }),
    { seed: 3, numRuns: 5000 },
  );
});
