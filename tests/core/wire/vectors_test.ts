import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeMessage, encodeMessage, type Message } from "../../../core/wire/codec.ts";
import { dissect } from "../../../core/wire/dissect.ts";
import type { Layout } from "../../../core/wire/layout.ts";
import { WireStatus } from "../../../core/wire/status.ts";
import { AGREED_VECTORS, VECTORS } from "./vectors.ts";
import { GuardedView } from "./guarded_view.ts";

function decode(layout: Layout, octets: Uint8Array): [WireStatus, Message] {
  const view = new GuardedView(octets);
  const message: Message = {};
  const status = decodeMessage(layout, view, view.at, octets.length, message);
  return [status, message];
}

/** What a stamp says, by another road than the codec's: whole 2^-32 s in a bigint. */
function readStamp(octets: Uint8Array, ptp: boolean): string {
  const raw = octets.reduce((sum, octet) => (sum << 8n) | BigInt(octet), 0n);
  const low = raw & 0xffff_ffffn;
  const nanos = ptp ? low : (low * 1_000_000_000n + 0x8000_0000n) >> 32n;
  const seconds = ptp ? raw >> 32n : (raw >> 32n) + (raw >> 63n === 0n ? 1n << 32n : 0n) - 2_208_988_800n;
  const date = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  return `${date}.${String(nanos).padStart(9, "0")}Z`;
}

function readError(bits: number): string {
  return `S=${bits >> 15} Z=${(bits >> 14) & 1} Scale=${(bits >> 8) & 63} Multiplier=${bits & 255}`;
}

for (const { name, kind, short, tlvs, octets, fields } of VECTORS) {
  test(`${name}: dissected as annotated`, () => {
    const view = new GuardedView(octets);
    const found = dissect(view, view.at, octets.length, kind)!;
    assert.equal(found.warnings.length, short ? 1 : 0, found.warnings.join("; "));
    for (const field of fields) {
      const line = found.fields.find((other) => other.at === field.at)!;
      assert.ok(field.name.startsWith(line.name), `${line.name} at ${line.at}`);
      if (field.value === undefined) continue;
      if (field.name.endsWith("Timestamp")) assert.equal(line.value.slice(0, 30), field.value);
      else if (!field.name.endsWith("Error Estimate")) assert.equal(line.value, field.value);
    }
    assert.equal(fields.some((field) => field.name.startsWith("TLV")), tlvs);
  });
}

for (const { name, layout, short, octets, fields } of [...VECTORS, ...AGREED_VECTORS]) {
  test(`${name}: the annotations name the fields of the layout, in order`, () => {
    const inside = fields.filter((field) => field.at < layout.size);
    const expected = layout.fields.slice(0, short ? inside.length : undefined);
    assert.deepEqual(
      inside.map((field) => [field.at, field.octets.length, field.name]),
      expected.map((field) => [field.at, field.size, field.name]),
    );
  });

  if (short) {
    test(`${name}: refused by the codec, which wants the whole base packet`, () => {
      assert.equal(decode(layout, octets)[0], WireStatus.TOO_SHORT);
    });
    continue;
  }

  test(`${name}: decodes to the annotated values`, () => {
    const [status, message] = decode(layout, octets);
    assert.equal(status, WireStatus.OK);
    for (const field of fields) {
      if (field.value === undefined) continue;
      const value = message[field.name];
      if (value instanceof Uint8Array) {
        // The receive stamp has no Error Estimate of its own.
        const error = message[field.name.replace("Timestamp", "Error Estimate")] ?? message["Error Estimate"];
        assert.equal(readStamp(value, ((error as number) & 0x4000) !== 0), field.value, field.name);
      } else if (field.name.endsWith("Error Estimate")) assert.equal(readError(value), field.value, field.name);
      else assert.equal(value, Number(field.value), field.name);
    }
  });

  test(`${name}: encodes to the same octets`, () => {
    const [, message] = decode(layout, octets);
    const view = new DataView(new ArrayBuffer(layout.size + 2));
    new Uint8Array(view.buffer).fill(0xee);
    assert.equal(encodeMessage(layout, view, 1, layout.size, message), layout.size);
    assert.deepEqual(new Uint8Array(view.buffer, 1, layout.size), octets.slice(0, layout.size));
    assert.deepEqual([view.getUint8(0), view.getUint8(layout.size + 1)], [0xee, 0xee]);
    assert.equal(encodeMessage(layout, view, 0, layout.size - 1, message), -1);
  });

  test(`${name}: every shorter prefix of the base packet is refused, untouched`, () => {
    for (let length = 0; length < layout.size; length++) {
      const [status, message] = decode(layout, octets.slice(0, length));
      assert.equal(status, WireStatus.TOO_SHORT, `${length} octets`);
      assert.deepEqual(message, {});
    }
  });

  test(`${name}: an octet flipped changes the field that covers it and no other`, () => {
    const [, before] = decode(layout, octets);
    for (let at = 0; at < octets.length; at++) {
      const flipped = octets.slice();
      flipped[at] ^= 0xff;
      const [, after] = decode(layout, flipped);
      const changed = Object.keys(before).filter((key) => String(after[key]) !== String(before[key]));
      const covering = layout.fields.find((field) => at >= field.at && at < field.at + field.size);
      const expected = covering === undefined || covering.kind === "mbz" ? [] : [covering.name];
      assert.deepEqual(changed, expected, `octet ${at}`);
    }
  });
}
