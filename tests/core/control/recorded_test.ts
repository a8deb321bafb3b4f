import assert from "node:assert/strict";
import { test } from "node:test";
import { type ControlKeys, makeToken } from "../../../core/control/keys.ts";
import { SealedWriter } from "../../../core/control/sealed_stream.ts";
import * as control from "../../../core/wire/control.ts";
import { controlMessages, derive, type Message, readKeyed } from "./conversation.ts";

const KEYED = { "twamp-authenticated": 2, "twamp-encrypted": 4, "twamp-mixed": 8 };

function viewOf(octets: Uint8Array): DataView {
  return new DataView(octets.buffer, octets.byteOffset, octets.length);
}

/** Puts back what nanoseconds lose of an NTP fraction: less than a nanosecond, which is 4.3 units. */
function withFraction(made: Uint8Array, recorded: Uint8Array, at: number): Uint8Array {
  const [fraction, was] = [viewOf(made).getUint32(at), viewOf(recorded).getUint32(at)];
  assert.ok(Math.abs(fraction - was) <= 3, `${fraction} for ${was}`);
  viewOf(made).setUint32(at, was);
  return made;
}

/** What our codecs make of each message (in clear) of the recorded conversations, which all have the same parts. */
const AGAIN: readonly ((octets: Uint8Array) => Uint8Array)[] = [
  (octets) => control.writeGreeting(control.readGreeting(viewOf(octets), 0)),
  (octets) => control.writeSetUpResponse(control.readSetUpResponse(viewOf(octets), 0)),
  (octets) => withFraction(control.writeServerStart(control.readServerStart(viewOf(octets), 0)), octets, 36),
  (octets) => withFraction(control.writeRequest(control.readRequest(viewOf(octets), 0)), octets, 72),
  (octets) => control.writeAcceptSession(control.readAcceptSession(viewOf(octets), 0)),
  () => control.writeStart(),
  (octets) => control.writeAck(control.readAck(viewOf(octets), 0)),
  (octets) => control.writeStop(control.readStop(viewOf(octets), 0)),
];

/** Seals again what {@link readKeyed} opened. */
function sealAgain(clear: readonly Message[], keys: ControlKeys): Uint8Array[] {
  const { serverIv } = control.readServerStart(viewOf(clear[2].octets), 0);
  const { clientIv } = control.readSetUpResponse(viewOf(clear[1].octets), 0);
  const server = new SealedWriter(keys, serverIv);
  const client = new SealedWriter(keys, clientIv);
  return clear.map(({ fromServer, octets }, i) => {
    const made = AGAIN[i](octets);
    if (i === 2) server.sealUncovered(made, control.SERVER_START_CLEAR);
    else if (i > 2) (fromServer ? server : client).seal(made);
    return made;
  });
}

test("a recorded conversation in the open is written by our codecs as it was", () => {
  const messages = controlMessages("twamp-unauthenticated");
  assert.equal(messages.length, AGAIN.length);
  messages.forEach(({ octets }, i) => assert.deepEqual(AGAIN[i](octets), octets, `message ${i}`));
});

for (const [name, mode] of Object.entries(KEYED)) {
  test(`${name}: decrypted, every HMAC right, and sealed again to the same octets`, () => {
    const messages = controlMessages(name);
    const { refused, keys, clear } = readKeyed(messages);
    assert.equal(refused, undefined);
    assert.equal(clear.length, AGAIN.length);
    sealAgain(clear, keys!).forEach((octets, i) => assert.deepEqual(octets, messages[i].octets, `message ${i}`));
  });

  test(`${name}: says what its maker was asked for`, () => {
    const { keys, clear } = readKeyed(controlMessages(name));
    const [greeting, response, , request, accept, start, ack, stop] = clear.map(({ octets }) => viewOf(octets));
    const { modes, challenge, salt, count } = control.readGreeting(greeting, 0);
    assert.deepEqual([modes, count], [15, 2048]);
    const { mode: taken, keyId, token } = control.readSetUpResponse(response, 0);
    assert.deepEqual([taken, keyId], [mode, "alice"]);
    assert.deepEqual(makeToken(derive(keyId, salt, count)!, challenge, keys!), token);
    const { ipVersion, slots, packets, padding, timeoutNs } = control.readRequest(request, 0);
    assert.deepEqual([ipVersion, slots, packets, padding], [4, 0, 0, 40]);
    assert.equal(Math.floor(timeoutNs / 1e8), 20);
    const accepted = control.readAcceptSession(accept, 0);
    assert.deepEqual([accepted.accept, [...accepted.sid.subarray(0, 4)]], [0, [127, 0, 0, 1]]);
    assert.equal(start.getUint8(0), control.Command.START);
    assert.equal(control.readAck(ack, 0), control.Accept.OK);
    assert.deepEqual(control.readStop(stop, 0), { accept: 0, sessions: 1 });
  });

  test(`${name}: one bit flipped anywhere is refused, where the protocol protects it`, () => {
    const messages = controlMessages(name);
    const reasons = new Map<string, number>();
    messages.forEach(({ octets }, message) => {
      for (let bit = 0; bit < octets.length * 8; bit++) {
        octets[bit >> 3] ^= 1 << (bit & 7);
        const { refused } = readKeyed(messages);
        octets[bit >> 3] ^= 1 << (bit & 7);
        const expected = reasonFor(message, bit >> 3);
        const key = `message ${message}, octet ${bit >> 3}`;
        assert.ok(expected.includes(refused ?? "nothing"), `${key}: ${refused}, not ${expected}`);
        reasons.set(refused ?? "nothing", (reasons.get(refused ?? "nothing") ?? 0) + 1);
      }
    });
    for (const reason of ["token", "key", "accept", "hmac"]) assert.ok(reasons.get(reason)! > 0, reason);
  });
}

/** What is to be said of a bit flipped in `octet` of message `message`. */
function reasonFor(message: number, octet: number): string[] {
  if (message > 2) return ["hmac"];
  const layout = [control.GREETING, control.SET_UP_RESPONSE, control.SERVER_START][message];
  const { name, kind, at } = layout.fields.find(({ at, size }) => octet >= at && octet < at + size)!;
  // Nobody protects these: RFC 4656 lets Modes, the choice among them and reserved octets go in clear.
  if (name === "Modes" || name === "Mode" || (kind === "mbz" && (message !== 2 || at === 0))) return ["nothing"];
  switch (name) {
    case "Challenge":
    case "Salt":
      return ["token"];
    // A count without end is not derived.
    case "Count":
      return ["token", "key"];
    // What follows the zero that ends it is no part of it.
    case "KeyID":
      return octet - at <= "alice".length ? ["key"] : ["nothing"];
    // Its first block is the challenge; the others are keys, whose faults the HMAC finds. CBC carries into the next.
    case "Token":
      return octet - at < 16 ? ["token"] : ["hmac"];
    case "Accept":
      return ["accept"];
    default:
      return ["hmac"];
  }
}

test("another secret opens no token", () => {
  const messages = controlMessages("twamp-encrypted");
  const { salt } = control.readGreeting(viewOf(messages[0].octets), 0);
  const challenge = new Uint8Array(16);
  const keys = { aes: new Uint8Array(16).fill(1), hmac: new Uint8Array(32).fill(2) };
  const changed = messages.map((message, i) =>
    i !== 1 ? message : {
      ...message,
      octets: control.writeSetUpResponse({
        ...control.readSetUpResponse(viewOf(message.octets), 0),
        token: makeToken(salt, challenge, keys),
      }),
    }
  );
  assert.equal(readKeyed(changed).refused, "token");
});

test("a message that is repeated, left out or moved fails its HMAC", () => {
  const messages = controlMessages("twamp-mixed");
  const refused = (order: readonly number[]) => readKeyed(order.map((i) => messages[i])).refused;
  assert.equal(refused([0, 1, 2, 3, 4, 5, 6, 7]), undefined);
  assert.equal(refused([0, 1, 2, 3, 4, 5, 5, 6, 7]), "hmac");
  assert.equal(refused([0, 1, 2, 3, 4, 6, 7]), "hmac");
  assert.equal(refused([0, 1, 2, 5, 3, 4, 6, 7]), "hmac");
});
