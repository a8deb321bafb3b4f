/**
 * The Session-Reflector of TWAMP for sessions that somebody set up (RFC 5357 section 4.2): who a packet is from, whether
 * it is answered, and its reply in place. Nothing is allocated a packet, but what a cipher's package does.
 *
 * A packet's session is found by its address and port. A sender behind a translator of addresses has others than it said:
 * unless `strictPeer`, the first packet that can only be one session's binds that session to where it came from: by chance
 * or on purpose that may be somebody else's. The very peer that was agreed on takes its session back.
 *
 * @module
 */
import { type Batch, PEER_WORDS, SlotFlag } from "../batch.ts";
import type { Clock, Mono } from "../time/clock.ts";
import { SEALED_REFLECTOR_SIZE } from "../wire/sealed_packet.ts";
import { TWAMP_SENDER_SIZE } from "../wire/test_packet.ts";
import { NONE, PeerIndex } from "./peer_index.ts";
import { isReply } from "./open_reply.ts";
import { moveOn, SealTime } from "./seal_time.ts";
import { writeReply, writeT3 } from "./test_reply.ts";
import { type Refusal, TestSession, type TestSessionCounters, type TestSessionSpec } from "./test_session.ts";
import { Unbound } from "./unbound.ts";

/** How the table behaves. */
export interface TestSessionsOptions {
  /** Sessions at once, at most 16,384; memory is fixed by it. */
  readonly capacity: number;
  /** Any number; see `PeerIndex`. */
  readonly hashSeed: number;
  /** Only packets from the very address and port that were agreed on. */
  readonly strictPeer: boolean;
}

/** What became of the datagrams: received = reflected + the others. */
export interface TestSessionsCounters extends TestSessionCounters {
  truncated: number;
  /** Nobody set up a session for it. */
  noSession: number;
}

/** Bits of a token, which rides with a reply to its stamp: the row, the session in it, and whether it is sealed by now. */
const ROW_BITS = 14;
const ROW_MASK = 2 ** ROW_BITS - 1;
const TOKEN_MASK = 0x7fffffff;
const IS_SEALED = 0x80000000;
/** Without a reply for so long, code and tables of the cipher have left the processor's caches. */
const COLD_NS = 200_000;
/** What of the least time is sure: a runtime that has just compiled the cipher anew is faster, by less than that. */
const LEAD = 3 / 4;

/** The sessions of one socket. */
export class TestSessions {
  readonly counters: TestSessionsCounters = {
    received: 0,
    reflected: 0,
    tooShort: 0,
    truncated: 0,
    forged: 0,
    looped: 0,
    notStarted: 0,
    afterStop: 0,
    noSession: 0,
  };
  readonly #options: TestSessionsOptions;
  readonly #rows: (TestSession | undefined)[] = [];
  readonly #free: number[] = [];
  readonly #bound: PeerIndex;
  readonly #unbound: Unbound;
  /** Sessions that are not stopped, bound or not, by the peer that was agreed on. */
  readonly #agreed: PeerIndex;
  readonly #now = new Uint32Array(2);
  #serial = 0;
  #size = 0;
  /** Encrypted sessions there are, and whether the last batch has replies of such. */
  #encrypted = 0;
  #seals = false;
  /** When replies were sealed last, and whether that is so long ago that it is rehearsed. */
  #sealedAt: Mono = -Infinity;
  #isCold = false;
  readonly #sealTime = new SealTime();
  readonly #after = new Uint32Array(2);
  readonly #scratch = new Uint8Array(SEALED_REFLECTOR_SIZE);
  readonly #scratchView = new DataView(this.#scratch.buffer);

  constructor(options: TestSessionsOptions) {
    const { capacity, hashSeed } = options;
    if (!(capacity >= 1 && capacity <= ROW_MASK + 1)) {
      throw new RangeError(`capacity ${capacity}: 1 to ${ROW_MASK + 1}`);
    }
    this.#options = options;
    this.#bound = new PeerIndex(capacity, hashSeed);
    this.#unbound = new Unbound(capacity, hashSeed);
    this.#agreed = new PeerIndex(capacity, hashSeed);
    for (let row = capacity - 1; row >= 0; row--) this.#free.push(row);
  }

  /** Sessions there are. */
  get size(): number {
    return this.#size;
  }

  /** Replies that one call of {@linkcode stampTransmit} takes at most: sealing one would make the T3 of others old. */
  get together(): number | undefined {
    return this.#seals ? 1 : undefined;
  }

  /** Adds a session; undefined when there is no room for one more. */
  add(spec: TestSessionSpec): TestSession | undefined {
    const row = this.#free.pop();
    if (row === undefined) return undefined;
    const session = new TestSession(spec, (this.#serial++ << ROW_BITS | row) & TOKEN_MASK);
    this.#rows[row] = session;
    this.#size++;
    if (session.encrypts) this.#encrypted++;
    this.#unbound.add(session, row);
    this.#agreed.add(session.agreed, 0, true, row);
    return session;
  }

  /**
   * Stop-Sessions: what arrives until then is still reflected (RFC 5357 section 3.8). One that has heard nothing so far
   * gives way to others that expect somebody from its address.
   */
  stop(session: TestSession, until: Mono): void {
    const row = session.token & ROW_MASK;
    session.stop(until);
    if (this.#rows[row] !== session) return;
    if (!session.bound) this.#unbound.yieldAddress(session, row);
    this.#yieldPeer(session, row);
  }

  /** From now on the peer that was agreed on is that of another session, where there is one. */
  #yieldPeer(session: TestSession, row: number): void {
    if (!session.claims) return;
    session.claims = false;
    this.#agreed.remove(session.agreed, 0, true, row);
  }

  /** Removes a session; its packets are nobody's from now on. Once more does nothing. */
  remove(session: TestSession): void {
    const row = session.token & ROW_MASK;
    if (this.#rows[row] !== session) return;
    if (!session.bound) this.#unbound.remove(session, row);
    else if (!session.displaced) this.#bound.remove(session.peerWords, 0, true, row);
    this.#yieldPeer(session, row);
    this.#rows[row] = undefined;
    this.#free.push(row);
    this.#size--;
    if (session.encrypts) this.#encrypted--;
  }

  /** Turns every probe of a session in `batch` into its reply, all but T3, and sets the length of all else to 0. */
  reflect(now: Mono, batch: Batch): number {
    if (batch.stride < SEALED_REFLECTOR_SIZE) throw new RangeError(`slots of ${batch.stride} octets hold no reply`);
    let replies = 0;
    this.#seals = false;
    for (let slot = 0; slot < batch.count; slot++) {
      this.counters.received++;
      if (this.#reflectOne(now, batch, slot)) replies++;
      else batch.length[slot] = 0;
    }
    this.counters.reflected += replies;
    if (this.#seals) {
      this.#isCold = now - this.#sealedAt > COLD_NS;
      this.#sealedAt = now;
    }
    return replies;
  }

  #reflectOne(now: Mono, batch: Batch, slot: number): boolean {
    if (batch.flags[slot] & SlotFlag.TRUNCATED) {
      this.counters.truncated++;
      return false;
    }
    if (batch.length[slot] < TWAMP_SENDER_SIZE) {
      this.counters.tooShort++;
      return false;
    }
    const session = this.#sessionOf(now, batch, slot);
    if (session === undefined) return false;
    writeReply(session, batch, slot);
    batch.token[slot] = session.token;
    if (session.spec.tos !== undefined) batch.txTos[slot] = session.spec.tos;
    if (session.encrypts) this.#seals = true;
    session.lastHeard = now;
    session.counters.received++;
    session.counters.reflected++;
    return true;
  }

  /** The session whose probe is in `slot`, opened; undefined if it is not answered, which is counted. */
  #sessionOf(now: Mono, batch: Batch, slot: number): TestSession | undefined {
    const words = batch.peerWords;
    const at = slot * PEER_WORDS;
    const owner = this.#bound.find(words, at, true);
    const bound = owner < 0 ? undefined : this.#rows[owner]!;
    const awaited = bound?.state === "started" ? NONE : this.#awaited(words, at, owner);
    if (awaited >= 0) {
      // A new session of a sender whose last one is being stopped takes over.
      const session = this.#rows[awaited]!;
      const refusal = refusalOf(session, now, batch, slot);
      if (refusal === undefined) return this.#bind(session, words, at, bound);
      if (bound === undefined) return this.#refuse(session, refusal);
    }
    if (bound !== undefined) {
      const refusal = refusalOf(bound, now, batch, slot);
      return refusal === undefined ? bound : this.#refuse(bound, refusal);
    }
    return this.#translated(now, batch, slot);
  }

  /**
   * The row, but for `owner`, that the peer at word `at` was agreed on for: of those that are not stopped, bound or not,
   * or else of those that still wait for it. So who was quicker does not keep the true sender out.
   */
  #awaited(words: Uint32Array, at: number, owner: number): number {
    const agreed = this.#agreed.find(words, at, true);
    return agreed >= 0 && agreed !== owner ? agreed : this.#unbound.expecting(words, at);
  }

  /** The session of a packet from a peer that nobody named, or that several sessions did. */
  #translated(now: Mono, batch: Batch, slot: number): TestSession | undefined {
    const words = batch.peerWords;
    const at = slot * PEER_WORDS;
    const { strictPeer } = this.#options;
    if (this.#size === 1 && !strictPeer) {
      const only = this.#unbound.only();
      if (only >= 0) return this.#offer(this.#rows[only]!, now, batch, slot);
    }
    for (let left = this.#unbound.tries(); left > 0; left--) {
      const session = this.#rows[this.#unbound.nextSealed()]!;
      if (strictPeer && !isPeerOf(session, words, at)) continue;
      if (refusalOf(session, now, batch, slot) === undefined) return this.#bind(session, words, at, undefined);
    }
    const near = strictPeer ? -1 : this.#unbound.expectingAddress(words, at);
    if (near >= 0) return this.#offer(this.#rows[near]!, now, batch, slot);
    this.counters.noSession++;
    return undefined;
  }

  #offer(session: TestSession, now: Mono, batch: Batch, slot: number): TestSession | undefined {
    const refusal = refusalOf(session, now, batch, slot);
    if (refusal !== undefined) return this.#refuse(session, refusal);
    return this.#bind(session, batch.peerWords, slot * PEER_WORDS, undefined);
  }

  /** From now on `session` is the peer's at word `at`, and nobody else is. */
  #bind(session: TestSession, words: Uint32Array, at: number, before: TestSession | undefined): TestSession {
    const row = session.token & ROW_MASK;
    if (before !== undefined) {
      this.#bound.remove(words, at, true, before.token & ROW_MASK);
      before.displaced = true;
    }
    if (!session.bound) this.#unbound.remove(session, row);
    else if (!session.displaced) this.#bound.remove(session.peerWords, 0, true, row); // it is taken back
    session.displaced = false;
    for (let i = 0; i < PEER_WORDS; i++) session.peerWords[i] = words[at + i];
    this.#bound.add(words, at, true, row);
    session.bound = true;
    return session;
  }

  #refuse(session: TestSession, why: Refusal): undefined {
    session.counters.received++;
    session.counters[why]++;
    this.counters[why]++;
  }

  /**
   * Writes T3 and its Error Estimate into the replies in slots `from` to `to`, and seals what covers them: the last thing
   * before the system call. Called again for a slot, it begins anew.
   */
  stampTransmit(batch: Batch, clock: Clock, from = 0, to: number = batch.count): void {
    const now = this.#now;
    if (this.#encrypted > 0 && this.#stampEncrypted(batch, clock, from, to)) return;
    clock.wall(now, 0);
    for (let slot = from; slot < to; slot++) {
      const session = this.#replier(batch, slot);
      if (session === undefined) dropReply(batch, slot);
      else if (!session.encrypts) writeT3(session, batch, slot, clock, now);
    }
  }

  /** Each has a T3 of its own, and those of the others come after it; whether there are no others. */
  #stampEncrypted(batch: Batch, clock: Clock, from: number, to: number): boolean {
    let isAll = true;
    for (let slot = from; slot < to; slot++) {
      const session = this.#replier(batch, slot);
      if (session?.encrypts) this.#stampAndSeal(session, batch, slot, clock);
      else isAll = false;
    }
    return isAll;
  }

  #stampAndSeal(session: TestSession, batch: Batch, slot: number, clock: Clock): void {
    const seal = session.spec.seal!;
    const at = slot * batch.stride;
    const isCold = this.#isCold;
    this.#isCold = false;
    // What sealing takes is in the delay of the way back: the first time, it takes several times as long.
    if (isCold) seal.sealReflector(this.#scratchView, this.#scratch, 0);
    if (batch.token[slot] & IS_SEALED) seal.unsealReflector(batch.view, at);
    clock.wall(this.#now, 0);
    // After a pause it takes as long as after the last ones: T3 comes close to the departure, and is not later.
    const lead = isCold ? this.#sealTime.least * LEAD : 0;
    moveOn(this.#now, lead);
    writeT3(session, batch, slot, clock, this.#now);
    seal.sealReflector(batch.view, batch.bytes, at);
    if (isCold) {
      clock.wall(this.#after, 0);
      this.#sealTime.record(this.#now, this.#after, lead);
    }
    batch.token[slot] |= IS_SEALED;
  }

  /** The session whose reply is in `slot`. */
  #replier(batch: Batch, slot: number): TestSession | undefined {
    if (batch.length[slot] === 0) return undefined;
    const session = this.#rows[batch.token[slot] & ROW_MASK];
    return session?.token === (batch.token[slot] & TOKEN_MASK) ? session : undefined;
  }
}

/** Why the packet in `slot` is not `session`'s to answer; opens it where it is. */
function refusalOf(session: TestSession, now: Mono, batch: Batch, slot: number): Refusal | undefined {
  const refusal = session.refusal(now);
  if (refusal !== undefined) return refusal;
  const { view, bytes, length, stride } = batch;
  const { seal } = session.spec;
  const at = slot * stride;
  if (length[slot] < session.format.offsets.SENDER_SIZE) return "tooShort";
  if (seal === undefined) return isReply(view, at, length[slot]) ? "looped" : undefined;
  return seal.openSender(view, bytes, at) ? undefined : "forged";
}

/** Its session was removed since: what is sealed last may not leave as plain text, whoever has looked at its length. */
function dropReply({ bytes, length, stride }: Batch, slot: number): void {
  bytes.fill(0, slot * stride, slot * stride + length[slot]);
  length[slot] = 0;
}

/** Whether the peer at word `at` is the one that `session` expects. */
function isPeerOf({ agreed }: TestSession, words: Uint32Array, at: number): boolean {
  for (let i = 0; i < 4; i++) if (agreed[i] !== words[at + i]) return false;
  return (agreed[4] ^ words[at + 4]) << 16 === 0;
}
