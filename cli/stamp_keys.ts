/**
 * Which key of the key file a STAMP session has: its SSID's (an identity that is a number), else that of all others.
 *
 * @module
 */
import { OptionError } from "../core/errors.ts";
import { StampKeys, StampSeal } from "../core/session/stamp_seal.ts";
import { chooseSecret, readKeyFile, type Secrets } from "./key_file.ts";

/** The identity whose key is that of all sessions that have none of their own. */
const OTHERS = "default";
const MOST_SSID = 65_535;

/** Keys as plain data, so that a worker can be given them. */
export interface StampSecrets {
  readonly bySsid: ReadonlyMap<number, Uint8Array>;
  readonly others: Uint8Array | undefined;
}

/** What was said of keys. */
export interface KeyFlags {
  readonly mode: "open" | "authenticated";
  readonly keyFile: string | undefined;
  readonly keyId: string | undefined;
}

/** Refuses what does not go together, before any file is opened. */
export function checkKeyFlags({ mode, keyFile, keyId }: KeyFlags, protocol: "auto" | "twamp" | "stamp"): void {
  if (mode === "authenticated" && protocol === "twamp") {
    throw new OptionError(
      "--mode authenticated is for STAMP: add --protocol stamp, or set up a session of TWAMP by controller and server",
    );
  }
  if (mode === "authenticated" && keyFile === undefined) {
    throw new OptionError("--mode authenticated needs a key: give --key-file FILE with lines of 'identity secret'");
  }
  if (protocol === "twamp" && keyFile !== undefined) {
    throw new OptionError(`--key-file '${keyFile}' does nothing with TWAMP: add --protocol stamp`);
  }
  if (keyId !== undefined && keyFile === undefined) {
    throw new OptionError(`--key-id '${keyId}' is an identity in a key file: give --key-file too`);
  }
}

/** Identities that are an SSID, and the others. */
export function sortSecrets(
  secrets: Secrets,
): { readonly bySsid: Map<number, Uint8Array>; readonly named: Map<string, Uint8Array> } {
  const bySsid = new Map<number, Uint8Array>();
  const named = new Map<string, Uint8Array>();
  for (const [identity, secret] of secrets) {
    const ssid = /^(0|[1-9]\d{0,4})$/.test(identity) ? Number(identity) : NaN;
    if (ssid <= MOST_SSID) bySsid.set(ssid, secret);
    else named.set(identity, secret);
  }
  return { bySsid, named };
}

/** The key of sessions that have none of their own: the one that is called so, or the only one that has a name. */
export function keyOfRest(named: Secrets): Uint8Array | undefined {
  return named.get(OTHERS) ?? (named.size === 1 ? [...named.values()][0] : undefined);
}

/** Reads the keys of sessions; `id` is the identity of all that have none of their own. */
export function readStampSecrets(path: string, id: string | undefined): StampSecrets {
  const secrets = readKeyFile(path);
  const { bySsid, named } = sortSecrets(secrets);
  return { bySsid, others: keyOfOthers(secrets, named, bySsid.size > 0, id, path) };
}

function keyOfOthers(
  secrets: Secrets,
  named: Secrets,
  hasNumbers: boolean,
  id: string | undefined,
  path: string,
): Uint8Array | undefined {
  if (id !== undefined) return chooseSecret(secrets, id, path).secret;
  // Names are somebody else's where there are numbers; without them one name is enough.
  return keyOfRest(named) ?? (hasNumbers ? undefined : chooseSecret(named, undefined, path).secret);
}

/** Keys of a reflector. */
export function stampKeys({ bySsid, others }: StampSecrets): StampKeys {
  return new StampKeys(bySsid, others);
}

/** What seals a sender's packets in authenticated mode, and TLVs that would not be sealed by that alone. */
export interface SenderKey {
  readonly seal?: StampSeal | undefined;
  readonly tlvMac?: StampSeal | undefined;
}

/**
 * The key of a sender's session, if it has one: of the identity that is named, else what a reflector would take. `always`:
 * an HMAC TLV is in every probe, whatever else is.
 */
export function readSenderKey({ mode, keyFile, keyId }: KeyFlags, ssid: number, always: boolean): SenderKey {
  if (keyFile === undefined) return {};
  const { bySsid, others } = readStampSecrets(keyFile, keyId);
  const secret = keyId === undefined ? bySsid.get(ssid) ?? others : others;
  if (secret !== undefined) {
    // In open mode the HMAC TLV is all that a key can be for.
    const tlvMac = always || mode === "open" ? new StampSeal(secret, false) : undefined;
    return mode === "open" ? { tlvMac } : { seal: new StampSeal(secret), tlvMac };
  }
  throw new OptionError(
    `--key-file '${keyFile}' has no key of SSID ${ssid}: add a line '${ssid} secret' or '${OTHERS} secret', or name an ` +
      `identity with --key-id`,
  );
}
