/**
 * The sessions that a stateful reflector remembers: a table of fixed size that holds as many as it has rows.
 *
 * A session is an address, a port and an SSID; the (seeded) hash of that names a chain of rows. All rows are in the order
 * in which they were last heard of as well, so when there is no room, the session goes that has been silent for the
 * longest time of all. Neither memory nor work grows with what the network sends.
 *
 * A row is 64 octets, which is what processors fetch at once; memory is touched as sessions come.
 *
 * @module
 */
import { PEER_PORT } from "../batch.ts";
import type { Mono, Nanos } from "../time/clock.ts";
import { PeerHash } from "./peer_hash.ts";

/** Words of a row, and what they are. Links are row numbers plus one, so that 0 is none. */
const ROW = 16;
const KEY = 0;
const NEXT_NUMBER = 5;
const RECEIVED = 6;
const LAST_SEQ = 7;
const LAST_T1 = 8;
/** The chain's next row. */
const CHAIN = 10;
/** The rows that were heard of just before and just after. */
const OLDER = 11;
const NEWER = 12;
/** Another number for each session that has been in the row, times two; one more once it has shown to be STAMP. */
const GENERATION = 13;
/** Two words: a time as a double. */
const HEARD = 14;

/** Octets of memory a session: its row, and heads of chains, of which there are one to two a row. */
export const SESSION_OCTETS = 4 * ROW + 8;
/** Sessions of a table at most; links have room for more, memory has not. */
export const MOST_SESSIONS = 2 ** 24;

const NEVER = -Infinity;
/** No network holds a probe back for longer. */
const OLDEST_REORDERED_S = 10;

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
  readonly #hash: PeerHash;
  /** The hash's upper bits name the chain. */
  readonly #shift: number;
  readonly #heads: Uint32Array;
  readonly #rows: Uint32Array;
  /** The same memory, for times. */
  readonly #times: Float64Array;
  /** Rows that were ever taken: the first ones. */
  #used = 0;
  /** Links to the ends of the order in which sessions were heard of. */
  #newest = 0;
  #oldest = 0;

  /**
   * `sessions`: how many it holds; `wait`: silence after which one is forgotten; `seed`: any number, so that nobody can aim
   * at a chain.
   */
  constructor(options: { readonly sessions: number; readonly wait: Nanos; readonly seed: number }) {
    const { sessions, wait, seed } = options;
    if (!(sessions >= 1 && sessions <= MOST_SESSIONS)) {
      throw new RangeError(`${sessions} sessions: 1 to ${MOST_SESSIONS}`);
    }
    const bits = Math.max(1, Math.ceil(Math.log2(sessions)));
    this.capacity = sessions;
    this.#wait = wait;
    this.#hash = new PeerHash(seed);
    this.#shift = 32 - bits;
    this.#heads = new Uint32Array(2 ** bits);
    this.#rows = new Uint32Array(sessions * ROW);
    this.#times = new Float64Array(this.#rows.buffer);
  }

  set now(now: Mono) {
    this.#now[0] = now;
  }

  /** Sessions heard of within the wait. */
  active(now: Mono): number {
    this.now = now;
    let count = 0;
    for (let link = this.#newest; link !== 0 && this.#speaks(link - 1); link = this.#rows[(link - 1) * ROW + OLDER]) {
      count++;
    }
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
    const rows = this.#rows;
    const cell = row * ROW;
    const known = this.#speaks(row);
    const ahead = ((seq - rows[cell + LAST_SEQ]) | 0) > 0;
    const lastHigh = rows[cell + LAST_T1];
    const newer = t1High > lastHigh || (t1High === lastHigh && t1Low > rows[cell + LAST_T1 + 1]);
    const anew = !ahead && (newer || this.#isAnotherTime(lastHigh, t1High, t1Low, seq));
    if (!known || anew) {
      rows[cell + NEXT_NUMBER] = rows[cell + RECEIVED] = 0;
      rows[cell + GENERATION] = (rows[cell + GENERATION] & ~1) + 2;
    }
    if (!known || ahead || anew) {
      rows[cell + LAST_SEQ] = seq;
      rows[cell + LAST_T1] = t1High;
      rows[cell + LAST_T1 + 1] = t1Low;
    }
    this.#times[(cell + HEARD) >> 1] = this.#now[0];
    rows[cell + RECEIVED]++;
    this.row = row;
    return rows[cell + NEXT_NUMBER]++;
  }

  /** One more reply to the probe that was numbered last, of the session in `row`: its number. */
  again(row: number): number {
    return this.#rows[row * ROW + NEXT_NUMBER]++;
  }

  /** The probe that was numbered last gets no reply: its number goes to the next. */
  takeBack(): void {
    this.#rows[this.row * ROW + NEXT_NUMBER]--;
  }

  /** Another number for each session that has been in `row`. */
  generation(row: number): number {
    return this.#rows[row * ROW + GENERATION] >>> 1;
  }

  /** The session in `row` has shown to be STAMP. */
  setStamp(row: number): void {
    this.#rows[row * ROW + GENERATION] |= 1;
  }

  /** Whether the session of the peer at word `at` is remembered as one that has; asking changes nothing. */
  isStamp(peers: Uint32Array, at: number, ssid: number): boolean {
    const rows = this.#rows;
    const last = ((ssid << 16) | (peers[at + PEER_PORT / 4] & 0xffff)) >>> 0;
    let link = this.#heads[this.#hash.of(peers, at, ssid) >>> this.#shift];
    for (; link !== 0; link = rows[(link - 1) * ROW + CHAIN]) {
      const key = (link - 1) * ROW + KEY;
      let i = 0;
      while (i < 4 && rows[key + i] === peers[at + i]) i++;
      if (i === 4 && rows[key + 4] === last) break;
    }
    return link !== 0 && this.#speaks(link - 1) && (rows[(link - 1) * ROW + GENERATION] & 1) !== 0;
  }

  /** Probes of the session in `row` that came, and replies that were numbered; 32 bits, as on the wire. */
  received(row: number): number {
    return this.#rows[row * ROW + RECEIVED];
  }
  sent(row: number): number {
    return this.#rows[row * ROW + NEXT_NUMBER];
  }

  /** A clock that was set back, or another timestamp format; or a sender without a clock that begins at 0 again. */
  #isAnotherTime(lastHigh: number, t1High: number, t1Low: number, seq: number): boolean {
    if (t1High === 0 && t1Low === 0) return seq === 0 || lastHigh !== 0;
    return lastHigh - t1High > OLDEST_REORDERED_S;
  }

  /** The row of a session, its own or one cleared for it: from now on the one that was heard of last. */
  #find(peers: Uint32Array, at: number, ssid: number): number {
    const rows = this.#rows;
    const k0 = peers[at];
    const k1 = peers[at + 1];
    const k2 = peers[at + 2];
    const k3 = peers[at + 3];
    const k4 = ((ssid << 16) | (peers[at + PEER_PORT / 4] & 0xffff)) >>> 0;
    const chain = this.#hash.of(peers, at, ssid) >>> this.#shift;
    for (let link = this.#heads[chain]; link !== 0;) {
      const cell = (link - 1) * ROW;
      if (
        rows[cell + KEY + 3] === k3 && rows[cell + KEY + 4] === k4 && rows[cell + KEY + 2] === k2 &&
        rows[cell + KEY + 1] === k1 && rows[cell + KEY] === k0
      ) {
        if (link !== this.#newest) {
          this.#unlink(cell);
          this.#append(link, cell);
        }
        return link - 1;
      }
      link = rows[cell + CHAIN];
    }
    const row = this.#take();
    const cell = row * ROW;
    rows[cell + KEY] = k0;
    rows[cell + KEY + 1] = k1;
    rows[cell + KEY + 2] = k2;
    rows[cell + KEY + 3] = k3;
    rows[cell + KEY + 4] = k4;
    rows[cell + CHAIN] = this.#heads[chain];
    this.#heads[chain] = row + 1;
    this.#times[(cell + HEARD) >> 1] = NEVER;
    this.#append(row + 1, cell);
    return row;
  }

  /** A row for a new session, in no chain and in no order: the longest silent one's, unless there is a fresh one. */
  #take(): number {
    const oldest = this.#oldest - 1;
    const speaks = oldest >= 0 && this.#speaks(oldest);
    if (this.#used < this.capacity && (oldest < 0 || speaks)) return this.#used++;
    if (speaks) this.evicted++;
    const cell = oldest * ROW;
    this.#unlink(cell);
    this.#unchain(oldest + 1, cell);
    return oldest;
  }

  #unchain(link: number, cell: number): void {
    const rows = this.#rows;
    // The key's last word has the port where that of a peer has it.
    const head = this.#hash.of(rows, cell + KEY, rows[cell + KEY + 4] >>> 16) >>> this.#shift;
    let before = this.#heads[head];
    if (before === link) {
      this.#heads[head] = rows[cell + CHAIN];
      return;
    }
    while (rows[(before - 1) * ROW + CHAIN] !== link) before = rows[(before - 1) * ROW + CHAIN];
    rows[(before - 1) * ROW + CHAIN] = rows[cell + CHAIN];
  }

  #unlink(cell: number): void {
    const rows = this.#rows;
    const older = rows[cell + OLDER];
    const newer = rows[cell + NEWER];
    if (older === 0) this.#oldest = newer;
    else rows[(older - 1) * ROW + NEWER] = newer;
    if (newer === 0) this.#newest = older;
    else rows[(newer - 1) * ROW + OLDER] = older;
  }

  #append(link: number, cell: number): void {
    const rows = this.#rows;
    rows[cell + OLDER] = this.#newest;
    rows[cell + NEWER] = 0;
    if (this.#newest === 0) this.#oldest = link;
    else rows[(this.#newest - 1) * ROW + NEWER] = link;
    this.#newest = link;
  }

  /** Heard of within the wait, which may be `Infinity`. */
  #speaks(row: number): boolean {
    const heard = this.#times[(row * ROW + HEARD) >> 1];
    return heard !== NEVER && this.#now[0] - heard <= this.#wait;
  }
}
