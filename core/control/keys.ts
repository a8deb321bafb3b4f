/**
 * Keys of a control connection, and the Token that carries them (RFC 4656 section 3.1).
 *
 * @module
 */
import { Cbc, createChain } from "../cbc.ts";

/** What seals a connection: AES Session-key and HMAC Session-key. */
export interface ControlKeys {
  /** 16 octets. */
  readonly aes: Uint8Array;
  /** 32 octets. */
  readonly hmac: Uint8Array;
}

const CHALLENGE = 16;
const AES_KEY = 16;
const HMAC_KEY = 32;
const TOKEN = CHALLENGE + AES_KEY + HMAC_KEY;
const BLOCKS = TOKEN / 16;

/** The Token: challenge and keys, encrypted with IV 0 under the key derived from the shared secret. */
export function makeToken(derived: Uint8Array, challenge: Uint8Array, keys: ControlKeys): Uint8Array {
  const token = new Uint8Array(TOKEN);
  token.set(challenge);
  token.set(keys.aes, CHALLENGE);
  token.set(keys.hmac, CHALLENGE + AES_KEY);
  new Cbc(derived).encrypt(new DataView(token.buffer), 0, BLOCKS, createChain());
  return token;
}

/** The keys in a Token; undefined unless it holds the challenge: then it was made with another secret. */
export function openToken(derived: Uint8Array, token: Uint8Array, challenge: Uint8Array): ControlKeys | undefined {
  const clear = token.slice();
  new Cbc(derived).decrypt(new DataView(clear.buffer), 0, BLOCKS, createChain());
  let differs = 0;
  for (let i = 0; i < CHALLENGE; i++) differs |= clear[i] ^ challenge[i];
  if (differs !== 0) return undefined;
  return { aes: clear.slice(CHALLENGE, CHALLENGE + AES_KEY), hmac: clear.slice(CHALLENGE + AES_KEY) };
}
