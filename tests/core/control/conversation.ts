/**
 * A keyed control conversation, read as somebody who holds the secret reads a recording of it.
 *
 * @module
 */
import { pbkdf2Sync } from "node:crypto";
import { type ControlKeys, openToken } from "../../../core/control/keys.ts";
import { SealedReader } from "../../../core/control/sealed_stream.ts";
import { readGreeting, readServerStart, readSetUpResponse, SERVER_START_CLEAR } from "../../../core/wire/control.ts";
import { BLOCK } from "../../../core/cbc.ts";
import { readRecorded } from "../../captures/captures.ts";

/** One message of a control connection. */
export interface Message {
  readonly fromServer: boolean;
  readonly octets: Uint8Array;
}

/** The control messages of a recording, in order. */
export function controlMessages(name: string): Message[] {
  const messages = readRecorded(name).filter(({ proto }) => proto === "tcp");
  return messages.map(({ from, octets }) => ({ fromServer: from === messages[0].from, octets }));
}

const SECRETS: Readonly<Record<string, string>> = { alice: "foobar" };
/** More iterations than any recording has are not made here. */
const MOST_ITERATIONS = 65_536;
const derived = new Map<string, Uint8Array>();

/** The key derived from a shared secret; each is made once. */
export function derive(keyId: string, salt: Uint8Array, count: number): Uint8Array | undefined {
  const secret = SECRETS[keyId];
  if (secret === undefined || count < 1 || count > MOST_ITERATIONS) return undefined;
  const name = `${keyId} ${salt.join()} ${count}`;
  const key = derived.get(name) ?? Uint8Array.from(pbkdf2Sync(secret, salt, count, 16, "sha1"));
  derived.set(name, key);
  return key;
}

/** A conversation decrypted, or why it was refused. */
export interface Reading {
  readonly refused: "key" | "token" | "accept" | "hmac" | undefined;
  readonly keys: ControlKeys | undefined;
  /** As far as it was read. */
  readonly clear: readonly Message[];
}

function viewOf(octets: Uint8Array): DataView {
  return new DataView(octets.buffer, octets.byteOffset, octets.length);
}

/** Reads a conversation of greeting, set-up, start and sealed messages; what is handed in is left as it is. */
export function readKeyed(messages: readonly Message[]): Reading {
  const clear = messages.map(({ fromServer, octets }) => ({ fromServer, octets: octets.slice() }));
  const [greeting, response, start] = clear.map(({ octets }) => viewOf(octets));
  const { challenge, salt, count } = readGreeting(greeting, 0);
  const { keyId, token, clientIv } = readSetUpResponse(response, 0);
  const key = derive(keyId, salt, count);
  if (key === undefined) return { refused: "key", keys: undefined, clear: [] };
  const keys = openToken(key, token, challenge);
  if (keys === undefined) return { refused: "token", keys, clear: [] };
  const { accept, serverIv } = readServerStart(start, 0);
  if (accept !== 0) return { refused: "accept", keys, clear: [] };
  const server = new SealedReader(keys, serverIv);
  const client = new SealedReader(keys, clientIv);
  server.decrypt(start, SERVER_START_CLEAR, 1);
  server.cover(clear[2].octets, SERVER_START_CLEAR, clear[2].octets.length);
  for (const [i, { fromServer, octets }] of clear.slice(3).entries()) {
    const reader = fromServer ? server : client;
    reader.decrypt(viewOf(octets), 0, 1);
    reader.decrypt(viewOf(octets), BLOCK, octets.length / BLOCK - 1);
    if (!reader.isGenuine(octets, 0, octets.length)) return { refused: "hmac", keys, clear: clear.slice(0, i + 3) };
  }
  return { refused: undefined, keys, clear };
}
