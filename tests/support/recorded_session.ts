/**
 * The test packets of a recorded full session, and the keys that its control connection gives them: for tests of sealed
 * packets. What of TWAMP-Control is needed for that is read here with node:crypto, by RFC 4656 section 3.1 and RFC 5357
 * section 3.5.
 *
 * @module
 */
import { createDecipheriv, pbkdf2Sync } from "node:crypto";
import { readRecorded } from "../captures/captures.ts";

const PASSPHRASE = "foobar";

/** Where things are in Server Greeting, Set-Up-Response, Server-Start and Accept-Session. */
const SALT = 32;
const COUNT = 48;
const TOKEN = 84;
const CHALLENGE = 16;
const SERVER_IV = 16;
const START_TIME = 32;
const SID = 4;

function decrypt(key: Uint8Array, iv: Uint8Array, octets: Uint8Array): Uint8Array {
  const decipher = createDecipheriv("aes-128-cbc", key, iv).setAutoPadding(false);
  return Uint8Array.from(decipher.update(octets));
}

/** Keys, SID and test packets of `name`, a recorded session in authenticated or encrypted mode. */
export function readSealedSession(name: string) {
  const messages = readRecorded(name);
  const server = messages[0].from;
  const fromServer = messages.filter(({ proto, from }) => proto === "tcp" && from === server).map((m) => m.octets);
  const fromClient = messages.filter(({ proto, from }) => proto === "tcp" && from !== server).map((m) => m.octets);
  const [greeting, start, accept] = fromServer;
  const setUp = fromClient[0];
  const count = new DataView(greeting.buffer, greeting.byteOffset).getUint32(COUNT);
  const secret = Uint8Array.from(pbkdf2Sync(PASSPHRASE, greeting.slice(SALT, SALT + 16), count, 16, "sha1"));
  const token = decrypt(secret, new Uint8Array(16), setUp.slice(TOKEN, TOKEN + 64));
  const aes = token.slice(16, 32);
  // One stream from the Server-IV on: the last block of Server-Start, then Accept-Session.
  const stream = Uint8Array.from([...start.slice(START_TIME, START_TIME + 16), ...accept]);
  const accepted = decrypt(aes, start.slice(SERVER_IV, SERVER_IV + 16), stream).slice(16);
  const datagrams = messages.filter(({ proto }) => proto === "udp");
  const sender = datagrams[0].from;
  return {
    challenge: { sent: greeting.slice(CHALLENGE, CHALLENGE + 16), returned: token.slice(0, 16) },
    accept: accepted[0],
    port: (accepted[2] << 8) | accepted[3],
    controlAesKey: aes,
    controlHmacKey: token.slice(32, 64),
    sid: accepted.slice(SID, SID + 16),
    datagrams,
    probes: datagrams.filter(({ from }) => from === sender).map((m) => m.octets),
    replies: datagrams.filter(({ from }) => from !== sender).map((m) => m.octets),
  };
}
