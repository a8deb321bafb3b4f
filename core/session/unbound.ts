/**
 * Sessions that have not heard of their sender yet, by what is expected of it.
 *
 * @module
 */
import { PEER_PORT, PEER_SIZE } from "../batch.ts";
import { PeerIndex } from "./peer_index.ts";
import type { TestSession } from "./test_session.ts";

/** Sessions whose key is tried on one packet: what a stranger can make us compute is bounded. */
const MOST_TRIES = 8;

/** Rows of unbound sessions. */
export class Unbound {
  readonly #peers: PeerIndex;
  readonly #addresses: PeerIndex;
  /** The control connection's address of each row, where it is another than the expected one. */
  readonly #others: (Uint32Array | undefined)[] = [];
  /** Rows that are found by their address. */
  readonly #near: boolean[] = [];
  /** Rows of sealed sessions, in any order, and where each row is there. */
  readonly #sealed: number[] = [];
  readonly #places: number[] = [];
  /** Where trying goes on: with the next packet it is others' turn. */
  #turn = 0;
  #size = 0;
  /** All rows, folded: the row, where there is one. */
  #fold = 0;

  constructor(capacity: number, seed: number) {
    this.#peers = new PeerIndex(capacity, seed);
    this.#addresses = new PeerIndex(2 * capacity, seed);
  }

  add(session: TestSession, row: number): void {
    const { peerWords, spec } = session;
    this.#peers.add(peerWords, 0, true, row);
    this.#addresses.add(peerWords, 0, false, row);
    const other = otherAddress(session);
    this.#others[row] = other;
    if (other !== undefined) this.#addresses.add(other, 0, false, row);
    this.#near[row] = true;
    if (spec.seal !== undefined) this.#places[row] = this.#sealed.push(row) - 1;
    this.#size++;
    this.#fold ^= row;
  }

  remove(session: TestSession, row: number): void {
    const { peerWords, spec } = session;
    this.#peers.remove(peerWords, 0, true, row);
    this.yieldAddress(session, row);
    if (spec.seal !== undefined) {
      const last = this.#sealed.pop()!;
      if (last !== row) this.#sealed[this.#places[last] = this.#places[row]] = last;
    }
    this.#size--;
    this.#fold ^= row;
  }

  /** From now on the session is not found by its address alone: another may be. */
  yieldAddress({ peerWords }: TestSession, row: number): void {
    if (!this.#near[row]) return;
    this.#near[row] = false;
    this.#addresses.remove(peerWords, 0, false, row);
    const other = this.#others[row];
    if (other !== undefined) this.#addresses.remove(other, 0, false, row);
    this.#others[row] = undefined;
  }

  /** The row that expects the peer at word `at`; below 0 for none, or several. */
  expecting(words: Uint32Array, at: number): number {
    return this.#size === 0 ? -1 : this.#peers.find(words, at, true);
  }

  /** The row that expects its address, at any port; below 0 for none, or several. */
  expectingAddress(words: Uint32Array, at: number): number {
    return this.#size === 0 ? -1 : this.#addresses.find(words, at, false);
  }

  /** The row, if there is but one. */
  only(): number {
    return this.#size === 1 ? this.#fold : -1;
  }

  /** How many sealed sessions a packet may be tried on. */
  tries(): number {
    return this.#sealed.length < MOST_TRIES ? this.#sealed.length : MOST_TRIES;
  }

  /** The sealed row whose turn it is. */
  nextSealed(): number {
    if (this.#turn >= this.#sealed.length) this.#turn = 0;
    return this.#sealed[this.#turn++];
  }
}

/** `alsoFrom` as words of a peer, where it says something new. */
function otherAddress({ spec: { peer, alsoFrom } }: TestSession): Uint32Array | undefined {
  if (alsoFrom === undefined || alsoFrom.every((octet, i) => octet === peer[i])) return undefined;
  const octets = new Uint8Array(PEER_SIZE);
  octets.set(alsoFrom.subarray(0, PEER_PORT));
  return new Uint32Array(octets.buffer);
}
