/**
 * Replies a second to one source, which is an address or all that share a prefix. Fixed memory, whatever comes.
 *
 * A source has a row in one of the buckets of eight that the (seeded) hash names. One that has saved up all it may is as
 * good as one that was never heard of, so its row is free for another. Where none is, the newcomer takes the row that
 * has spent least, with what it has spent: nobody gets more by being many.
 *
 * @module
 */
import type { Mono } from "../time/clock.ts";
import { PeerHash } from "./peer_hash.ts";

/** How much, and to whom together. */
export interface RateLimit {
  /** Replies a second. */
  readonly pps: number;
  /** Bits of an address that tell sources apart: 32 and 128 are single addresses. */
  readonly ipv4: number;
  readonly ipv6: number;
}

const WAYS = 8;
/** Octets of a row: an address, what it has spent and still lacks, and when that was reckoned. */
const ROW = 32;
const WORDS = ROW / 4;
const DOUBLES = ROW / 8;
const SPENT = 2;
const AT = 3;
const ADDRESS_WORDS = 4;
/** Fewer would be no saving. */
const LEAST_SOURCES = 2048;
/** Burst that a source may save up, in seconds of its rate; at least two replies, or jitter would cost a steady one. */
const BURST_S = 0.1;

function bucketBits(sources: number): number {
  return Math.ceil(Math.log2(2 * Math.max(sources, LEAST_SOURCES) / WAYS));
}

/**
 * Memory that threads with one clock share, so that a rate holds for all of them together. There is no lock: where two
 * look at one row in the same moment a reply more may leave, which is cheaper than to have all wait for each other.
 */
export function createSharedSources(sources: number): Float64Array {
  return new Float64Array(new SharedArrayBuffer(2 ** bucketBits(sources) * WAYS * ROW));
}

/** What sources have spent. */
export class Sources {
  readonly #perNano: number;
  readonly #burst: number;
  readonly #hash: PeerHash;
  readonly #shift: number;
  readonly #keys: Uint32Array;
  /** The same memory. */
  readonly #spent: Float64Array;
  readonly #mask4: Uint32Array;
  readonly #mask6: Uint32Array;
  /** The first words of an IPv4 address in 16 octets. */
  readonly #mapped = new Uint32Array(Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255]).buffer);
  /** A peer with what its prefix leaves of it, and port 0. */
  readonly #source = new Uint32Array(ADDRESS_WORDS + 1);

  /** `sources`: so many at once do not disturb each other; `memory` from {@linkcode createSharedSources} of as many. */
  constructor(limit: RateLimit, sources: number, seed: number, memory?: Float64Array) {
    const bits = bucketBits(sources);
    this.#perNano = limit.pps / 1e9;
    this.#burst = Math.max(2, limit.pps * BURST_S);
    this.#hash = new PeerHash(seed);
    this.#shift = 32 - bits;
    this.#spent = memory ?? new Float64Array(2 ** bits * WAYS * DOUBLES);
    this.#keys = new Uint32Array(this.#spent.buffer);
    this.#mask4 = maskOf(96 + limit.ipv4);
    this.#mask6 = maskOf(limit.ipv6);
  }

  /** Whether the peer at word `at` gets a reply now; takes it from what its source may have. */
  spend(words: Uint32Array, at: number, now: Mono): boolean {
    const spent = this.#spent;
    const row = this.#row(words, at, now) * DOUBLES;
    const left = Math.max(0, spent[row + SPENT] - (now - spent[row + AT]) * this.#perNano);
    const isEnough = left + 1 <= this.#burst;
    spent[row + SPENT] = isEnough ? left + 1 : left;
    spent[row + AT] = now;
    return isEnough;
  }

  /** The row of a peer's source; from now on its own. */
  #row(words: Uint32Array, at: number, now: Mono): number {
    const source = this.#source;
    const keys = this.#keys;
    const spent = this.#spent;
    const mapped = this.#mapped;
    const isIpv4 = words[at] === mapped[0] && words[at + 1] === mapped[1] && words[at + 2] === mapped[2];
    const mask = isIpv4 ? this.#mask4 : this.#mask6;
    for (let i = 0; i < ADDRESS_WORDS; i++) source[i] = words[at + i] & mask[i];
    const first = (this.#hash.of(source, 0, 0) >>> this.#shift) * WAYS;
    let least = first;
    let leastSpent = Infinity;
    for (let row = first; row < first + WAYS; row++) {
      const key = row * WORDS;
      if (
        keys[key + 3] === source[3] && keys[key + 2] === source[2] && keys[key + 1] === source[1] &&
        keys[key] === source[0]
      ) return row;
      const left = spent[row * DOUBLES + SPENT] - (now - spent[row * DOUBLES + AT]) * this.#perNano;
      if (left < leastSpent) {
        leastSpent = left;
        least = row;
      }
    }
    for (let i = 0; i < ADDRESS_WORDS; i++) keys[least * WORDS + i] = source[i];
    return least;
  }
}

/** The first `bits` of 16 octets, as words of memory. */
function maskOf(bits: number): Uint32Array {
  const octets = Uint8Array.from({ length: 16 }, (_, i) => 0xff00 >> Math.min(8, Math.max(0, bits - 8 * i)));
  return new Uint32Array(octets.buffer);
}
