/**
 * The two directions of a keyed control connection (RFC 4656 sections 3.2 and 3.4): one AES-CBC stream each, chained from
 * message to message, and an HMAC at the end of each message over all since the one before.
 *
 * @module
 */
import { BLOCK, Cbc, type Chain, createChain } from "../cbc.ts";
import { HmacSha1, MAC_SIZE } from "../hmac_sha1.ts";
import type { ControlKeys } from "./keys.ts";

/** What is sent. */
export class SealedWriter {
  readonly #cipher: Cbc;
  readonly #hmac: HmacSha1;
  readonly #chain: Chain;

  constructor(keys: ControlKeys, iv: Uint8Array) {
    this.#cipher = new Cbc(keys.aes);
    this.#hmac = new HmacSha1(keys.hmac);
    this.#chain = createChain(iv);
  }

  /** Writes the HMAC into the last block of a message, and encrypts all of it in place. */
  seal(message: Uint8Array): void {
    const end = message.length - MAC_SIZE;
    this.#hmac.update(message.subarray(0, end));
    this.#hmac.finish(message, end);
    this.#encrypt(message, 0);
  }

  /** Encrypts from `at` on; the HMAC of the next message covers it (Server-Start has none, RFC 5357 section 3.2). */
  sealUncovered(message: Uint8Array, at: number): void {
    this.#hmac.update(message.subarray(at));
    this.#encrypt(message, at);
  }

  #encrypt(message: Uint8Array, at: number): void {
    const view = new DataView(message.buffer, message.byteOffset, message.length);
    this.#cipher.encrypt(view, at, (message.length - at) / BLOCK, this.#chain);
  }
}

/** What is received. */
export class SealedReader {
  readonly #cipher: Cbc;
  readonly #hmac: HmacSha1;
  readonly #chain: Chain;

  constructor(keys: ControlKeys, iv: Uint8Array) {
    this.#cipher = new Cbc(keys.aes);
    this.#hmac = new HmacSha1(keys.hmac);
    this.#chain = createChain(iv);
  }

  /** Decrypts `blocks` blocks at `at` in place: each block of the stream once, in order. */
  decrypt(view: DataView, at: number, blocks: number): void {
    this.#cipher.decrypt(view, at, blocks, this.#chain);
  }

  /** Octets `from` to `to`, decrypted, that the HMAC of the next message covers. */
  cover(octets: Uint8Array, from: number, to: number): void {
    this.#hmac.update(octets.subarray(from, to));
  }

  /** Whether a message, decrypted, at `from` to `to` ends with the HMAC over all since the one before. */
  isGenuine(octets: Uint8Array, from: number, to: number): boolean {
    this.cover(octets, from, to - MAC_SIZE);
    return this.#hmac.verify(octets, to - MAC_SIZE);
  }
}
