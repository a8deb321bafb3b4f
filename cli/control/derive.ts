/**
 * Keys from passphrases (PBKDF2-HMAC-SHA1, RFC 4656 section 3.1): by the runtime, which does it in a thread of its own.
 *
 * @module
 */
import { pbkdf2, randomBytes } from "node:crypto";

const KEY_SIZE = 16;

/** The key of `secret`, 16 octets. */
export function deriveKey(secret: Uint8Array, salt: Uint8Array, count: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    pbkdf2(
      secret,
      salt,
      count,
      KEY_SIZE,
      "sha1",
      (error, key) => error ? reject(error) : resolve(Uint8Array.from(key)),
    );
  });
}

/** Octets that nobody can guess. */
export function randomOctets(size: number): Uint8Array {
  return Uint8Array.from(randomBytes(size));
}
