/**
 * The sessions that a stateful reflector remembers, in columns of fixed size.
 *
 * A session is an address, a port and an SSID. Its row is in a bucket of eight that the (seeded) hash names; a new one
 * takes a free row, else that of the longest silent in the bucket. So neither memory nor work grows with what the
 * network sends.
 *
 * @module
 */
import { PEER_PORT } from "../batch.ts";
import type { Mono, Nanos } from "../time/clock.ts";

const WAYS = 8;
const KEY_WORDS = 5;
const NEVER = -Infinity;
/** No network holds a probe back for longer. */
const OLDEST_REORDERED_S = 10;

/** One step of a hash over words. */
export function mix(hash: number, word: number): number {
  const product = Math.imul(hash ^ word, 0x9e3779b1);
  return product ^ (product >>> 15);
}

/** Sequence numbers by session. */
export class SessionTable {
  readonly capacity: number;
  /** Sessions that had to go while they still spoke. */
  evicted = 0;
  /** The row of the probe that was numbered last. */
  row = 0;
  /** When probes are numbered; in an array, because engines box a double that is passed to a call or kept in a field. */
  readonly #now = new Float64Array(1);
  readonly #wait: Nanos;
  readonly #seed: number;
  readonly #mask: number;
  readonly #keys: Uint32Array;
  readonly #lastHeard: Float64Array;
  readonly #next: Uint32Array;
  readonly #received: Uint32Array;
  readonly #generation: Uint32Array;
  readonly #lastSeq: Uint32Array;
  readonly #lastT1: Uint32Array;

  /** `wait`: silence after which a session is forgotten; `seed`: any number, so that nobody can aim at a bucket. */
  constructor(options: { readonly sessions: number; readonly wait: Nanos; readonly seed: number }) {
    const buckets = 2 ** Math.ceil(Math.log2(Math.max(1, options.sessions / WAYS)));
    this.capacity = buckets * WAYS;
    this.#wait = options.wait;
    this.#seed = options.seed >>> 0;
    this.#mask = buckets - 1;
    this.#keys = new Uint32Array(this.capacity * KEY_WORDS);
    this.#lastHeard = new Float64Array(this.capacity).fill(NEVER);
    this.#next = new Uint32Array(this.capacity);
    this.#received = new Uint32Array(this.capacity);
    this.#generation = new Uint32Array(this.capacity);
    this.#lastSeq = new Uint32Array(this.capacity);
    this.#lastT1 = new Uint32Array(this.capacity * 2);
  }

  set now(now: Mono) {
    this.#now[0] = now;
  }

  /** Sessions heard of within the wait. */
  active(now: Mono): number {
    this.now = now;
    let count = 0;
    for (let row = 0; row < this.capacity; row++) if (this.#speaks(row)) count++;
    return count;
  }

  /**
   * The reflector's sequence number for a probe (RFC 5357 section 4.2.1, RFC 8762 section 4.3.1): 0 for the first of a
   * session, then one more each time.
   *
   * A sender that starts anew from the same port begins a new session: its numbers go back while its timestamps go
   * forward, or to another time altogether. A reordered or doubled probe has a timestamp a little older and does not.
   */
  number(peers: Uint32Array, at: number, ssid: number, seq: number, t1High: number, t1Low: number): number {
    const row = this.#find(peers, at, ssid);
    const last = 2 * row;
    const known = this.#speaks(row);
    const ahead = ((seq - this.#lastSeq[row]) | 0) > 0;
    const newer = t1High > this.#lastT1[last] || (t1High === this.#lastT1[last] && t1Low > this.#lastT1[last + 1]);
    const anew = !ahead && (newer || this.#isAnotherTime(last, t1High, t1Low, seq));
    if (!known || anew) {
      this.#next[row] = this.#received[row] = 0;
      this.#generation[row]++;
    }
    if (!known || ahead || anew) {
      this.#lastSeq[row] = seq;
      this.#lastT1[last] = t1High;
      this.#lastT1[last + 1] = t1Low;
    }
    this.#lastHeard[row] = this.#now[0];
    this.#received[row]++;
    this.row = row;
    return this.#next[row]++;
  }

  /** One more reply to the probe that was numbered last, of the session in `row`: its number. */
  again(row: number): number {
    return this.#next[row]++;
  }

  /** The probe that was numbered last gets no reply: its number goes to the next. */
  takeBack(): void {
    this.#next[this.row]--;
  }

  /** Another number for each session that has been in `row`. */
  generation(row: number): number {
    return this.#generation[row];
  }

  /** Probes of the session in `row` that came, and replies that were numbered; 32 bits, as on the wire. */
  received(row: number): number {
    return this.#received[row];
  }
  sent(row: number): number {
    return this.#next[row];
  }

  /** A clock that was set back, or another timestamp format; or a sender without a clock that begins at 0 again. */
  #isAnotherTime(last: number, t1High: number, t1Low: number, seq: number): boolean {
    if (t1High === 0 && t1Low === 0) return seq === 0 || this.#lastT1[last] !== 0;
    return this.#lastT1[last] - t1High > OLDEST_REORDERED_S;
  }

  /** The row of a session: its own, or one cleared for it. */
  #find(peers: Uint32Array, at: number, ssid: number): number {
    const k0 = peers[at];
    const k1 = peers[at + 1];
    const k2 = peers[at + 2];
    const k3 = peers[at + 3];
    const k4 = (peers[at + PEER_PORT / 4] << 16) | ssid;
    const keys = this.#keys;
    const first = (mix(mix(mix(mix(mix(this.#seed, k0), k1), k2), k3), k4) & this.#mask) * WAYS;
    let oldest = first;
    for (let row = first; row < first + WAYS; row++) {
      const key = row * KEY_WORDS;
      if (
        keys[key + 3] === k3 && keys[key + 4] === k4 >>> 0 && keys[key + 2] === k2 && keys[key + 1] === k1 &&
        keys[key] === k0 && this.#lastHeard[row] !== NEVER
      ) return row;
      if (this.#lastHeard[row] < this.#lastHeard[oldest]) oldest = row;
    }
    if (this.#speaks(oldest)) this.evicted++;
    this.#lastHeard[oldest] = NEVER;
    const key = oldest * KEY_WORDS;
    keys[key] = k0;
    keys[key + 1] = k1;
    keys[key + 2] = k2;
    keys[key + 3] = k3;
    keys[key + 4] = k4;
    return oldest;
  }

  /** Heard of within the wait, which may be `Infinity`. */
  #speaks(row: number): boolean {
    return this.#lastHeard[row] !== NEVER && this.#now[0] - this.#lastHeard[row] <= this.#wait;
  }
}
