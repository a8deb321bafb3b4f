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
import type { Clock, Mono } from "../time/clock.ts";
import type { TlvMac } from "../tlv.ts";
import { isStampProbe, mayBeMalformedStamp } from "../wire/classify.ts";
import { ERROR_PTP, ERROR_SYNCHRONIZED } from "../wire/error_estimate.ts";
import { SEALED } from "../wire/offsets.ts";
import { STAMP_SEALED_SIZE } from "../wire/stamp_sealed.ts";
import {
  REFLECTOR,
  SENDER,
  STAMP_SIZE,
  TTL_UNREADABLE,
  TWAMP_REFLECTOR_SIZE,
  TWAMP_SENDER_SIZE,
} from "../wire/test_packet.ts";
import { putTimestamp } from "../wire/timestamp.ts";
import { FollowUps } from "./follow_ups.ts";
import { MoreReplies } from "./more_replies.ts";
import { isReply, pushBack, REFLECTOR_MBZ, SENDER_TTL_END } from "./open_reply.ts";
import { type Access, createCounters, type ReflectorCounters, type ReflectorOptions } from "./reflector_types.ts";
import { ReplyStamper } from "./reply_stamper.ts";
import { SessionTable } from "./session_table.ts";
import { isSealedReply, writeSealedReply } from "./stamp_reply.ts";
import type { StampKeys } from "./stamp_seal.ts";
import { TlvReflector } from "./tlv_reflector.ts";

export type { Access, ReflectorCounters, ReflectorOptions } from "./reflector_types.ts";

/** The type of Follow-Up Telemetry (RFC 8972 section 4.7): what it tells has to be kept by session. */
const FOLLOW_UP = 7;

/** One reflector; owns all sessions it meets. */
export class ReflectorSession {
  readonly counters: ReflectorCounters = createCounters();
  readonly #options: ReflectorOptions;
  readonly #table: SessionTable | undefined;
  readonly #tlvs: TlvReflector;
  /** Undefined where nobody can ask for them. */
  readonly #followUps: FollowUps | undefined;
  readonly #more: MoreReplies;
  readonly #stamper: ReplyStamper;

  constructor(options: ReflectorOptions) {
    this.#options = options;
    const { mode, tlvs = [], host, sessions, wait, hashSeed: seed, synchronized = false } = options;
    this.#table = mode === "stateful" ? new SessionTable({ sessions, wait, seed }) : undefined;
    this.#followUps = this.#table !== undefined && tlvs.some(({ type }) => type === FOLLOW_UP)
      ? new FollowUps(this.#table.capacity)
      : undefined;
    this.#tlvs = new TlvReflector(tlvs, host, this.#followUps?.current);
    this.#tlvs.context.synchronized = synchronized;
    const parts = {
      options,
      counters: this.counters,
      tlvs: this.#tlvs,
      table: this.#table,
      followUps: this.#followUps,
    };
    this.#more = new MoreReplies(parts);
    this.#stamper = new ReplyStamper(options.authenticated, this.#followUps);
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
    // 44 octets of zero padding are no proof: a TWAMP probe can have them. What was known of a run goes on for the next one.
    if (stamp && protocol === "auto" && (extended || ssid !== 0)) this.#table?.setStamp(this.#table.row);
    view.setUint32(at + REFLECTOR.SEQ, number);
    view.setUint16(at + REFLECTOR.SSID, ssid);
    const ptp = (error & ERROR_PTP) !== 0;
    putTimestamp(view, at + REFLECTOR.RECEIVED, batch.stamp[2 * slot], batch.stamp[2 * slot + 1], ptp);
    view.setUint32(at + REFLECTOR.SENDER_SEQ, seq);
    view.setUint32(at + REFLECTOR.SENDER_TIME, t1High);
    view.setUint32(at + REFLECTOR.SENDER_TIME + 4, t1Low);
    view.setUint16(at + REFLECTOR.SENDER_ERROR, error);
    view.setUint16(at + REFLECTOR_MBZ, 0);
    bytes[at + REFLECTOR.SENDER_TTL] = flags[slot] & SlotFlag.IP_HEADER ? batch.ttl[slot] : TTL_UNREADABLE;
    length[slot] = out;
    if (this.#followUps?.inUse) this.#followUps.note(batch, slot, this.#table!.row);
    this.#tlvs.context.ptp = ptp;
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
    if (whole && tlvs.context.controlAt >= 0) this.#more.control(now, batch, slot, base);
    if (mac !== undefined) tlvs.sign(batch, mac, at, at + base, at + batch.length[slot]);
    return true;
  }

  /** When a reply is due that nobody has to ask for any more; `Infinity` for never. */
  pollTimeout(): Mono {
    return this.#more.pollTimeout();
  }

  /** Appends such replies that are due to `tx`, all but T3; returns how many. */
  pollTransmit(now: Mono, tx: Batch): number {
    return this.#more.pollTransmit(now, tx);
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
    this.#tlvs.context.ptp = (view.getUint16(at + SEALED.ERROR) & ERROR_PTP) !== 0;
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
    this.#tlvs.context.synchronized = (clock.errorEstimate & ERROR_SYNCHRONIZED) !== 0;
    this.#stamper.stamp(batch, clock, from, to);
  }
}

/** Makes a reflector. */
export function createReflector(options: ReflectorOptions): ReflectorSession {
  return new ReflectorSession(options);
}
