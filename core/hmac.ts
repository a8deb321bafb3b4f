/**
 * HMAC (RFC 2104) truncated to 128 bits: @noble/hashes behind one small class.
 *
 * The key's two first blocks are hashed once; each MAC copies those states into one that is used again, so that a packet
 * costs no key set-up and next to no garbage. Copying a state is an inner function of the package.
 *
 * @module
 */

/** Octets of a MAC on the wire. */
export const MAC_SIZE = 16;

/** Octets of a block of SHA-1 and SHA-256. */
const BLOCK = 64;
const PIECE = 32;
const INNER = 0x36;
const OUTER = 0x5c;

/** A hash of the package under way. */
export interface HashState<Self> {
  update(octets: Uint8Array): Self;
  digestInto(out: Uint8Array): void;
  _cloneInto(to?: Self): Self;
}

/** A hash of the package, with blocks of 64 octets. */
export interface Hash<State> {
  (message: Uint8Array): Uint8Array;
  readonly outputLen: number;
  create(): State;
}

/** MACs under one key. */
export class Hmac<State extends HashState<State>> {
  readonly #inner: State;
  readonly #outer: State;
  readonly #state: State;
  readonly #digest: Uint8Array;
  /** Memory for pieces of messages, by their size: nothing is made a packet. */
  readonly #pieces: Uint8Array[] = [];

  constructor(hash: Hash<State>, key: Uint8Array) {
    this.#inner = keyed(hash, key, INNER);
    this.#outer = keyed(hash, key, OUTER);
    this.#state = this.#inner._cloneInto();
    this.#digest = new Uint8Array(hash.outputLen);
  }

  /** Adds octets to the message. */
  update(octets: Uint8Array): void {
    this.#state.update(octets);
  }

  /**
   * Adds `size` octets at `at`, in pieces that are copied: a view of them would be an object a message. Pieces that fill
   * no block, because the package makes views of those that do.
   */
  add(octets: Uint8Array, at: number, size: number): void {
    for (let left = size; left > 0; left -= PIECE) {
      this.#state.update(this.#copy(octets, at + size - left, Math.min(left, PIECE)));
    }
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
    this.add(octets, at, size);
    this.finish(out, outAt);
  }

  /** Whether `mac` at `macAt` is the MAC of `size` octets at `at`; not while a message is under way. */
  check(octets: Uint8Array, at: number, size: number, mac: Uint8Array, macAt: number): boolean {
    this.add(octets, at, size);
    return this.verify(mac, macAt);
  }

  #copy(octets: Uint8Array, at: number, size: number): Uint8Array {
    const piece = this.#pieces[size] ??= new Uint8Array(size);
    for (let i = 0; i < size; i++) piece[i] = octets[at + i];
    return piece;
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

function keyed<State extends HashState<State>>(hash: Hash<State>, key: Uint8Array, pad: number): State {
  const block = new Uint8Array(BLOCK).fill(pad);
  const short = key.length > BLOCK ? hash(key) : key;
  for (let i = 0; i < short.length; i++) block[i] ^= short[i];
  return hash.create().update(block);
}
