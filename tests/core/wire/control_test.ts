import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  Accept,
  acceptText,
  Command,
  CONTROL_MESSAGES,
  lengthOf,
  type ListCommand,
  readAccept,
  readAcceptSession,
  readRequest,
  readServerStart,
  readSessionList,
  readSetUpResponse,
  SIZE,
  TOO_LONG,
  writeServerStart,
  writeSessionList,
  writeSetUpResponse,
  writeStart,
} from "../../../core/wire/control.ts";
import { decodeUtf8, encodeUtf8 } from "../../../core/wire/utf8.ts";
import { MESSAGES } from "./control_messages.ts";
import { GuardedView } from "./guarded_view.ts";

const seed = 5357;

for (const { name, values, read, write } of MESSAGES) {
  const layout = CONTROL_MESSAGES.find((layout) => layout.name.startsWith(name))!;

  test(`${name}: what is written is read, wherever it lies, with reserved octets zero and without an HMAC`, () => {
    fc.assert(
      fc.property(values, (value) => {
        const octets = write(value);
        const view = new GuardedView(octets);
        assert.deepEqual(read(view, view.at, octets.length), value);
        const unused = layout.fields.filter((field) => field.kind === "mbz" || field.name === "HMAC");
        for (const { name, at, size } of unused) {
          const from = name === "HMAC" ? octets.length - size : at;
          assert.ok(octets.subarray(from, from + size).every((octet) => octet === 0), `${name} at ${at}`);
        }
      }),
      { seed },
    );
  });

  test(`${name}: any octets are read, no others are touched, and what is reserved changes nothing`, () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: layout.size, maxLength: layout.size }), (octets) => {
        const view = new GuardedView(octets);
        const before = read(view, view.at, octets.length);
        for (const { at, size } of layout.fields.filter((field) => field.kind === "mbz")) {
          for (let i = at; i < at + size; i++) octets[i] ^= 0xff;
        }
        const changed = new GuardedView(octets);
        assert.deepEqual(read(changed, changed.at, octets.length), before);
      }),
      { seed },
    );
  });

  test(`${name}: each octet of a field counts`, () => {
    fc.assert(
      fc.property(values, (value) => {
        const octets = write(value);
        const view = new DataView(octets.buffer);
        for (const field of layout.fields) {
          // Octets of these that may be one value: reserved numbers, addresses without a version, text behind a zero.
          if (["mbz", "accept", "address", "text", "timestamp", "interval"].includes(field.kind)) continue;
          if (["HMAC", "Command Number", "SID"].includes(field.name) || field.name === "Number of Sessions") continue;
          for (let i = field.at; i < field.at + field.size; i++) {
            octets[i] ^= 1;
            assert.notDeepEqual(read(view, 0, octets.length), value, `${field.name}, octet ${i}`);
            octets[i] ^= 1;
          }
        }
      }),
      { seed, numRuns: 20 },
    );
  });
}

test("a list of sessions is read as far as there are octets, whatever it says", () => {
  const sids = [1, 2, 3].map((fill) => new Uint8Array(16).fill(fill));
  const octets = writeSessionList(Command.STOP_N, { accept: 0, sids });
  for (let length = 16; length <= octets.length; length++) {
    const view = new GuardedView(octets.subarray(0, length));
    assert.equal(readSessionList(view, view.at, length).sids.length, Math.max(0, Math.floor((length - 32) / 16)));
  }
  octets.fill(0xff, 12, 16);
  assert.equal(readSessionList(new DataView(octets.buffer), 0, octets.length).sids.length, 3);
  octets.fill(0, 12, 16);
  assert.equal(readSessionList(new DataView(octets.buffer), 0, octets.length).sids.length, 0);
});

test("the first block says how long a command is", () => {
  for (const { name, values, write } of MESSAGES.filter(({ name }) => /^(Request|St.*-Sessions|St.*-N-)/.test(name))) {
    for (const value of fc.sample(values, { seed, numRuns: 20 })) {
      const octets = write(value);
      const view = new GuardedView(octets.subarray(0, 16));
      assert.equal(lengthOf(octets[0], view, view.at, 5), octets.length, name);
    }
  }
  assert.equal(lengthOf(writeStart()[0], new DataView(writeStart().buffer), 0, 0), SIZE.START);
});

test("the length of a command with too many sessions is no length, nor is that of an unknown one", () => {
  const view = new DataView(new ArrayBuffer(16));
  const length = (command: number, most: number) => lengthOf(command, view, 0, most);
  for (const command of [7, 8, 9, 10] as ListCommand[]) {
    view.setUint32(12, 3);
    assert.deepEqual([length(command, 3), length(command, 2)], [80, TOO_LONG]);
    view.setUint32(12, 0xffff_ffff);
    assert.equal(length(command, 1000), TOO_LONG);
  }
  for (const command of [0, 6, 12, 254, 255]) assert.equal(length(command, 9), undefined);
});

test("commands that TWAMP forbids have a length, so that the next one is found", () => {
  const view = new DataView(new ArrayBuffer(16));
  view.setUint32(4, 2);
  assert.equal(lengthOf(Command.REQUEST_OW, view, 0, 9), 112 + 2 * 16 + 16);
  view.setUint32(4, 0x1000_0000);
  assert.equal(lengthOf(Command.REQUEST_OW, view, 0, 9), TOO_LONG);
  assert.equal(lengthOf(Command.FETCH, view, 0, 9), 48);
  assert.equal(lengthOf(Command.REQUEST_MICRO, view, 0, 9), 112);
});

test("reserved Accept values are taken for 1, and all have words", () => {
  for (let octet = 0; octet < 256; octet++) {
    assert.equal(readAccept(octet), octet <= 5 ? octet : Accept.FAILURE);
    assert.ok(acceptText(readAccept(octet)).length > 0);
  }
});

test("an absent time is zero on the wire, and the last fractions of a second carry", () => {
  const serverIv = new Uint8Array(16);
  const octets = writeServerStart({ accept: 0, serverIv, startTime: new Uint32Array(2) });
  assert.deepEqual(octets.subarray(32, 40), new Uint8Array(8));
  octets.set([0xee, 0xac, 0xac, 0xcd, 0xff, 0xff, 0xff, 0xff], 32);
  assert.deepEqual([...readServerStart(new DataView(octets.buffer), 0).startTime], [0xeeacacce - 2_208_988_800, 0]);
});

test("an IPv4 address is read from 4 octets, whatever follows it", () => {
  const view = new DataView(new ArrayBuffer(SIZE.REQUEST));
  view.setUint8(1, 0xf4);
  view.setUint32(16, 0xc0000201);
  view.setUint32(20, 0xffff_ffff);
  view.setUint32(36, 0xffff_ffff);
  const { ipVersion, senderAddress, receiverAddress } = readRequest(view, 0);
  assert.equal(ipVersion, 4);
  assert.deepEqual([...senderAddress], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1]);
  assert.deepEqual(receiverAddress, new Uint8Array(16), "zeros stay zeros");
});

test("RFC 6038's octets are where its figures have them", () => {
  const request = new DataView(new ArrayBuffer(SIZE.REQUEST));
  request.setUint32(88, 0x1234_5678);
  const { octetsToReflect, paddingToReflect } = readRequest(request, 0);
  assert.deepEqual([octetsToReflect, paddingToReflect], [0x1234, 0x5678]);
  const accept = new DataView(new ArrayBuffer(SIZE.ACCEPT));
  accept.setUint32(20, 0x1234_5678);
  const { reflectedOctets, serverOctets } = readAcceptSession(accept, 0);
  assert.deepEqual([reflectedOctets, serverOctets], [0x1234, 0x5678]);
});

test("a KeyID may fill its field, ends at a zero, and is refused when longer", () => {
  const made = { mode: 2, token: new Uint8Array(64), clientIv: new Uint8Array(16) };
  const full = writeSetUpResponse({ ...made, keyId: "é".repeat(40) });
  assert.equal(readSetUpResponse(new DataView(full.buffer), 0).keyId, "é".repeat(40));
  full[4] = 0x61;
  full[5] = 0;
  assert.equal(readSetUpResponse(new DataView(full.buffer), 0).keyId, "a");
  assert.throws(() => writeSetUpResponse({ ...made, keyId: "é".repeat(41) }), RangeError);
});

test("UTF-8 is written and read as TextEncoder and TextDecoder do", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      assert.deepEqual(encodeUtf8(text), new TextEncoder().encode(text));
      assert.equal(decodeUtf8(encodeUtf8(text)), text);
    }),
    { seed },
  );
  const overlong = [[0xc1, 0x81], [0xe0, 0x80, 0x81], [0xf0, 0x80, 0x80, 0x81], [0xed, 0xa0, 0x80], [
    0xf4,
    0x90,
    0x80,
    0x80,
  ]];
  for (const octets of overlong) assert.match(decodeUtf8(Uint8Array.from(octets)), /^\ufffd+$/);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 12 }), (octets) => {
      const valid = !new TextDecoder("utf-8", { ignoreBOM: true }).decode(octets).includes("\ufffd");
      assert.equal(!decodeUtf8(octets).includes("\ufffd"), valid);
    }),
    { seed, numRuns: 2000 },
  );
});
