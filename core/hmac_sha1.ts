/**
 * HMAC-SHA1 truncated to 128 bits, as RFC 4656 section 3.2 has it for TWAMP.
 *
 * @module
 */
import { sha1 } from "@noble/hashes/legacy.js";
import { Hmac } from "./hmac.ts";

export { MAC_SIZE } from "./hmac.ts";

/** MACs under one key. */
export class HmacSha1 extends Hmac<ReturnType<typeof sha1.create>> {
  constructor(key: Uint8Array) {
    super(sha1, key);
  }
}
