/**
 * The three messages that set a control connection up (RFC 4656 section 3.1).
 *
 * A reader wants a whole message at `at`, as `SIZE` has it; whatever its octets are, it does not throw.
 *
 * @module
 */
import { type Accept, readAccept, SIZE } from "./control_codes.ts";
import { blank, offsetOf, putTime, readOctets, readTime } from "./control_fields.ts";
import { GREETING, SERVER_START, SET_UP_RESPONSE } from "./control_layouts.ts";
import { decodeUtf8, encodeUtf8 } from "./utf8.ts";

/** Server Greeting: what a server offers, and how keys are derived. */
export interface Greeting {
  readonly modes: number;
  /** 16 octets. */
  readonly challenge: Uint8Array;
  /** 16 octets. */
  readonly salt: Uint8Array;
  /** Iterations of PBKDF2. */
  readonly count: number;
}

const MODES = offsetOf(GREETING, "Modes");
const CHALLENGE = offsetOf(GREETING, "Challenge");
const SALT = offsetOf(GREETING, "Salt");
const COUNT = offsetOf(GREETING, "Count");

export function readGreeting(view: DataView, at: number): Greeting {
  return {
    modes: view.getUint32(at + MODES),
    challenge: readOctets(view, at + CHALLENGE, 16),
    salt: readOctets(view, at + SALT, 16),
    count: view.getUint32(at + COUNT),
  };
}

export function writeGreeting({ modes, challenge, salt, count }: Greeting): Uint8Array {
  const { octets, view } = blank(SIZE.GREETING);
  view.setUint32(MODES, modes);
  octets.set(challenge.subarray(0, 16), CHALLENGE);
  octets.set(salt.subarray(0, 16), SALT);
  view.setUint32(COUNT, count);
  return octets;
}

/** Set-Up-Response: what a client takes, and its proof that it knows the secret. */
export interface SetUpResponse {
  readonly mode: number;
  /** UTF-8 of up to 80 octets; empty in open mode. */
  readonly keyId: string;
  /** 64 octets. */
  readonly token: Uint8Array;
  /** 16 octets. */
  readonly clientIv: Uint8Array;
}

/** The most octets of a KeyID. */
export const KEY_ID_SIZE = 80;

const MODE = offsetOf(SET_UP_RESPONSE, "Mode");
const KEY_ID = offsetOf(SET_UP_RESPONSE, "KeyID");
const TOKEN = offsetOf(SET_UP_RESPONSE, "Token");
const CLIENT_IV = offsetOf(SET_UP_RESPONSE, "Client-IV");

export function readSetUpResponse(view: DataView, at: number): SetUpResponse {
  return {
    mode: view.getUint32(at + MODE),
    keyId: readKeyId(view, at + KEY_ID),
    token: readOctets(view, at + TOKEN, 64),
    clientIv: readOctets(view, at + CLIENT_IV, 16),
  };
}

/** The KeyID at `at`: it ends at the first zero octet. */
export function readKeyId(view: DataView, at: number): string {
  const octets = readOctets(view, at, KEY_ID_SIZE);
  const end = octets.indexOf(0);
  return decodeUtf8(end < 0 ? octets : octets.subarray(0, end));
}

/** @throws RangeError for a KeyID of more than 80 octets: whoever read it from a user has to refuse it there */
export function writeSetUpResponse({ mode, keyId, token, clientIv }: SetUpResponse): Uint8Array {
  const { octets, view } = blank(SIZE.SET_UP);
  const key = encodeUtf8(keyId);
  if (key.length > KEY_ID_SIZE) throw new RangeError(`a KeyID has ${KEY_ID_SIZE} octets at most, not ${key.length}`);
  view.setUint32(MODE, mode);
  octets.set(key, KEY_ID);
  octets.set(token.subarray(0, 64), TOKEN);
  octets.set(clientIv.subarray(0, 16), CLIENT_IV);
  return octets;
}

/** Server-Start: whether the server goes on. */
export interface ServerStart {
  readonly accept: Accept;
  /** 16 octets. */
  readonly serverIv: Uint8Array;
  /** UNIX words of when the server started; 0 0 if it does not say. */
  readonly startTime: Uint32Array;
}

const ACCEPT = offsetOf(SERVER_START, "Accept");
const SERVER_IV = offsetOf(SERVER_START, "Server-IV");
const START_TIME: number = offsetOf(SERVER_START, "Start-Time");

/** Octets of Server-Start that are always in clear: with keys, the stream begins behind them. */
export const SERVER_START_CLEAR = START_TIME;

export function readServerStart(view: DataView, at: number): ServerStart {
  return {
    accept: readAccept(view.getUint8(at + ACCEPT)),
    serverIv: readOctets(view, at + SERVER_IV, 16),
    startTime: readTime(view, at + START_TIME),
  };
}

export function writeServerStart({ accept, serverIv, startTime }: ServerStart): Uint8Array {
  const { octets, view } = blank(SIZE.SERVER_START);
  octets[ACCEPT] = accept;
  octets.set(serverIv.subarray(0, 16), SERVER_IV);
  putTime(view, START_TIME, startTime);
  return octets;
}
