/** The annotated packets with all TLVs: what a sender writes, what a reflector answers, and how `decode` shows it. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { dissect } from "../../../core/wire/dissect.ts";
import { TlvWriter } from "../../../core/session/tlv_writer.ts";
import { TLVS } from "../../../plugins/tlv/mod.ts";
import { VECTORS } from "../../core/wire/vectors.ts";
import { Far, make, named } from "./support.ts";

const octetsOf = (name: string) => VECTORS.find((vector) => vector.name === name)!.octets;
const REQUEST = octetsOf("stamp-sender-all-tlvs");
const REPLY = octetsOf("stamp-reflector-all-tlvs");

test("written as annotated", () => {
  const options = {
    padding: { length: 4, fill: "zeros" },
    cos: { dscp: "ef" },
    destination: { address: "192.0.2.2" },
    "return-path": { address: "192.0.2.1" },
    "micro-session": { id: 5 },
  };
  const tlvs = TLVS.map(({ name }) => make(named(name), options[name as keyof typeof options]));
  const writer = new TlvWriter(tlvs, undefined);
  const bytes = new Uint8Array(44 + writer.size);
  assert.equal(writer.write(new DataView(bytes.buffer), bytes, 0, 44, 42), bytes.length);
  assert.deepEqual(bytes.slice(44), REQUEST.slice(44, -8));
});

test("answered as annotated", () => {
  assert.deepEqual(new Far({ allowControl: false }).answer([...REQUEST.slice(44)]), [...REPLY.slice(44)]);
});

test("shown by name, with sub-TLVs and flags", () => {
  const { fields, warnings } = dissect(new DataView(REPLY.slice().buffer), 0, REPLY.length, "stamp-reflector")!;
  const shown = Object.fromEntries(fields.map(({ name, value }) => [name, value]));
  assert.deepEqual(warnings, []);
  assert.equal(
    shown["TLV Location"],
    "flags none, 56 octets, Destination Port 862, Source Port 20000, Source EUI-64 Address (flags none) zero, " +
      "Destination IPv4 Address (flags none) 192.0.2.2, Source IPv4 Address (flags none) 192.0.2.1",
  );
  assert.equal(
    shown["TLV Timestamp Information"],
    "flags none, 4 octets, Sync Src In 5 (free-running), Timestamp In 2 (SW local), Sync Src Out 5 (free-running), " +
      "Timestamp Out 2 (SW local)",
  );
  assert.equal(shown["TLV Class of Service"], "flags none, 4 octets, DSCP1 46, DSCP2 46, ECN 3, RP 0");
  assert.equal(shown["TLV Access Report"], "flags none, 4 octets, Access ID 1 (3gpp), Return Code 1 (available)");
  assert.equal(shown["TLV Return Path"], "flags none, 8 octets, Return Address (flags none) 192.0.2.1");
  assert.equal(
    shown["TLV Reflected Test Packet Control"],
    "flags U, 12 octets, Length of the Reflected Packet 0, Number of the Reflected Packets 1, " +
      "Interval Between the Reflected Packets 0, no sub-TLV (flags none) empty",
  );
  assert.equal(shown["TLV type 200"], "flags U, 4 octets, deadbeef");
});
