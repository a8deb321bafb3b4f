/**
 * The Session-Reflector of TWAMP Light and STAMP (RFC 5357 section 4.2 and appendix I, RFC 8762 section 4.3) as a
 * machine: each probe of a batch is turned into its reply in place. Nothing is allocated a packet.
 *
 * A reply is as long as its probe, and never shorter than the base packet of the protocol, so that both directions have
 * one size and nobody is answered with more than that.
 *
 * @module
 */
import { type Batch, PEER_SIZE, PEER_WORDS, SlotFlag, type TxStamps } from "../batch.ts";
import type { Clock, Mono, Nanos } from "../time/clock.ts";
import { isStampProbe, mayBeMalformedStamp } from "../wire/classify.ts";
import { SEALED } from "../wire/offsets.ts";
import { STAMP_SEALED_SIZE } from "../wire/stamp_sealed.ts";
import {
  REFLECTOR,
  SENDER,
  SHORTEST_REPLY,
  STAMP_SIZE,
  TTL_UNREADABLE,
  TWAMP_REFLECTOR_SIZE,
  TWAMP_SENDER_SIZE,
} from "../wire/test_packet.ts";
import { putNtp } from "../wire/timestamp.ts";
import type { TlvAnswer, TlvHost, TlvMac } from "../tlv.ts";
import { ERROR_SYNCHRONIZED } from "../wire/error_estimate.ts";
import { Bursts } from "./bursts.ts";
import { FollowUps } from "./follow_ups.ts";
import { controlReply } from "./reply_control.ts";
import { SessionTable } from "./session_table.ts";
import { isSealedReply, writeSealedReply } from "./stamp_reply.ts";
import type { StampKeys } from "./stamp_seal.ts";
import { TlvReflector } from "./tlv_reflector.ts";

/** Reserved octets behind the Session-Sender Error Estimate. */
const REFLECTOR_MBZ = REFLECTOR.SENDER_ERROR + 2;
/** The octet after Session-Sender TTL; reserved ones follow it in STAMP. */
const SENDER_TTL_END = REFLECTOR.SENDER_TTL + 1;

/**
 * Whether a datagram is itself a reply: a Receive Timestamp within a second of its Timestamp stands where probes have
 * zeros or padding, and the reserved octets of a reply are zero. Two reflectors, set on each other by one forged
 * datagram, would otherwise answer without end.
 */
export function isReply(view: DataView, at: number, size: number): boolean {
  if (size < SHORTEST_REPLY) return false;
  const received = view.getUint32(at + REFLECTOR.RECEIVED);
  if (received === 0 || (view.getUint32(at + REFLECTOR.TIME) - received) >>> 0 > 1) return false;
  // Replies cut off before their second reserved field have the first one; STAMP has the SSID there.
  return view.getUint16(at + (size < REFLECTOR_MBZ + 2 ? REFLECTOR.SSID : REFLECTOR_MBZ)) === 0;
}

/** The type of Follow-Up Telemetry (RFC 8972 section 4.7): what it tells has to be kept by session. */
const FOLLOW_UP = 7;

/** A copy of less than this is done by hand: the call costs more than the octets. */
const SMALL = 128;

/** Moves `size` octets at `from` back to `to`, which may be among them. */
export function pushBack(view: DataView, bytes: Uint8Array, from: number, to: number, size: number): void {
  if (size > SMALL) {
    bytes.copyWithin(to, from, from + size);
    return;
  }
  let left = size;
  for (; left >= 4; left -= 4) view.setUint32(to + left - 4, view.getUint32(from + left - 4));
  while (--left >= 0) bytes[to + left] = bytes[from + left];
}

/** Who is answered. */
export interface Access {
  /** Whether the peer at octet `at` of `Batch.peer` is answered at all. */
  isAllowed(peer: Uint8Array, at: number): boolean;
  /** Whether the peer at word `at` of `Batch.peerWords` is answered now; takes one of the replies that it has left. */
  spend(words: Uint32Array, at: number, now: Mono): boolean;
}

/** Replies that one probe asked for are sent within this: there are few places for such. */
const LONGEST_BURST_NS = 10e9;

/** How a reflector behaves. */
export interface ReflectorOptions {
  /** Stateful counts replies by session; stateless copies the sender's number. */
  readonly mode: "stateless" | "stateful";
  /** What probes are; `auto` reads it off each. */
  readonly protocol: "auto" | "twamp" | "stamp";
  /** Drop what would have to grow to the base packet. */
  readonly strictSize: boolean;
  /** Sessions remembered in stateful mode; memory is fixed by it. */
  readonly sessions: number;
  /** Silence after which a session is forgotten (REFWAIT, RFC 5357 section 4.2). */
  readonly wait: Nanos;
  /** Any number; see `SessionTable`. */
  readonly hashSeed: number;
  /** Peers to answer; undefined answers everybody. */
  readonly access?: Access | undefined;
  /**
   * Authenticated mode of STAMP, TLVs with the same keys: nothing but packets with a MAC under these is answered. Which
   * mode a session has is a matter of configuration (RFC 8972 section 4); no packet says it of itself.
   */
  readonly authenticated?: StampKeys | undefined;
  /** STAMP extensions that are understood, besides Extra Padding; all others come back with U. */
  readonly tlvs?: readonly TlvAnswer[] | undefined;
  /** What those may know of this host, and do. */
  readonly host?: TlvHost | undefined;
  /** Of HMAC TLVs in open mode, by SSID; of sessions without it they are not understood. */
  readonly tlvKeys?: { of(ssid: number): TlvMac | undefined } | undefined;
  /** Whether the clock is synchronised, until the first reply says. */
  readonly synchronized?: boolean | undefined;
}

/**
 * What became of the datagrams: received = reflected + the others, but that `rateLimited` has replies of `repeated`'s kind
 * too.
 */
export interface ReflectorCounters {
  received: number;
  reflected: number;
  tooShort: number;
  truncated: number;
  wouldGrow: number;
  /** Replies of another reflector, which would go to and fro for ever. */
  looped: number;
  denied: number;
  /** Beyond what a source may have: probes that got no reply, and bursts of replies that were broken off. */
  rateLimited: number;
  /** In authenticated mode: of a session without a key. */
  noKey: number;
  /** In authenticated mode: with a wrong MAC, or without one. */
  badMac: number;
  /** TLVs of theirs have them not answered: no reply was asked for, or they came to the wrong end. */
  unwanted: number;
  /** Replies besides those: more than one to a probe were asked for and allowed. */
  repeated: number;
  /** Of those reflected, the ones taken for STAMP. */
  stamp: number;
}

/** One reflector; owns all sessions it meets. */
export class ReflectorSession {
  readonly counters: ReflectorCounters = {
    received: 0,
    reflected: 0,
    tooShort: 0,
    truncated: 0,
    wouldGrow: 0,
    looped: 0,
    denied: 0,
    rateLimited: 0,
    noKey: 0,
    badMac: 0,
    unwanted: 0,
    repeated: 0,
    stamp: 0,
  };
  readonly #options: ReflectorOptions;
  readonly #table: SessionTable | undefined;
  readonly #tlvs: TlvReflector;
  /** Undefined where nobody can ask for them. */
  readonly #followUps: FollowUps | undefined;
  /** Undefined where a probe gets one reply at the most. */
  readonly #bursts: Bursts | undefined;

  constructor(options: ReflectorOptions) {
    this.#options = options;
    const { mode, tlvs = [], host, sessions, wait, hashSeed: seed, synchronized = false } = options;
    this.#table = mode === "stateful" ? new SessionTable({ sessions, wait, seed }) : undefined;
    this.#followUps = this.#table !== undefined && tlvs.some(({ type }) => type === FOLLOW_UP)
      ? new FollowUps(this.#table.capacity)
      : undefined;
    this.#tlvs = new TlvReflector(tlvs, host, this.#followUps?.current);
    this.#tlvs.context.synchronized = synchronized;
    this.#bursts = host?.allowControl && host.maxAmplification > 1 ? new Bursts(host.maxReply) : undefined;
  }

  /** Probes answered whose TLVs could not be, or whose HMAC TLV did not verify. */
  get tlvCounters(): { readonly malformed: number; readonly forged: number } {
    return this.#tlvs;
  }

  /** Replies that one call of {@linkcode stampTransmit} takes at most: sealing one would make the T3 of others old. */
  get together(): number | undefined {
    return this.#options.authenticated === undefined ? undefined : 1;
  }

  /** Sessions remembered now, and sessions that had to go early; null when stateless. */
  sessions(now: Mono): { active: number; evicted: number } | null {
    return this.#table === undefined ? null : { active: this.#table.active(now), evicted: this.#table.evicted };
  }

  /** Turns every probe of `batch` into its reply, all but T3, and sets the length of all else to 0. Returns replies. */
  reflect(now: Mono, batch: Batch): number {
    let replies = 0;
    if (this.#table !== undefined) this.#table.now = now;
    if (this.#followUps?.inUse) this.#followUps.begin(batch.capacity);
    for (let slot = 0; slot < batch.count; slot++) {
      this.counters.received++;
      if (this.#reflectOne(now, batch, slot)) replies++;
      else {
        batch.length[slot] = 0;
        if (this.#followUps?.inUse) this.#followUps.forgetSlot(batch, slot);
      }
    }
    this.counters.reflected += replies;
    return replies;
  }

  #reflectOne(now: Mono, batch: Batch, slot: number): boolean {
    const { view, bytes, length, flags } = batch;
    const { protocol, strictSize, access, authenticated } = this.#options;
    const counters = this.counters;
    const at = slot * batch.stride;
    const size = length[slot];
    if (flags[slot] & SlotFlag.TRUNCATED) {
      counters.truncated++;
      return false;
    }
    if (size < TWAMP_SENDER_SIZE) {
      counters.tooShort++;
      return false;
    }
    if (authenticated !== undefined) return this.#reflectSealed(authenticated, now, batch, slot);
    if (isReply(view, at, size)) {
      counters.looped++;
      return false;
    }
    const told = protocol === "auto" && isStampProbe(view, at, size);
    const stamp = told || protocol === "stamp" ||
      (protocol === "auto" && this.#isMalformedStamp(batch, slot, at, size));
    const base = stamp ? STAMP_SIZE : TWAMP_REFLECTOR_SIZE;
    if (size < base && strictSize) {
      counters.wouldGrow++;
      return false;
    }
    if (access !== undefined && !(this.#isAllowed(access, batch, slot) && this.#spend(access, batch, slot, now))) {
      return false;
    }
    const seq = view.getUint32(at + SENDER.SEQ);
    const t1High = view.getUint32(at + SENDER.TIME);
    const t1Low = view.getUint32(at + SENDER.TIME + 4);
    const error = view.getUint16(at + SENDER.ERROR);
    const ssid = stamp && size >= SENDER.SSID + 2 ? view.getUint16(at + SENDER.SSID) : 0;
    const out = size < base ? base : size;
    const extended = stamp && size > base;
    const mac = extended ? this.#options.tlvKeys?.of(ssid) : undefined;
    const verified = mac === undefined || this.#tlvs.verify(batch, mac, at, at + base, at + size);
    if (stamp) {
      for (let mbz = at + SENDER_TTL_END; mbz < at + STAMP_SIZE; mbz++) bytes[mbz] = 0; // a call costs more
      counters.stamp++;
    } else if (out > base) {
      // The reply's longer header pushes the padding back; its last 27 octets fall off (RFC 5357 section 4.2.1).
      pushBack(view, bytes, at + TWAMP_SENDER_SIZE, at + base, out - base);
    }
    const number = this.#table === undefined
      ? seq
      : this.#table.number(batch.peerWords, slot * PEER_WORDS, ssid, seq, t1High, t1Low);
    if (number === 0 && this.#followUps !== undefined) this.#followUps.forget(this.#table!.row);
    // 44 octets of zero padding are no proof: a TWAMP probe can have them.
    if (told && (extended || ssid !== 0)) this.#table?.setStamp(this.#table.row);
    view.setUint32(at + REFLECTOR.SEQ, number);
    view.setUint16(at + REFLECTOR.SSID, ssid);
    putNtp(view, at + REFLECTOR.RECEIVED, batch.stamp[2 * slot], batch.stamp[2 * slot + 1]);
    view.setUint32(at + REFLECTOR.SENDER_SEQ, seq);
    view.setUint32(at + REFLECTOR.SENDER_TIME, t1High);
    view.setUint32(at + REFLECTOR.SENDER_TIME + 4, t1Low);
    view.setUint16(at + REFLECTOR.SENDER_ERROR, error);
    view.setUint16(at + REFLECTOR_MBZ, 0);
    bytes[at + REFLECTOR.SENDER_TTL] = flags[slot] & SlotFlag.IP_HEADER ? batch.ttl[slot] : TTL_UNREADABLE;
    length[slot] = out;
    if (this.#followUps?.inUse) this.#followUps.note(batch, slot, this.#table!.row);
    return !extended || this.#answerTlvs(now, batch, slot, base, mac, verified);
  }

  /**
   * Whether the probe in `slot`, which does not look like STAMP, is: one with malformed TLVs, of a session whose others had
   * whole ones, or an SSID. Its reply has to say so by the M flag (RFC 8972 section 4).
   */
  #isMalformedStamp({ view, peerWords }: Batch, slot: number, at: number, size: number): boolean {
    return this.#table !== undefined && mayBeMalformedStamp(view, at, size) &&
      this.#table.isStamp(peerWords, slot * PEER_WORDS, view.getUint16(at + SENDER.SSID));
  }

  /** Answers the TLVs of the reply in `slot`, which stands but for them; false if there shall be none. */
  #answerTlvs(
    now: Mono,
    batch: Batch,
    slot: number,
    base: number,
    mac: TlvMac | undefined,
    verified: boolean,
  ): boolean {
    const at = slot * batch.stride;
    const tlvs = this.#tlvs;
    if (!verified) {
      // A copy but for I, the HMAC too: this end does not vouch for what it could not verify (RFC 8972 section 4.8).
      tlvs.refuse(batch.view, at + base, at + batch.length[slot]);
      return true;
    }
    this.#prepare(base);
    const whole = tlvs.answer(batch, slot, at + base, at + batch.length[slot], mac !== undefined);
    if (tlvs.context.drop || tlvs.context.noReply || tlvs.context.controlDrop) {
      this.#table?.takeBack();
      this.counters.stamp--;
      this.counters.unwanted++;
      return false;
    }
    tlvs.route(batch, slot);
    if (tlvs.context.wantsFollowUp) this.#followUps?.want(batch, slot, this.#table!.row);
    if (whole && tlvs.context.controlAt >= 0) this.#control(now, batch, slot, base, tlvs.context.controlAt);
    if (mac !== undefined) tlvs.sign(batch, mac, at, at + base, at + batch.length[slot]);
    return true;
  }

  /** Does what a Reflected Test Packet Control TLV asks, as far as it is allowed. */
  #control(now: Mono, batch: Batch, slot: number, base: number, control: number): void {
    const interval = batch.view.getUint32(control + 4);
    const { host, redirected } = this.#tlvs.context;
    const bursts = this.#bursts;
    const lasts = (batch.view.getUint16(control + 2) - 1) * interval;
    // More than was sent goes to who sent it, and to nobody whom he names; and nobody holds a place for long.
    const room = bursts !== undefined && bursts.hasRoom && !redirected && lasts <= LONGEST_BURST_NS;
    const count = controlReply(batch, slot, base, control, host, redirected ? 1 : host.maxAmplification, room);
    if (count <= 1 || bursts === undefined) return;
    const table = this.#table;
    const row = table === undefined ? 0 : table.row;
    bursts.add(batch, slot, count - 1, interval, now, row, table === undefined ? 0 : table.generation(row));
  }

  /** When a reply is due that nobody has to ask for any more; `Infinity` for never. */
  pollTimeout(): Mono {
    return this.#bursts === undefined ? Infinity : this.#bursts.pollTimeout();
  }

  /**
   * Appends such replies that are due to `tx`, all but T3; returns how many. Each is one of those that its source may
   * have: where that has none left, those that would follow are not sent either.
   */
  pollTransmit(now: Mono, tx: Batch): number {
    const bursts = this.#bursts;
    if (bursts === undefined) return 0;
    const { access } = this.#options;
    const first = tx.count;
    this.#followUps?.begin(tx.capacity);
    while (bursts.poll(now, tx)) {
      if (access === undefined || this.#spend(access, tx, tx.count - 1, now)) this.#number(bursts, tx, tx.count - 1);
      else bursts.refuse(tx);
    }
    this.counters.repeated += tx.count - first;
    return tx.count - first;
  }

  /** Replies have left whose transmit times are wanted: before the next ones are made. */
  get awaitsTxStamps(): boolean {
    return this.#followUps !== undefined && this.#followUps.awaitsStamps;
  }

  /** When replies really left; an empty `stamps` says that nothing was told. */
  handleTxStamps(stamps: TxStamps): void {
    this.#followUps?.handleTxStamps(stamps);
  }

  /** Replies that the system refused have not left, and nothing is told of them. */
  handleUnsent(batch: Batch): void {
    if (this.#followUps?.inUse) this.#followUps.handleUnsent(batch);
  }

  /** Gives the reply in `slot` a number of its own, if its session is still remembered. */
  #number(bursts: Bursts, tx: Batch, slot: number): void {
    const at = slot * tx.stride;
    const table = this.#table;
    const { row } = bursts;
    if (table !== undefined && table.generation(row) === bursts.generation) {
      tx.view.setUint32(at + REFLECTOR.SEQ, table.again(row));
      this.#followUps?.note(tx, slot, row);
    } else this.#followUps?.forgetSlot(tx, slot);
    const { authenticated, tlvKeys } = this.#options;
    const sealed = authenticated !== undefined;
    const mac = (authenticated ?? tlvKeys)?.of(tx.view.getUint16(at + (sealed ? SEALED.SSID : REFLECTOR.SSID)));
    const base = sealed ? STAMP_SEALED_SIZE : STAMP_SIZE;
    if (mac !== undefined) this.#tlvs.sign(tx, mac, at, at + base, at + tx.length[slot]);
  }

  /** In authenticated mode: the MAC is looked at before anything but who sent it and which key it needs. */
  #reflectSealed(keys: StampKeys, now: Mono, batch: Batch, slot: number): boolean {
    const { view, bytes, length } = batch;
    const { access } = this.#options;
    const counters = this.counters;
    const at = slot * batch.stride;
    if (access !== undefined && !this.#isAllowed(access, batch, slot)) return false;
    if (length[slot] < STAMP_SEALED_SIZE) {
      counters.badMac++;
      return false;
    }
    const ssid = view.getUint16(at + SEALED.SSID);
    const seal = keys.of(ssid);
    if (seal === undefined) {
      counters.noKey++;
      return false;
    }
    if (!seal.isGenuine(bytes, at)) {
      counters.badMac++;
      return false;
    }
    if (isSealedReply(view, at)) {
      counters.looped++;
      return false;
    }
    // Who forges a source takes none of the replies that the true one has left.
    if (access !== undefined && !this.#spend(access, batch, slot, now)) return false;
    const seq = view.getUint32(at + SEALED.SEQ);
    const t1High = view.getUint32(at + SEALED.TIME);
    const t1Low = view.getUint32(at + SEALED.TIME + 4);
    const table = this.#table;
    const number = table === undefined
      ? seq
      : table.number(batch.peerWords, slot * PEER_WORDS, ssid, seq, t1High, t1Low);
    if (number === 0 && this.#followUps !== undefined) this.#followUps.forget(table!.row);
    const extended = length[slot] > STAMP_SEALED_SIZE;
    const verified = !extended || this.#tlvs.verify(batch, seal, at, at + STAMP_SEALED_SIZE, at + length[slot]);
    writeSealedReply(batch, slot, number);
    counters.stamp++;
    if (this.#followUps?.inUse) this.#followUps.note(batch, slot, table!.row);
    return !extended || this.#answerTlvs(now, batch, slot, STAMP_SEALED_SIZE, seal, verified);
  }

  #isAllowed(access: Access, { peer }: Batch, slot: number): boolean {
    if (access.isAllowed(peer, slot * PEER_SIZE)) return true;
    this.counters.denied++;
    return false;
  }

  #spend(access: Access, { peerWords }: Batch, slot: number, now: Mono): boolean {
    if (access.spend(peerWords, slot * PEER_WORDS, now)) return true;
    this.counters.rateLimited++;
    return false;
  }

  /** What answers may know of the session of the probe that was numbered last. */
  #prepare(base: number): void {
    const { context } = this.#tlvs;
    context.reset();
    context.base = base;
    const table = this.#table;
    if (table === undefined) return;
    const { row } = table;
    context.received = table.received(row);
    context.sent = table.sent(row);
    this.#followUps?.load(row);
  }

  /**
   * Writes T3 and its Error Estimate into the replies in slots `from` to `to`: the last thing before the system call
   * that they share, and so one time for all. In authenticated mode each has its own, and then its MAC.
   */
  stampTransmit(batch: Batch, clock: Clock, from = 0, to: number = batch.count): void {
    const { view, length, stride } = batch;
    const now = this.#now;
    const error = clock.errorEstimate;
    const { authenticated } = this.#options;
    this.#tlvs.context.synchronized = (error & ERROR_SYNCHRONIZED) !== 0;
    if (authenticated !== undefined) return this.#stampAndSeal(authenticated, batch, clock, from, to);
    clock.wall(now, 0);
    for (let slot = from; slot < to; slot++) {
      if (length[slot] === 0) continue;
      const at = slot * stride;
      view.setUint16(at + REFLECTOR.ERROR, error);
      putNtp(view, at + REFLECTOR.TIME, now[0], now[1]);
      if (this.#followUps?.inUse) this.#followUps.left(batch, slot, at + REFLECTOR.SEQ, now);
    }
  }
  readonly #now = new Uint32Array(2);

  #stampAndSeal(keys: StampKeys, batch: Batch, clock: Clock, from: number, to: number): void {
    const { view, bytes, length, stride } = batch;
    const now = this.#now;
    for (let slot = from; slot < to; slot++) {
      if (length[slot] === 0) continue;
      const at = slot * stride;
      view.setUint16(at + SEALED.ERROR, clock.errorEstimate);
      clock.wall(now, 0);
      putNtp(view, at + SEALED.TIME, now[0], now[1]);
      keys.of(view.getUint16(at + SEALED.SSID))!.seal(bytes, at);
      if (this.#followUps?.inUse) this.#followUps.left(batch, slot, at + SEALED.SEQ, now);
    }
  }
}

/** Makes a reflector. */
export function createReflector(options: ReflectorOptions): ReflectorSession {
  return new ReflectorSession(options);
}
