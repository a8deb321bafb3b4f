/**
 * HMAC-SHA-256 truncated to 128 bits, as RFC 8762 section 4.4 has it for STAMP (RFC 4868).
 *
 * @module
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { Hmac } from "./hmac.ts";

export { MAC_SIZE } from "./hmac.ts";

/** MACs under one key. */
export class HmacSha256 extends Hmac<ReturnType<typeof sha256.create>> {
  constructor(key: Uint8Array) {
    super(sha256, key);
  }
}
