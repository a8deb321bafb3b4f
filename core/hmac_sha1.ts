/**
 * HMAC-SHA1 truncated to 128 bits, as RFC 4656 section 3.2 has it: @noble/hashes behind one small class.
 *
 * The key's two first blocks are hashed once; each MAC copies those states into one that is used again, so that a packet
 * costs no key set-up and next to no garbage. Copying a state is an inner function of the package.
 *
 * @module
 */
import { sha1 } from "@noble/hashes/legacy.js";

/** Octets of a MAC on the wire. */
export const MAC_SIZE = 16;

const BLOCK = 64;
const DIGEST = 20;
const INNER = 0x36;
const OUTER = 0x5c;

type Sha1 = ReturnType<typeof sha1.create>;

function keyed(key: Uint8Array, pad: number): Sha1 {
  const block = new Uint8Array(BLOCK).fill(pad);
  const short = key.length > BLOCK ? sha1(key) : key;
  for (let i = 0; i < short.length; i++) block[i] ^= short[i];
  return sha1.create().update(block);
}

/** MACs under one key. */
export class HmacSha1 {
  readonly #inner: Sha1;
  readonly #outer: Sha1;
  readonly #state: Sha1;
  readonly #digest = new Uint8Array(DIGEST);
  /** Memory for messages, by their size: packets have one or two, so nothing is made a packet. */
  readonly #messages: Uint8Array[] = [];

  constructor(key: Uint8Array) {
    this.#inner = keyed(key, INNER);
    this.#outer = keyed(key, OUTER);
    this.#state = this.#inner._cloneInto();
  }

  /** Adds octets to the message. */
  update(octets: Uint8Array): void {
    this.#state.update(octets);
  }

  /** Writes the MAC of the message so far to `out` at `at`; the next message begins. */
  finish(out: Uint8Array, at: number): void {
    const digest = this.#finish();
    for (let i = 0; i < MAC_SIZE; i++) out[at + i] = digest[i];
  }

  /** Whether the MAC of the message so far is the one at `at`; the next message begins. Takes as long either way. */
  verify(mac: Uint8Array, at: number): boolean {
    const digest = this.#finish();
    let differs = 0;
    for (let i = 0; i < MAC_SIZE; i++) differs |= mac[at + i] ^ digest[i];
    return differs === 0;
  }

  /** Writes the MAC of `size` octets at `at` to `out` at `outAt`; not while a message is under way. */
  write(octets: Uint8Array, at: number, size: number, out: Uint8Array, outAt: number): void {
    this.#state.update(this.#copy(octets, at, size));
    this.finish(out, outAt);
  }

  /** Whether `mac` at `macAt` is the MAC of `size` octets at `at`; not while a message is under way. */
  check(octets: Uint8Array, at: number, size: number, mac: Uint8Array, macAt: number): boolean {
    this.#state.update(this.#copy(octets, at, size));
    return this.verify(mac, macAt);
  }

  #copy(octets: Uint8Array, at: number, size: number): Uint8Array {
    const message = this.#messages[size] ??= new Uint8Array(size);
    for (let i = 0; i < size; i++) message[i] = octets[at + i];
    return message;
  }

  #finish(): Uint8Array {
    const state = this.#state;
    const digest = this.#digest;
    state.digestInto(digest);
    this.#outer._cloneInto(state);
    state.update(digest);
    state.digestInto(digest);
    this.#inner._cloneInto(state);
    return digest;
  }
}
