/**
 * Keys for what decode reads: of control connections by KeyID, of STAMP sessions by SSID, out of one file.
 *
 * @module
 */
import type { StampKeys } from "../../core/session/stamp_seal.ts";
import { readKeyFile } from "../key_file.ts";
import { keyOfRest, sortSecrets, stampKeys } from "../stamp_keys.ts";
import type { Secrets } from "./control_keys.ts";

/** What the key file is good for. */
export interface DecodeKeys {
  readonly secrets: Secrets;
  readonly stampKeys: StampKeys;
}

/** Reads them. A capture may be of several sessions and connections: no identity is refused. */
export function readDecodeKeys(path: string): DecodeKeys {
  const secrets = readKeyFile(path);
  const { bySsid, named } = sortSecrets(secrets);
  return { secrets: (keyId) => secrets.get(keyId), stampKeys: stampKeys({ bySsid, others: keyOfRest(named) }) };
}
