import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { findKeys } from "../../../cli/decode/control_keys.ts";
import { decodeCapture, decodeHex, type DecodeOptions } from "../../../cli/decode/decode.ts";
import { OptionError } from "../../../core/errors.ts";
import * as control from "../../../core/wire/control.ts";
import { CONTROL_LAYOUT } from "../../../core/wire/control_dissect.ts";
import { readRecorded } from "../../captures/captures.ts";
import { controlMessages, type Message, readKeyed } from "../../core/control/conversation.ts";
import { VECTORS } from "../../core/wire/vectors.ts";
import { ethernet, ipv4, pcap, tcp } from "./build.ts";
import { captureOf, cut, type Piece, piecesOf, shotOf } from "./control_captures.ts";

const KINDS = [
  "server-greeting",
  "set-up-response",
  "server-start",
  "request-tw-session",
  "accept-session",
  "start-sessions",
  "start-ack",
  "stop-sessions",
];
const KEYED = ["twamp-authenticated", "twamp-encrypted", "twamp-mixed"];
const OPEN = controlMessages("twamp-unauthenticated");
const secrets = (keyId: string) => keyId === "alice" ? new TextEncoder().encode("foobar") : undefined;
const sids = [1, 2, 3].map((fill) => new Uint8Array(16).fill(fill));

/** A conversation that starts and stops its sessions one by one. */
const INDIVIDUAL: Message[] = [
  ...OPEN.slice(0, 5).map(({ fromServer, octets }, i) => {
    const changed = octets.slice();
    if (i === 1) changed[3] |= control.Mode.INDIVIDUAL;
    return { fromServer, octets: changed };
  }),
  { fromServer: false, octets: control.writeSessionList(control.Command.START_N, { accept: 0, sids }) },
  {
    fromServer: true,
    octets: control.writeSessionList(control.Command.START_N_ACK, { accept: 0, sids: sids.slice(0, 2) }),
  },
  {
    fromServer: true,
    octets: control.writeSessionList(control.Command.START_N_ACK, { accept: 5, sids: sids.slice(2) }),
  },
  { fromServer: false, octets: control.writeSessionList(control.Command.STOP_N, { accept: 0, sids }) },
  { fromServer: true, octets: control.writeSessionList(control.Command.STOP_N_ACK, { accept: 0, sids }) },
];

// deno-lint-ignore no-explicit-any
type Told = any;

function objects(file: Uint8Array, options: DecodeOptions = {}): Told[] {
  return [...decodeCapture(file, { ...options, json: true })].map((line) => JSON.parse(line));
}

function packets(told: readonly Told[]): Told[] {
  return told.filter(({ type }) => type === "packet");
}

function kinds(told: readonly Told[]): string[] {
  return packets(told).map(({ kind }) => kind);
}

function notes(told: readonly Told[]): string[] {
  return told.filter(({ type }) => type === "note").map(({ text }) => text);
}

/** What is told of each message, but for the frame it came in. */
function content(told: readonly Told[]): unknown[] {
  return packets(told).map(({ from, to, kind, fields, warnings }) => ({ from, to, kind, fields, warnings }));
}

test("a conversation in the open: each message is known by its place, and nothing is wrong with it", () => {
  const told = objects(captureOf(piecesOf(OPEN)));
  assert.deepEqual(kinds(told), KINDS);
  for (const { warnings, fields, octets } of packets(told)) {
    assert.deepEqual(warnings, []);
    assert.equal(fields.reduce((sum: number, { size }: Told) => sum + size, 0), octets);
  }
  const { frames, datagrams, shown, control, skipped } = told.at(-1);
  assert.deepEqual([frames, datagrams, shown, control], [10, 0, 0, { segments: 10, messages: 8 }]);
  assert.equal(skipped.notUdp, 0);
});

test("a capture that ends within the options of a segment is read to its end", () => {
  const segment = tcp(new Uint8Array(), { syn: true, ack: false, options: new Uint8Array(20) });
  const frame = ethernet(ipv4(segment, { protocol: 6 }));
  const told = objects(pcap([{ octets: frame.slice(0, frame.length - 12), size: frame.length }]));
  assert.deepEqual(told.at(-1).control, { segments: 1, messages: 0 });
});

test("as text", () => {
  const text = [...decodeCapture(captureOf(piecesOf(OPEN.slice(0, 4))), {})];
  for (const line of text) assert.ok(line.length <= 80, line);
  const from = text.findIndex((line) => line.startsWith("#6"));
  assert.deepEqual(text.slice(from), [
    "#6  2026-01-01T00:00:00.005000000Z  192.0.2.1:40000 > 192.0.2.2:862",
    "    Request-TW-Session command, 112 octets, TTL 64, TOS 0x88",
    "    (RFC 5357 section 3.5, RFC 6038 section 4.2)",
    "     0  1  Command Number                5",
    "     1  1  MBZ and IPVN                  IPv4",
    "     2  1  Conf-Sender                   0",
    "     3  1  Conf-Receiver                 0",
    "     4  4  Number of Schedule Slots      0",
    "     8  4  Number of Packets             0",
    "    12  2  Sender Port                   9096",
    "    14  2  Receiver Port                 9096",
    "    16 16  Sender Address                127.0.0.1",
    "    32 16  Receiver Address              127.0.0.1",
    "    48 16  SID                           zero",
    "    64  4  Padding Length                40",
    "    68  8  Start Time                    2026-11-20T13:34:06.816506000Z NTP",
    "    76  8  Timeout                       2.000072000 s",
    "    84  4  Type-P Descriptor             0x00000000 (DSCP 0)",
    "    88  2  Octets to be reflected        0",
    "    90  2  Length of padding to reflect  0",
    "    92  4  MBZ                           zero",
    "    96 16  HMAC                          zero",
    "",
    "Frames: 6, control messages: 4, test packets: 0",
  ]);
});

for (const name of KEYED) {
  test(`${name}: with the key file every message is opened and its HMAC right`, () => {
    const told = objects(captureOf(piecesOf(controlMessages(name))), { secrets });
    assert.deepEqual([kinds(told), notes(told)], [KINDS, []]);
    const clear = readKeyed(controlMessages(name)).clear;
    packets(told).forEach(({ fields, warnings }, i) => {
      assert.deepEqual(warnings, []);
      assert.equal(fields.map(({ hex }: Told) => hex).join(""), hexOf(clear[i].octets));
      if (i > 2) assert.match(fields.at(-1).value, /^[0-9a-f]{32}, right$/);
    });
  });

  test(`${name}: without it, what is in clear is told, and one line says why no more`, () => {
    const why = (given: DecodeOptions) => {
      const told = objects(captureOf(piecesOf(controlMessages(name))), given);
      assert.deepEqual(kinds(told), KINDS.slice(0, 3));
      assert.equal(packets(told)[2].fields.at(-1).value, "16 octets, sealed");
      assert.equal(notes(told).length, 1);
      return notes(told)[0];
    };
    assert.match(why({}), /no key file/);
    assert.match(why({ secrets: () => undefined }), /KeyID "alice" is not in the key file/);
    assert.match(why({ secrets: () => Uint8Array.of(1) }), /another secret/);
  });
}

test("a KeyID that is said not to be known moves no terminal", () => {
  const response: control.SetUpResponse = {
    mode: 4,
    keyId: "a\x1b[31m\u009b31m\u202e",
    token: new Uint8Array(64),
    clientIv: new Uint8Array(16),
  };
  const greeting: control.Greeting = { modes: 4, challenge: new Uint8Array(16), salt: new Uint8Array(16), count: 1024 };
  const why = findKeys(greeting, response, () => undefined);
  assert.ok(typeof why === "string" && why.includes("\\u{9b}31m"));
  assert.doesNotMatch(why, /\p{C}/u);
});

function hexOf(octets: Uint8Array): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, "0")).join("");
}

test("a sealed message that was changed is told with a warning, and only it", () => {
  const messages = controlMessages("twamp-mixed").map((message) => ({ ...message, octets: message.octets.slice() }));
  messages[4].octets[20] ^= 1;
  const told = packets(objects(captureOf(piecesOf(messages)), { secrets }));
  assert.deepEqual(told.map(({ warnings }) => warnings.length > 0), [
    ...[false, false, false, false, true, false, false, false],
  ]);
  assert.match(told[4].warnings[0], /HMAC is wrong/);
  assert.doesNotMatch(told[4].fields.at(-1).value, /right/);
});

test("a count that would take for ever, or none, is not derived", () => {
  for (const count of [0, 2 ** 20 + 1, 0xffff_ffff]) {
    const messages = controlMessages("twamp-mixed").map((message) => ({ ...message, octets: message.octets.slice() }));
    new DataView(messages[0].octets.buffer).setUint32(48, count);
    const [note] = notes(objects(captureOf(piecesOf(messages)), { secrets }));
    assert.match(note, new RegExp(`a Count of ${count} is not derived`));
  }
});

test("a server that refuses a keyed mode seals nothing", () => {
  const messages = controlMessages("twamp-mixed").slice(0, 3);
  const startTime = Uint32Array.of(1_700_000_000, 0);
  const refusal = control.writeServerStart({ accept: 1, serverIv: new Uint8Array(16), startTime });
  const told = objects(captureOf(piecesOf([messages[0], messages[1], { fromServer: true, octets: refusal }])), {
    secrets,
  });
  assert.match(packets(told)[2].fields.at(-2).value, /^2023-11-14T22:13:20/);
});

test("sessions started and stopped one by one", () => {
  const told = objects(captureOf(piecesOf(INDIVIDUAL)));
  assert.deepEqual(kinds(told).slice(5), [
    "start-n-sessions",
    "start-n-ack",
    "start-n-ack",
    "stop-n-sessions",
    "stop-n-ack",
  ]);
  assert.deepEqual(packets(told).flatMap(({ warnings }) => warnings), []);
  const names = packets(told)[5].fields.map(({ name }: Told) => name);
  assert.deepEqual(names.slice(-4), ["SID 1", "SID 2", "SID 3", "HMAC"]);
});

test("segments cut anywhere, out of order and twice make the same messages", () => {
  const expected = content(objects(captureOf(piecesOf(OPEN))));
  const [syn, synAck, ...data] = piecesOf(OPEN);
  const order = fc.array(fc.tuple(fc.nat(), fc.nat(), fc.boolean()), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(order, (steps) => {
      const pieces = [...data];
      for (const [where, at, again] of steps) {
        const i = where % pieces.length;
        const whole = pieces[i];
        const [first, second] = cut(whole, at % (whole.payload.length + 1));
        // The later part first, or the earlier one and then all of it.
        pieces.splice(i, 1, ...again ? [first, whole] : [second, first]);
      }
      const told = objects(captureOf([syn, synAck, ...pieces]));
      assert.deepEqual([content(told), notes(told)], [expected, []]);
    }),
    { seed: 1, numRuns: 150 },
  );
});

test("what the server says before the client's command was captured waits for it", () => {
  const pieces = piecesOf(OPEN);
  const late = [...pieces.slice(0, 5), pieces[6], pieces[5], ...pieces.slice(7)];
  const told = objects(captureOf(late));
  assert.deepEqual(kinds(told).toSorted(), KINDS.toSorted());
  assert.deepEqual(notes(told), []);
});

test("a gap is said, and the direction it is in goes no further", () => {
  const pieces = piecesOf(OPEN);
  const without = (i: number) => objects(captureOf([...pieces.slice(0, i), ...pieces.slice(i + 1)]));
  const missing = (octets: number) =>
    `${octets} octets are missing in the capture: what follows them cannot be split into messages`;
  const request = without(5);
  assert.deepEqual(kinds(request), KINDS.slice(0, 3));
  assert.deepEqual(notes(request), [
    missing(112),
    "80 octets answer what is missing, and cannot be split into messages",
  ]);
  const accept = without(6);
  assert.deepEqual(kinds(accept), KINDS.filter((kind) => kind !== "accept-session" && kind !== "start-ack"));
  assert.deepEqual(notes(accept), [missing(48)]);
});

test("a capture that ends in a message, or begins in a conversation, says so", () => {
  const pieces = piecesOf(OPEN);
  const ends = objects(captureOf([...pieces.slice(0, 5), cut(pieces[5], 50)[0]]));
  assert.deepEqual(kinds(ends), KINDS.slice(0, 3));
  assert.deepEqual(notes(ends), ["50 octets at the end are no whole message"]);
  const begins = objects(captureOf(pieces.slice(5)));
  assert.deepEqual(kinds(begins), []);
  assert.match(notes(begins)[0], /its beginning is not in the capture/);
  const other = objects(captureOf(piecesOf([{ fromServer: true, octets: new Uint8Array(64).fill(0x48) }])));
  assert.match(notes(other)[0], /does not begin with a greeting/);
});

test("a capture without the segments that open a connection is read from its greeting on", () => {
  assert.deepEqual(kinds(objects(captureOf(piecesOf(OPEN).slice(2)))), KINDS);
});

test("the same ports again are another connection", () => {
  const again = piecesOf(OPEN).map((piece): Piece => ({ ...piece, sequence: piece.sequence + 77_777 }));
  const told = objects(captureOf([...piecesOf(OPEN), ...again]));
  assert.deepEqual([kinds(told), notes(told)], [[...KINDS, ...KINDS], []]);
});

test("a client that has the server's port too, and a connection that was open before the capture", () => {
  const both = piecesOf(OPEN).map((piece, i) => shotOf(piece, i, 862, 862));
  assert.deepEqual(kinds(objects(pcap(both))), KINDS);
  const before = piecesOf(OPEN).slice(6).map((piece): Piece => ({ ...piece, sequence: piece.sequence + 55_555 }));
  assert.deepEqual(kinds(objects(captureOf([...before, ...piecesOf(OPEN)]))), KINDS);
});

test("thousands of segments of one octet, and of nothing but early ones, take no time", () => {
  const [syn, synAck, greeting] = piecesOf(OPEN);
  const small = Array.from({ length: 20_000 }, (_, i): Piece => ({
    fromServer: true,
    sequence: greeting.sequence + 64 + i,
    payload: Uint8Array.of(1),
  }));
  const waiting = objects(captureOf([syn, synAck, greeting, ...small]));
  assert.deepEqual(notes(waiting), ["20000 octets at the end are no whole message"]);
  const early = objects(captureOf([syn, synAck, ...small]));
  assert.equal(
    notes(early)[0],
    "64 octets are missing in the capture: what follows them cannot be split into messages",
  );
  assert.equal(notes(early).length, 1);
});

test("what waits is bounded: segments, octets, connections", () => {
  const [syn, synAck, greeting] = piecesOf(OPEN);
  const behind = (i: number, size: number): Piece => ({
    fromServer: true,
    sequence: greeting.sequence + 64 + i * size,
    payload: new Uint8Array(size).fill(1),
  });
  const early = Array.from({ length: 65 }, (_, i) => behind(i, 1));
  assert.deepEqual(kinds(objects(captureOf([syn, synAck, ...early.slice(1), greeting]))), KINDS.slice(0, 1));
  assert.deepEqual(kinds(objects(captureOf([syn, synAck, ...early, greeting]))), []);
  const large = Array.from({ length: 6 }, (_, i) => behind(i, 60_000));
  assert.deepEqual(notes(objects(captureOf([syn, synAck, greeting, ...large]))), [
    "300000 octets that answer nothing: the rest is not read",
  ]);
  const [first, second] = cut(greeting, 32);
  const halves = Array.from({ length: 1024 }, (_, i) => shotOf(first, i, 862, 10_000 + i));
  const oldest = shotOf(second, 0, 862, 10_000);
  assert.deepEqual(kinds(objects(pcap([...halves, oldest]))), KINDS.slice(0, 1));
  assert.deepEqual(kinds(objects(pcap([...halves, shotOf(first, 0, 862, 9_999), oldest]))), []);
});

test("an unknown command is said, and its answer is still told", () => {
  const strange = new Uint8Array(32);
  strange[0] = 99;
  const refused = control.writeAcceptSession({
    accept: 3,
    port: 0,
    sid: new Uint8Array(16),
    reflectedOctets: 0,
    serverOctets: 0,
  });
  const messages = [...OPEN.slice(0, 3), { fromServer: false, octets: strange }, { fromServer: true, octets: refused }];
  const told = objects(captureOf(piecesOf(messages)));
  assert.deepEqual(kinds(told), [...KINDS.slice(0, 3), "accept-session"]);
  assert.deepEqual(notes(told), ["command 99 is unknown: what follows cannot be split into messages"]);
});

test("other ports only with --port", () => {
  const file = captureOf(piecesOf(OPEN), 18621);
  assert.deepEqual(kinds(objects(file)), []);
  assert.equal(objects(file).at(-1).skipped.notUdp, 10);
  assert.deepEqual(kinds(objects(file, { port: 18621 })), KINDS);
});

test("hex: a message alone is known where its octets tell", () => {
  const told = [...OPEN, ...INDIVIDUAL.slice(5)].map(({ octets }) => {
    const [line] = decodeHex(hexOf(octets), { json: true });
    return JSON.parse(line);
  });
  const lists = ["start-n-sessions", "start-n-ack", "start-n-ack", "stop-n-sessions", "stop-n-ack"];
  assert.deepEqual(told.map(({ kind }) => kind), [...KINDS, ...lists]);
  assert.deepEqual(told.flatMap(({ warnings }) => warnings), []);
  for (const name of KEYED) {
    const [greeting, response] = controlMessages(name).map(({ octets }) =>
      JSON.parse(decodeHex(hexOf(octets), { json: true })[0])
    );
    assert.deepEqual([greeting.kind, response.kind], KINDS.slice(0, 2));
  }
});

test("hex: no test packet is taken for a control message", () => {
  const recorded = ["twamp-unauthenticated", "light-imix"].flatMap(readRecorded).filter(({ proto }) => proto === "udp");
  for (const { octets } of [...VECTORS, ...recorded]) {
    for (const length of [octets.length, 32, 48, 64, 80, 112, 164]) {
      const packet = new Uint8Array(length);
      packet.set(octets.subarray(0, length));
      assert.match(JSON.parse(decodeHex(hexOf(packet), { json: true })[0]).kind, /^(twamp|stamp)-/);
    }
  }
});

test("--as takes hex for any control message, and never throws", () => {
  for (const as of Object.keys(CONTROL_LAYOUT) as (keyof typeof CONTROL_LAYOUT)[]) {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), (octets) => {
        const [line] = decodeHex(hexOf(octets), { as, json: true });
        const { kind, fields, warnings } = JSON.parse(line);
        assert.equal(kind, as);
        const told = fields.reduce((sum: number, { size }: Told) => sum + size, 0);
        assert.ok(told === octets.length || warnings.length > 0);
      }),
      { seed: 2, numRuns: 50 },
    );
  }
  assert.throws(() => [...decodeCapture(captureOf(piecesOf(OPEN)), { as: "start-ack" })], OptionError);
});

test("what is wrong with a message is said", () => {
  const warnings = (octets: Uint8Array) => JSON.parse(decodeHex(hexOf(octets), { json: true })[0]).warnings;
  const greeting = OPEN[0].octets.slice();
  greeting[51] = 1;
  assert.deepEqual(warnings(greeting), ["Count 2049 is no power of 2 from 1024 on (RFC 4656 section 3.1)"]);
  const request = OPEN[3].octets.slice();
  request[31] = 1;
  assert.deepEqual(warnings(request), ["Sender Address at 16 must be zero behind its 4 octets: 0000000000000000…"]);
});

test("a KeyID cannot speak to a terminal", () => {
  const response = control.writeSetUpResponse({
    mode: 2,
    keyId: '\u001b]0;x\u0007\u202e"',
    token: new Uint8Array(64),
    clientIv: new Uint8Array(16),
  });
  const text = decodeHex(hexOf(response), { as: "set-up-response" }).join("\n");
  assert.ok(text.includes(String.raw`"\u{1b}]0;x\u{7}\u{202e}\u{22}"`), text);
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
});
