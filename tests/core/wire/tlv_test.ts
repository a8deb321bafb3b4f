import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isSenderTlvChain, putExtraPadding, TLV_EXTRA_PADDING, TLV_HEADER, TlvFlag } from "../../../core/wire/tlv.ts";
import { createBatch } from "../../../core/batch.ts";
import { TlvReflector } from "../../../core/session/tlv_reflector.ts";
import { tlvName } from "../../../core/wire/tlv_names.ts";
import { GuardedView } from "./guarded_view.ts";

interface Tlv {
  readonly flags: number;
  readonly type: number;
  readonly value: Uint8Array;
}

const type = fc.oneof(fc.constant(TLV_EXTRA_PADDING), fc.integer({ min: 0, max: 255 }));
const tlvOf = (flags: fc.Arbitrary<number>): fc.Arbitrary<Tlv> =>
  fc.record({ flags, type, value: fc.uint8Array({ maxLength: 40 }) });
const chain = (flags: fc.Arbitrary<number>) => fc.array(tlvOf(flags), { maxLength: 8 });
const withU = fc.integer({ min: 0x80, max: 0xff });
const withoutU = fc.integer({ min: 0, max: 0x7f });

function octetsOf(tlvs: readonly Tlv[]): Uint8Array {
  return Uint8Array.from(
    tlvs.flatMap(({ flags, type, value }) => [flags, type, value.length >> 8, value.length & 0xff, ...value]),
  );
}

function accepts(octets: Uint8Array): boolean {
  const view = new GuardedView(octets);
  return isSenderTlvChain(view, view.at, view.at + octets.length);
}

function reflect(octets: Uint8Array): Uint8Array {
  const view = new GuardedView(octets);
  new TlvReflector([]).answer({ ...createBatch(1, 0), view }, 0, view.at, view.at + octets.length, false);
  return view.octets();
}

test("a chain with U set everywhere is a sender's; so is none at all", () => {
  fc.assert(fc.property(chain(withU), (tlvs) => accepts(octetsOf(tlvs))), { seed: 1, numRuns: 2000 });
  assert.ok(accepts(new Uint8Array()));
});

test("one TLV without U spoils the chain", () => {
  fc.assert(
    fc.property(chain(withU), tlvOf(withoutU), chain(withU), (before, bad, after) => {
      assert.ok(!accepts(octetsOf([...before, bad, ...after])));
    }),
    { seed: 2, numRuns: 2000 },
  );
});

test("a chain cut anywhere but between two TLVs is none", () => {
  fc.assert(
    fc.property(chain(withU), (tlvs) => {
      const whole = octetsOf(tlvs);
      const ends = new Set([0]);
      let at = 0;
      for (const { value } of tlvs) ends.add(at += TLV_HEADER + value.length);
      for (let length = 0; length <= whole.length; length++) {
        assert.equal(accepts(whole.slice(0, length)), ends.has(length), `${length} of ${whole.length}`);
      }
    }),
    { seed: 3, numRuns: 300 },
  );
});

test("reflected: U cleared on Extra Padding, set on the rest, M and I clear, nothing else touched", () => {
  fc.assert(
    fc.property(chain(fc.integer({ min: 0, max: 255 })), (tlvs) => {
      const expected = tlvs.map((tlv) => ({ ...tlv, flags: tlv.type === TLV_EXTRA_PADDING ? 0 : TlvFlag.U }));
      assert.deepEqual(reflect(octetsOf(tlvs)), octetsOf(expected));
    }),
    { seed: 4, numRuns: 2000 },
  );
});

test("reflected: one that runs over the end gets M, keeps the U of its type, and ends the walk", () => {
  assert.deepEqual([...reflect(Uint8Array.of(0x80, 1, 0, 5, 9, 9, 9, 9))], [0x40, 1, 0, 5, 9, 9, 9, 9]);
  assert.deepEqual([...reflect(Uint8Array.of(0x80, 9, 0, 5, 9, 9, 9, 9))], [0xc0, 9, 0, 5, 9, 9, 9, 9]);
  assert.deepEqual([...reflect(Uint8Array.of(0x80, 1, 0, 0, 0x80, 1, 255, 255))], [0, 1, 0, 0, 0x40, 1, 255, 255]);
});

test("reflected: a rest of 1 to 3 octets is a TLV that does not fit: U and M, if it has flags at all", () => {
  for (const rest of [[0x80], [0x80, 1], [0, 1, 0]]) {
    const marked = [0xc0, ...rest.slice(1)];
    assert.deepEqual([...reflect(Uint8Array.from(rest))], marked);
    assert.deepEqual([...reflect(Uint8Array.of(0x80, 1, 0, 0, ...rest))], [0, 1, 0, 0, ...marked]);
  }
});

test("any octets: walked inside their bounds, flags octets alone written, twice as good as once", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
      accepts(octets);
      const once = reflect(octets);
      assert.equal(once.length, octets.length);
      let next = 0;
      for (let at = 0; at < octets.length; at++) {
        if (at === next && octets.length - at >= TLV_HEADER) next += TLV_HEADER + octets[at + 2] * 256 + octets[at + 3];
        else if (at === next) next = octets.length;
        else assert.equal(once[at], octets[at], `octet ${at}`);
      }
      assert.deepEqual(reflect(once), once);
    }),
    { seed: 5, numRuns: 5000 },
  );
});

test("a long chain of the smallest TLVs is walked in one go", () => {
  const octets = new Uint8Array(65_460);
  for (let at = 0; at < octets.length; at += TLV_HEADER) octets[at] = TlvFlag.U;
  assert.ok(accepts(octets));
  assert.deepEqual(reflect(octets), octets);
});

test("Extra Padding as a sender writes it", () => {
  const view = new GuardedView(new Uint8Array(4));
  putExtraPadding(view, view.at, 0x1234);
  assert.deepEqual([...view.octets()], [0x80, 1, 0x12, 0x34]);
});

test("names", () => {
  assert.equal(tlvName(1), "TLV Extra Padding");
  assert.equal(tlvName(8), "TLV HMAC");
  assert.equal(tlvName(0), "TLV type 0");
  assert.equal(tlvName(240), "TLV type 240");
});
