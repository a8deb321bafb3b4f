import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CONTROL_LAYOUT, type ControlKind, dissectControl, guessControl } from "../../../core/wire/control_dissect.ts";
import { MESSAGES } from "./control_messages.ts";
import { GuardedView } from "./guarded_view.ts";

const KINDS = Object.keys(CONTROL_LAYOUT) as ControlKind[];

/** Octets that come near to messages: most have zeros where messages have them. */
const octets = fc.oneof(
  fc.uint8Array({ maxLength: 250 }),
  fc.tuple(fc.constantFrom(...MESSAGES), fc.nat(), fc.nat(250), fc.nat(255)).chain(([message, at, length, value]) =>
    message.values.map((made) => {
      const octets = message.write(made);
      octets[at % octets.length] = value;
      return length % 4 === 0 ? octets.slice(0, length) : octets;
    })
  ),
);

test("any octets, as any kind: no throw, no look outside, every octet told once", () => {
  fc.assert(
    fc.property(octets, fc.constantFrom(...KINDS), (packet, kind) => {
      const view = new GuardedView(packet);
      const { fields, layout, warnings } = dissectControl(view, view.at, packet.length, kind);
      let at = 0;
      for (const field of fields) {
        assert.equal(field.at, at, field.name);
        assert.ok(field.value !== "");
        at += field.size;
      }
      if (packet.length >= layout.size) assert.equal(at, packet.length);
      else assert.ok(warnings.length > 0);
    }),
    { seed: 1, numRuns: 3000 },
  );
});

test("a guess looks at the message alone, and what it takes has that kind's size", () => {
  fc.assert(
    fc.property(octets, (packet) => {
      const view = new GuardedView(packet);
      const kind = guessControl(view, view.at, packet.length);
      if (kind === undefined) return;
      assert.equal(dissectControl(view, view.at, packet.length, kind).layout.size, packet.length);
    }),
    { seed: 2, numRuns: 5000 },
  );
});

test("what fields say", () => {
  const octets = new Uint8Array(112);
  const view = new DataView(octets.buffer);
  const value = (kind: ControlKind, name: string) =>
    dissectControl(view, 0, CONTROL_LAYOUT[kind].size, kind).fields.find((field) => field.name === name)?.value;
  octets.set([5, 6], 0);
  octets.set([0x20, 0x01, 0x0d, 0xb8], 16);
  octets[31] = 1;
  assert.equal(value("request-tw-session", "Sender Address"), "2001:db8::1");
  assert.equal(value("request-tw-session", "Receiver Address"), "zero (that of the control connection)");
  view.setUint32(84, 0x2e00_0000);
  assert.equal(value("request-tw-session", "Type-P Descriptor"), "0x2e000000 (DSCP 46)");
  view.setUint32(84, 0x4000_4000);
  assert.equal(value("request-tw-session", "Type-P Descriptor"), "0x40004000 (PHB ID 1)");
  view.setUint32(12, 0x8000_0025);
  assert.equal(value("server-greeting", "Modes"), "2147483685 (open, encrypted, reflect, unknown 0x80000000)");
  octets[0] = 3;
  assert.equal(value("start-ack", "Accept"), "3 (some aspect of the request is not supported)");
  octets[0] = 77;
  assert.equal(value("start-ack", "Accept"), "77 (reserved, read as 1)");
});
