import assert from "node:assert/strict";
import { test } from "node:test";
import { guessKind, KIND_LAYOUT } from "../../../core/wire/dissect.ts";
import { readRecorded } from "../../captures/captures.ts";
import { GuardedView } from "./guarded_view.ts";
import { VECTORS } from "./vectors.ts";

function guess(octets: Uint8Array) {
  const view = new GuardedView(octets);
  return guessKind(view, view.at, octets.length);
}

function vector(name: string): Uint8Array {
  return VECTORS.find((other) => other.name === name)!.octets;
}

/** `octets` and as many of `fill` as make `length`. */
function padded(octets: Uint8Array, length: number, fill = 0): Uint8Array {
  const longer = new Uint8Array(length).fill(fill);
  longer.set(octets);
  return longer;
}

for (const { name, kind, octets } of VECTORS) {
  test(`${name} is a ${kind}`, () => assert.equal(guess(octets), kind));
}

for (const name of ["twamp-unauthenticated", "twamp-mixed", "light-imix"]) {
  test(`${name}: requests and replies, in turn`, () => {
    const datagrams = readRecorded(name).filter(({ proto }) => proto === "udp");
    assert.ok(datagrams.length >= 10);
    datagrams.forEach(({ octets }, i) => assert.equal(guess(octets), i % 2 ? "twamp-reflector" : "twamp-sender"));
  });
}

test("authenticated STAMP is known by its zeros and stamps, TLVs behind it or not, and by nothing less", () => {
  for (const kind of ["stamp-sealed-sender", "stamp-sealed-reflector"] as const) {
    const packet = vector(`${kind}-base`);
    assert.equal(guess(padded(packet, 200, 0xa5)), kind);
    assert.notEqual(guess(packet.slice(0, 111)), kind);
    for (let at = 0; at < 112; at++) {
      const odd = packet.slice();
      odd[at] ^= 0x10;
      const reserved = KIND_LAYOUT[kind].fields.find((field) => at >= field.at && at < field.at + field.size)!;
      // The upper octets of a reply's stamps put them years apart.
      const isFar = kind.endsWith("reflector") && [16, 32, 64].includes(at);
      assert.equal(guess(odd) === kind, reserved.kind !== "mbz" && !isFar, `octet ${at}`);
    }
    assert.notEqual(guess(packet.slice().fill(0, 16, 24)), kind, "without a stamp it is anything");
  }
});

test("nothing below 14 octets", () => {
  for (let length = 0; length < 14; length++) assert.equal(guess(new Uint8Array(length).fill(1)), undefined);
});

test("a reply is one from 36 octets on", () => {
  const reply = vector("twamp-reflector-smallest");
  for (let length = 14; length <= 41; length++) {
    assert.equal(guess(reply.slice(0, length)), length < 36 ? "twamp-sender" : "twamp-reflector", `${length} octets`);
  }
});

test("a TWAMP reply with zero padding is not taken for a chain of TLVs of type 0", () => {
  const reply = vector("twamp-reflector-smallest");
  for (const length of [42, 43, 45, 48, 52, 572, 1472]) assert.equal(guess(padded(reply, length)), "twamp-reflector");
  assert.equal(guess(padded(reply, 44)), "stamp-reflector", "44 octets and zeros: nothing tells them apart");
});

test("a probe whose padding is zero stays a probe, in the years that zeros stand for too", () => {
  const probe = padded(vector("twamp-sender-era1"), 64);
  assert.equal(guess(probe), "twamp-sender");
  assert.equal(guess(new Uint8Array(60).fill(0, 0, 4)), "twamp-sender");
});

test("a reply whose stamps are in two formats is a reply", () => {
  assert.equal(guess(vector("stamp-reflector-ptp")), "stamp-reflector");
});

test("a reply with its stamps swapped is a reply", () => {
  const reply = vector("twamp-reflector-twampd").slice();
  const stamp = reply.slice(4, 12);
  reply.copyWithin(4, 28, 36);
  reply.set(stamp, 28);
  assert.equal(guess(reply), "twamp-reflector");
});
