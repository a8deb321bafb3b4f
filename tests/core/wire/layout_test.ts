import assert from "node:assert/strict";
import { test } from "node:test";
import {
  REFLECTOR,
  SENDER,
  STAMP_REFLECTOR,
  STAMP_SENDER,
  STAMP_SIZE,
  TEST_PACKETS,
  TWAMP_MONITORED_REFLECTOR,
  TWAMP_REFLECTOR,
  TWAMP_REFLECTOR_SIZE,
  TWAMP_SENDER,
  TWAMP_SENDER_SIZE,
  TWAMP_SYMMETRICAL_MONITORED_SENDER,
  TWAMP_SYMMETRICAL_SENDER,
} from "../../../core/wire/test_packet.ts";
import {
  ACCEPT_SESSION,
  CONTROL_MESSAGES,
  GREETING,
  REQUEST,
  SERVER_START,
  SET_UP_RESPONSE,
  SIZE,
  START,
  START_ACK,
  STOP,
} from "../../../core/wire/control.ts";
import { fitsReflected, type FormatOptions, testFormat } from "../../../core/wire/format.ts";
import { TLV_VALUES } from "../../../core/wire/tlv_layouts.ts";
import { type Layout, layout, NUMBER_SIZE } from "../../../core/wire/layout.ts";
import { type Offsets, OPEN, SEALED } from "../../../core/wire/offsets.ts";
import {
  AUTHENTICATED_COVER,
  REFLECTOR_HMAC,
  SEALED_REFLECTOR,
  SEALED_SENDER,
  SEALED_SYMMETRICAL_SENDER,
  SENDER_HMAC,
} from "../../../core/wire/sealed_packet.ts";

import {
  STAMP_HMAC,
  STAMP_SEALED_REFLECTOR,
  STAMP_SEALED_SENDER,
  STAMP_SEALED_SIZE,
} from "../../../core/wire/stamp_sealed.ts";

const SIZE_OF_KIND: Record<string, number> = { ...NUMBER_SIZE, timestamp: 8, interval: 8, address: 16 };

for (const packet of [...TEST_PACKETS, ...TLV_VALUES.filter((value) => value !== undefined), ...CONTROL_MESSAGES]) {
  test(`${packet.name}: every octet is covered once`, () => {
    const covered = new Uint8Array(packet.size);
    for (const field of packet.fields) {
      assert.ok(field.at + field.size <= packet.size, `${field.name} ends inside the packet`);
      for (let i = 0; i < field.size; i++) covered[field.at + i]++;
    }
    assert.deepEqual([...covered], Array(packet.size).fill(1));
  });

  test(`${packet.name}: fields are as long as their kind, and named once`, () => {
    const names = new Set<string>();
    for (const field of packet.fields) {
      assert.equal(field.size, SIZE_OF_KIND[field.kind] ?? field.size, field.name);
      if (field.kind === "mbz") continue;
      assert.ok(!names.has(field.name), `${field.name} twice`);
      names.add(field.name);
    }
  });
}

test("base packets have the sizes of the RFCs", () => {
  assert.equal(TWAMP_SENDER.size, TWAMP_SENDER_SIZE);
  assert.equal(TWAMP_REFLECTOR.size, TWAMP_REFLECTOR_SIZE);
  assert.equal(STAMP_SENDER.size, STAMP_SIZE);
  assert.equal(STAMP_REFLECTOR.size, STAMP_SIZE);
  assert.deepEqual([TWAMP_SENDER_SIZE, TWAMP_REFLECTOR_SIZE, STAMP_SIZE], [14, 41, 44]);
});

test("control messages have the sizes of the RFCs", () => {
  const layouts = { GREETING, SET_UP: SET_UP_RESPONSE, SERVER_START, REQUEST, ACCEPT: ACCEPT_SESSION, START };
  const sizes = Object.entries({ ...layouts, ACK: START_ACK, STOP }).map(([name, { size }]) => [name, size]);
  assert.deepEqual(Object.fromEntries(sizes), SIZE);
});

test("the offsets of the hot path are those of the layouts", () => {
  const at = (packet: typeof TWAMP_SENDER, name: string) => packet.fields.find((field) => field.name === name)?.at;
  for (const sender of [TWAMP_SENDER, STAMP_SENDER]) {
    assert.equal(at(sender, "Sequence Number"), SENDER.SEQ);
    assert.equal(at(sender, "Timestamp"), SENDER.TIME);
    assert.equal(at(sender, "Error Estimate"), SENDER.ERROR);
  }
  assert.equal(at(STAMP_SENDER, "SSID"), SENDER.SSID);
  for (const [reflector, prefix] of [[TWAMP_REFLECTOR, "Sender"], [STAMP_REFLECTOR, "Session-Sender"]] as const) {
    assert.equal(at(reflector, "Sequence Number"), REFLECTOR.SEQ);
    assert.equal(at(reflector, "Timestamp"), REFLECTOR.TIME);
    assert.equal(at(reflector, "Error Estimate"), REFLECTOR.ERROR);
    assert.equal(at(reflector, "Receive Timestamp"), REFLECTOR.RECEIVED);
    assert.equal(at(reflector, `${prefix} Sequence Number`), REFLECTOR.SENDER_SEQ);
    assert.equal(at(reflector, `${prefix} Timestamp`), REFLECTOR.SENDER_TIME);
    assert.equal(at(reflector, `${prefix} Error Estimate`), REFLECTOR.SENDER_ERROR);
    assert.equal(at(reflector, `${prefix} TTL`), REFLECTOR.SENDER_TTL);
  }
  assert.equal(at(STAMP_REFLECTOR, "SSID"), REFLECTOR.SSID);
});

test("the tables of offsets are the layouts', open and sealed", () => {
  const at = (packet: Layout, name: string) => packet.fields.find((field) => field.name === name)?.at;
  const tables: [Offsets, Layout, Layout][] = [
    [OPEN, TWAMP_SENDER, TWAMP_MONITORED_REFLECTOR],
    [SEALED, SEALED_SENDER, SEALED_REFLECTOR],
  ];
  for (const [table, sender, reflector] of tables) {
    for (const packet of [sender, reflector]) {
      assert.equal(at(packet, "Sequence Number"), table.SEQ);
      assert.equal(at(packet, "Timestamp"), table.TIME);
      assert.equal(at(packet, "Error Estimate"), table.ERROR);
    }
    assert.equal(at(reflector, "Receive Timestamp"), table.RECEIVED);
    assert.equal(at(reflector, "Sender Sequence Number"), table.SENDER_SEQ);
    assert.equal(at(reflector, "Sender Timestamp"), table.SENDER_TIME);
    assert.equal(at(reflector, "Sender Error Estimate"), table.SENDER_ERROR);
    assert.equal(at(reflector, "Sender TTL"), table.SENDER_TTL);
    assert.equal(at(reflector, "S-DSCP-ECN"), table.SENDER_DSCP_ECN);
    assert.equal(table.SSID, table.ERROR + 2);
    assert.equal(sender.size, table.SENDER_SIZE);
  }
  assert.deepEqual([OPEN.REFLECTOR_SIZE, SEALED.REFLECTOR_SIZE], [TWAMP_REFLECTOR.size, SEALED_REFLECTOR.size]);
  assert.deepEqual([at(SEALED_SENDER, "HMAC"), at(SEALED_REFLECTOR, "HMAC")], [SENDER_HMAC, REFLECTOR_HMAC]);
  assert.equal(at(SEALED_SYMMETRICAL_SENDER, "HMAC"), SENDER_HMAC);
  for (const size of [SENDER_HMAC, REFLECTOR_HMAC, AUTHENTICATED_COVER]) assert.equal(size % 16, 0, "whole blocks");
});

test("authenticated STAMP has its fields where sealed TWAMP has them, and one size and one place of the MAC both ways", () => {
  const at = (packet: Layout, name: string) => packet.fields.find((field) => field.name === name)?.at;
  for (const packet of [STAMP_SEALED_SENDER, STAMP_SEALED_REFLECTOR]) {
    assert.deepEqual([packet.size, at(packet, "HMAC")], [STAMP_SEALED_SIZE, STAMP_HMAC]);
    const own = ["Sequence Number", "Timestamp", "Error Estimate", "SSID"].map((name) => at(packet, name));
    assert.deepEqual(own, [SEALED.SEQ, SEALED.TIME, SEALED.ERROR, SEALED.SSID]);
  }
  const echoed = ["Sequence Number", "Timestamp", "Error Estimate", "TTL"].map((name) =>
    at(STAMP_SEALED_REFLECTOR, `Session-Sender ${name}`)
  );
  assert.deepEqual(echoed, [SEALED.SENDER_SEQ, SEALED.SENDER_TIME, SEALED.SENDER_ERROR, SEALED.SENDER_TTL]);
  assert.equal(at(STAMP_SEALED_REFLECTOR, "Receive Timestamp"), SEALED.RECEIVED);
});

test("padding makes both directions one size, or is not needed; what is to come back needs as much more", () => {
  const cases: [FormatOptions, sender: number, reflector: number, onesize: number, layout: Layout][] = [
    [{ mode: "open" }, 14, 41, 27, TWAMP_SENDER],
    [{ mode: "open", monitor: true }, 14, 44, 30, TWAMP_SENDER],
    [{ mode: "open", symmetrical: true }, 41, 41, 0, TWAMP_SYMMETRICAL_SENDER],
    [{ mode: "open", symmetrical: true, monitor: true }, 44, 44, 0, TWAMP_SYMMETRICAL_MONITORED_SENDER],
    [{ mode: "authenticated" }, 48, 112, 64, SEALED_SENDER],
    [{ mode: "encrypted", monitor: true }, 48, 112, 64, SEALED_SENDER],
    [{ mode: "encrypted", symmetrical: true }, 112, 112, 0, SEALED_SYMMETRICAL_SENDER],
    [{ mode: "authenticated", symmetrical: true, monitor: true }, 112, 112, 0, SEALED_SYMMETRICAL_SENDER],
  ];
  for (const [options, sender, reflector, onesize, packet] of cases) {
    const format = testFormat(options);
    assert.deepEqual([format.senderSize, format.reflectorSize, format.onesize], [sender, reflector, onesize]);
    assert.equal(packet.size, sender);
    const { mode, monitor = false, symmetrical = false } = options;
    assert.equal(fitsReflected(onesize + 4, 4, mode, monitor, symmetrical), true);
    assert.equal(fitsReflected(onesize + 3, 4, mode, monitor, symmetrical), false);
    assert.equal(fitsReflected(0, 0, mode, monitor, symmetrical), true);
  }
});

test("offsets follow from sizes", () => {
  const made = layout("a", "b", [["one", "u8", 1], ["two", "bytes", 5], ["three", "u16", 2]]);
  assert.deepEqual(made.fields.map((field) => field.at), [0, 1, 6]);
  assert.equal(made.size, 8);
});
