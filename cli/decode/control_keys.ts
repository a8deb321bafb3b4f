/**
 * Keys of a recorded control connection, out of its greeting, its Set-Up-Response and a shared secret.
 *
 * @module
 */
import { pbkdf2Sync } from "node:crypto";
import { type ControlKeys, openToken } from "../../core/control/keys.ts";
import { quotedText } from "../../core/wire/control_dissect.ts";
import type { Greeting, SetUpResponse } from "../../core/wire/control.ts";

/** The shared secret of a KeyID, in octets; undefined for one that is not known. */
export type Secrets = (keyId: string) => Uint8Array | undefined;

/** More iterations would take minutes: whoever wrote the capture file chooses the number. */
const MOST_ITERATIONS = 1 << 20;
const KEY_SIZE = 16;

/** The keys of a connection, or why there are none. */
export function findKeys(
  greeting: Greeting,
  response: SetUpResponse,
  secrets: Secrets | undefined,
): ControlKeys | string {
  if (secrets === undefined) return "its messages are sealed, and there is no key file to open them with";
  const secret = secrets(response.keyId);
  if (secret === undefined) {
    return `its messages are sealed, and KeyID ${quotedText(response.keyId)} is not in the key file`;
  }
  if (greeting.count < 1 || greeting.count > MOST_ITERATIONS) {
    return `its messages are sealed, and a Count of ${greeting.count} is not derived (${MOST_ITERATIONS} at most)`;
  }
  const derived = Uint8Array.from(pbkdf2Sync(secret, greeting.salt, greeting.count, KEY_SIZE, "sha1"));
  return openToken(derived, response.token, greeting.challenge) ??
    "its messages are sealed, and the token was made with another secret than that of the key file";
}
