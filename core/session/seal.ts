/**
 * Sealed test packets (RFC 5357 section 4.2.1, RFC 4656 section 4.1.2): MAC first, then the cipher, in place.
 *
 * Authenticated mode covers the first block alone, so that stamps are written into clear text after sealing. Encrypted
 * mode covers all before the MAC. Neither covers MAC or padding, nor tells a packet from its copy.
 *
 * @module
 */
import { BLOCK, Cbc, createChain } from "../cbc.ts";
import { HmacSha1 } from "../hmac_sha1.ts";
import type { TlvMac } from "../tlv.ts";
import type { TestMode } from "../wire/format.ts";
import { AUTHENTICATED_COVER, REFLECTOR_HMAC, SENDER_HMAC } from "../wire/sealed_packet.ts";

/** How test packets are sealed. */
export type SealMode = Exclude<TestMode, "open">;

/** What the packets of a session are sealed with, whichever the protocol; a sender's side of it. */
export interface PacketSeal {
  readonly mode: SealMode;
  /** Timestamps are covered, so packets are sealed after they are stamped. */
  readonly coversStamps: boolean;
  /** What its TLVs are sealed with, in STAMP. */
  readonly tlvMac?: TlvMac;
  /** Seals the Session-Sender packet at `at`. */
  sealSender(view: DataView, bytes: Uint8Array, at: number): void;
  /** Opens the Session-Reflector packet at `at`; false if its MAC is wrong, and then it stays as it came. */
  openReflector(view: DataView, bytes: Uint8Array, at: number): boolean;
}

/** The keys of one test session. */
export interface TestKeys {
  /** 16 octets. */
  readonly aes: Uint8Array;
  /** 32 octets. */
  readonly hmac: Uint8Array;
}

const HMAC_KEY_SIZE = 32;

/**
 * The keys of the test session `sid` (16 octets), from those of its control connection: one block of AES-ECB, and two
 * of AES-CBC from zeros, each under the SID as the key (RFC 5357 section 4.2.1).
 *
 * @throws RangeError for a key or SID of another size
 */
export function deriveTestKeys(controlAesKey: Uint8Array, controlHmacKey: Uint8Array, sid: Uint8Array): TestKeys {
  if (controlAesKey.length !== BLOCK) {
    throw new RangeError(`an AES Session-key has 16 octets, not ${controlAesKey.length}`);
  }
  if (controlHmacKey.length !== HMAC_KEY_SIZE) {
    throw new RangeError(`an HMAC Session-key has 32 octets, not ${controlHmacKey.length}`);
  }
  const cipher = new Cbc(sid);
  const encrypt = (key: Uint8Array) => {
    const octets = key.slice();
    cipher.encrypt(new DataView(octets.buffer), 0, octets.length / BLOCK, createChain());
    return octets;
  };
  return { aes: encrypt(controlAesKey), hmac: encrypt(controlHmacKey) };
}

/** Seals and opens the packets of one test session. */
export class Seal implements PacketSeal {
  readonly mode: SealMode;
  readonly coversStamps: boolean;
  readonly #cipher: Cbc;
  readonly #hmac: HmacSha1;
  readonly #chain = createChain();

  constructor(mode: SealMode, keys: TestKeys) {
    this.mode = mode;
    this.coversStamps = mode === "encrypted";
    this.#cipher = new Cbc(keys.aes);
    this.#hmac = new HmacSha1(keys.hmac);
  }

  /** Seals the Session-Sender packet at `at`, 48 octets of plain text. */
  sealSender(view: DataView, bytes: Uint8Array, at: number): void {
    this.#seal(view, bytes, at, SENDER_HMAC);
  }

  /** Opens the Session-Sender packet at `at`, 48 octets; false if its MAC is wrong, and then it stays as it came. */
  openSender(view: DataView, bytes: Uint8Array, at: number): boolean {
    return this.#open(view, bytes, at, SENDER_HMAC);
  }

  /** Seals the Session-Reflector packet at `at`, 112 octets of plain text. */
  sealReflector(view: DataView, bytes: Uint8Array, at: number): void {
    this.#seal(view, bytes, at, REFLECTOR_HMAC);
  }

  /** Opens the Session-Reflector packet at `at`, 112 octets; false if its MAC is wrong, and then it stays as it came. */
  openReflector(view: DataView, bytes: Uint8Array, at: number): boolean {
    return this.#open(view, bytes, at, REFLECTOR_HMAC);
  }

  /** Decrypts the Session-Reflector packet at `at` without a look at its MAC: for one that was sealed here. */
  unsealReflector(view: DataView, at: number): void {
    this.#cipher.decrypt(view, at, this.#cover(REFLECTOR_HMAC) / BLOCK, this.#zeros());
  }

  #seal(view: DataView, bytes: Uint8Array, at: number, mac: number): void {
    const cover = this.#cover(mac);
    this.#hmac.write(bytes, at, cover, bytes, at + mac);
    this.#cipher.encrypt(view, at, cover / BLOCK, this.#zeros());
  }

  #open(view: DataView, bytes: Uint8Array, at: number, mac: number): boolean {
    const cover = this.#cover(mac);
    this.#cipher.decrypt(view, at, cover / BLOCK, this.#zeros());
    if (this.#hmac.check(bytes, at, cover, bytes, at + mac)) return true;
    this.#cipher.encrypt(view, at, cover / BLOCK, this.#zeros()); // another key may be tried on it
    return false;
  }

  /** Octets covered, where all before `mac` can be. */
  #cover(mac: number): number {
    return this.mode === "encrypted" ? mac : AUTHENTICATED_COVER;
  }

  /** Each packet is a stream of its own, and begins at zeros; so one block of it is Electronic Codebook mode. */
  #zeros(): Uint32Array {
    const chain = this.#chain;
    chain[0] =
      chain[1] =
      chain[2] =
      chain[3] =
        0;
    return chain;
  }
}
