/**
 * Keys of STAMP, and what is done with them: the MAC of base packets, over both timestamps, so written after them (RFC 8762
 * section 4.4), and the MAC of TLVs, which has no stamp under it (RFC 8972 section 4.8). Nothing is encrypted.
 *
 * @module
 */
import { HmacSha256 } from "../hmac_sha256.ts";
import { STAMP_HMAC } from "../wire/stamp_sealed.ts";
import type { TlvMac } from "../tlv.ts";
import type { PacketSeal } from "./seal.ts";

/** Octets of a Sequence Number. */
const SEQ_SIZE = 4;

/** Seals and opens the packets of sessions that have one key. */
export class StampSeal implements PacketSeal, TlvMac {
  readonly mode = "authenticated";
  readonly coversStamps = true;
  readonly required: boolean;
  readonly #hmac: HmacSha256;

  /** `required`: packets whose TLVs have no HMAC fail, and such without TLVs have none; see `TlvMac`. */
  constructor(key: Uint8Array, required = true) {
    this.required = required;
    this.#hmac = new HmacSha256(key);
  }

  get tlvMac(): TlvMac {
    return this;
  }

  /** Writes the MAC of the packet at `at`, 112 octets. */
  seal(bytes: Uint8Array, at: number): void {
    this.#hmac.write(bytes, at, STAMP_HMAC, bytes, at + STAMP_HMAC);
  }

  /** Whether the MAC of the packet at `at`, 112 octets, is right. */
  isGenuine(bytes: Uint8Array, at: number): boolean {
    return this.#hmac.check(bytes, at, STAMP_HMAC, bytes, at + STAMP_HMAC);
  }

  sign(_view: DataView, bytes: Uint8Array, seqAt: number, from: number, to: number, macAt: number): void {
    this.#read(bytes, seqAt, from, to);
    this.#hmac.finish(bytes, macAt);
  }

  verify(_view: DataView, bytes: Uint8Array, seqAt: number, from: number, to: number, macAt: number): boolean {
    this.#read(bytes, seqAt, from, to);
    return this.#hmac.verify(bytes, macAt);
  }

  #read(bytes: Uint8Array, seqAt: number, from: number, to: number): void {
    this.#hmac.add(bytes, seqAt, SEQ_SIZE);
    this.#hmac.add(bytes, from, to - from);
  }

  sealSender(_view: DataView, bytes: Uint8Array, at: number): void {
    this.seal(bytes, at);
  }

  openReflector(_view: DataView, bytes: Uint8Array, at: number): boolean {
    return this.isGenuine(bytes, at);
  }
}

/** Keys by session: a STAMP session is told by its SSID (RFC 8972 section 3). */
export class StampKeys {
  readonly #bySsid = new Map<number, StampSeal>();
  readonly #others: StampSeal | undefined;

  /** `others` is the key of sessions that have none of their own. */
  constructor(bySsid: ReadonlyMap<number, Uint8Array>, others: Uint8Array | undefined) {
    for (const [ssid, key] of bySsid) this.#bySsid.set(ssid, new StampSeal(key));
    this.#others = others && new StampSeal(others);
  }

  /** The key of a session; undefined if it has none. */
  of(ssid: number): StampSeal | undefined {
    return this.#bySsid.get(ssid) ?? this.#others;
  }
}
