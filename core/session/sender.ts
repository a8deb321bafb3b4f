/**
 * The Session-Sender of TWAMP and STAMP (RFC 5357 section 4.1, RFC 8762 section 4.2) as a machine: probes out, replies
 * in, finished probes out. It reads no clock and opens no socket.
 *
 * After every `handle*` call, drain `pollRecord` before the next one.
 *
 * @module
 */
import { type Batch, PEER_PORT, PEER_SIZE, type TxStamps } from "../batch.ts";
import { ProbeFlag, type ProbeRecord } from "../record.ts";
import type { PeerReport, SenderCounters, TlvReport } from "../snapshot.ts";
import type { Clock, ClockStep, Mono, Nanos } from "../time/clock.ts";
import type { StampSource } from "../transport.ts";
import type { TestFormat } from "../wire/format.ts";
import { ntpNanos, ntpSeconds } from "../wire/timestamp.ts";
import { Departures } from "./departures.ts";
import { HeldRecords } from "./held_records.ts";
import { ProbeWriter } from "./probe_writer.ts";
import { ReflectedPadding } from "./reflected_padding.ts";
import { formatOf, isWithin, ReplyReader, tlvMacOf, TOLERANCE_NS } from "./reply.ts";
import type { PacketSeal } from "./seal.ts";
import type { SenderOptions } from "./sender_types.ts";
import { TlvWriter } from "./tlv_writer.ts";
import { createWindow, ProbeState, type Window } from "./window.ts";

export type { SenderOptions } from "./sender_types.ts";

export type SenderState = "idle" | "running" | "draining" | "done";

/** A probe that is this late was not kept by a timer: the host stood still, and what is overdue is caught up. */
const STALL_NS = 20e6;
/** The gap in which it is: one burst of all would be lost in the buffers of both ends, and be told as the path's loss. */
const CATCH_UP_NS = 50_000;

const STAMP_GRACE_NS = 100e6;

/** One sender session. */
export class SenderSession {
  readonly #options: SenderOptions;
  readonly #format: TestFormat;
  readonly #window: Window;
  readonly #reader: ReplyReader;
  /** Probes and replies of authenticated STAMP look alike and have one key: only the T1 in it makes a reply of one. */
  readonly #isStrict: boolean;
  readonly #writer: ProbeWriter;
  readonly #departures: Departures;
  /** What a second reply with another number says of it: nothing, where several were asked for. */
  readonly #ofOtherNumber: number;
  /** Undefined where probes have no TLVs. */
  readonly #tlvs: TlvWriter | undefined;
  /** Undefined where no reply is asked when earlier ones left. */
  readonly #held: HeldRecords | undefined;
  #state: SenderState = "idle";
  #departure: Mono = Infinity;
  /** The gap before that departure. */
  #gap: Nanos = 0;
  /** While catching up, no probe leaves before this. */
  #earliest: Mono = 0;
  #next = 0;
  /** Of those, the ones that are not of the schedule. */
  #extra = 0;
  #oldest = 0;
  #highest = -1;
  #expireUntil: Mono = -Infinity;
  #rx: Batch | undefined;
  #rxSlot = 0;
  #rxNow: Mono = 0;
  /** Where the first datagram came from that is not of the peer; 24 octets as in `Batch.peer`. */
  stranger: Uint8Array | undefined;
  /** A reply has echoed its T1 to the bit. */
  #echoes = false;
  readonly #counters: SenderCounters = {
    sent: 0,
    malformed: 0,
    forged: 0,
    reflectedVerified: 0,
    reflectedAltered: 0,
    unexpected: 0,
    unfinished: 0,
    latestDeparture: 0,
    t3Corrected: 0,
    t3Refused: 0,
    longestHeld: 0,
  };

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#format = formatOf(options);
    this.#isStrict = options.protocol === "stamp" && options.seal !== undefined;
    const padding = options.reflect === undefined ? undefined : new ReflectedPadding(options.reflect, options.traffic);
    this.#window = createWindow(options.window);
    this.#reader = new ReplyReader(options, this.#window, this.#counters, padding);
    const { tlvs = [] } = options;
    this.#ofOtherNumber = tlvs.some(({ asksSeveral }) => asksSeveral) ? 0 : ProbeFlag.COPIED_OUTBOUND;
    this.#tlvs = this.#reader.tlvs === undefined ? undefined : new TlvWriter(tlvs, tlvMacOf(options));
    this.#writer = new ProbeWriter(options, this.#format, this.#window, this.#tlvs, padding);
    this.#departures = new Departures(this.#format, this.#window, options.timeout, this.#counters);
    const late = this.#reader.tlvs?.late;
    if (late !== undefined) this.#held = new HeldRecords(late, options.stampGrace ?? STAMP_GRACE_NS, this.#counters);
  }

  get state(): SenderState {
    return this.#state;
  }
  get done(): boolean {
    return this.#state === "done";
  }
  get counters(): Readonly<SenderCounters> {
    return this.#counters;
  }
  /** Probes that one call of {@linkcode stampTransmit} takes at most: sealing one would make the T1 of others old. */
  get together(): number | undefined {
    return this.#options.seal?.coversStamps ? 1 : undefined;
  }
  /** What the replies so far say of the far end. */
  peerReport(): PeerReport {
    return this.#reader.watch.report();
  }
  /** What came back of the TLVs. */
  tlvReport(): TlvReport[] {
    return this.#reader.tlvs === undefined ? [] : this.#reader.tlvs.report(this.#tlvs!.sent);
  }

  start(now: Mono): void {
    if (this.#state !== "idle") throw new Error("a sender session starts once");
    this.#state = "running";
    this.#departure = now + this.#options.schedule.next();
    if (this.#options.count === 0) this.stop();
  }

  /** Sends no more probes; those in flight are waited for. */
  stop(): void {
    if (this.#state !== "running") return;
    this.#departure = Infinity;
    this.#state = "draining";
    this.#finish();
  }

  /** Done, if nothing is in flight and nothing has to be sent again. */
  #finish(): void {
    if (this.#held !== undefined && !this.#held.isEmpty) return;
    if (this.#oldest < this.#next || (this.#tlvs !== undefined && this.#tlvs.pollTimeout() < Infinity)) return;
    this.#state = "done";
  }

  /**
   * Ends at once: probes in flight are neither answered nor lost, and leave the count of sent ones. What is finished can
   * still be taken with {@linkcode pollRecord}.
   */
  abandon(): void {
    this.stop();
    for (let seq = this.#oldest; seq < this.#next; seq++) {
      if (this.#window.state[seq & this.#window.mask] === ProbeState.PENDING) this.#counters.unfinished++;
    }
    this.#counters.sent -= this.#counters.unfinished;
    this.#oldest = this.#next;
    this.#state = "done";
  }

  /** When the next probe leaves or the oldest one in flight is over; `Infinity` when nothing is due. */
  pollTimeout(): Mono {
    const { state, sentAt, mask } = this.#window;
    while (this.#oldest < this.#next && state[this.#oldest & mask] !== ProbeState.PENDING) this.#oldest++;
    const expiry = this.#oldest < this.#next ? sentAt[this.#oldest & mask] + this.#options.timeout : Infinity;
    let departure = Math.max(this.#departure, this.#earliest);
    if (this.#tlvs !== undefined) departure = Math.min(departure, this.#tlvs.pollTimeout());
    const due = this.#hasRoom() && departure < expiry ? departure : expiry;
    if (this.#held === undefined || this.#held.isEmpty) return due;
    return this.#isOver() ? -Infinity : Math.min(due, this.#held.pollTimeout());
  }

  /** No reply is to come any more. */
  #isOver(): boolean {
    return this.#state !== "running" && this.#oldest >= this.#next;
  }

  /** Probes older than the timeout at `now` are lost; take them with {@linkcode pollRecord}. */
  handleTimeout(now: Mono): void {
    this.#expireUntil = now - this.#options.timeout;
    if (this.#held !== undefined) this.#held.now = now;
  }

  #hasRoom(): boolean {
    return this.#next - this.#oldest < this.#window.size;
  }

  /** Appends the probes that are due to `tx`; returns how many. T1 is left for {@linkcode stampTransmit}. */
  pollTransmit(now: Mono, tx: Batch): number {
    let appended = this.#tlvs === undefined ? 0 : this.#repeatTlvs(this.#tlvs, now, tx);
    while (this.#departure <= now && this.#earliest <= now && tx.count < tx.capacity && this.#hasRoom()) {
      const late = now - this.#departure;
      if (late > this.#counters.latestDeparture) this.#counters.latestDeparture = late;
      if (late > STALL_NS) this.#earliest = now + Math.min(CATCH_UP_NS, this.#gap / 2);
      this.#append(now, tx);
      appended++;
      if (this.#next - this.#extra >= this.#options.count) this.stop();
      else {
        this.#gap = this.#options.schedule.next();
        this.#departure += this.#gap;
      }
    }
    return appended;
  }

  #append(now: Mono, tx: Batch): void {
    this.#window.sentAt[this.#next & this.#window.mask] = now;
    this.#writer.write(tx, tx.count++, this.#next);
    this.#counters.sent++;
    this.#next++;
  }

  /** A probe besides those of the schedule, for a TLV that has not been answered in time (RFC 8972 section 4.6). */
  #repeatTlvs(tlvs: TlvWriter, now: Mono, tx: Batch): number {
    tlvs.handleTimeout(now);
    if (this.#state === "draining") this.#finish(); // it may have given up
    if (tlvs.pollTimeout() > now || this.#departure <= now || tx.count >= tx.capacity || !this.#hasRoom()) return 0;
    this.#append(now, tx);
    this.#extra++;
    return 1;
  }

  /**
   * Writes T1 and its Error Estimate into slots `from` to `to` of `tx`, and seals what covers them: the last thing before
   * the system call. Called again for a slot, it begins anew.
   */
  stampTransmit(tx: Batch, clock: Clock, from = 0, to: number = tx.count): void {
    this.#writer.stampTransmit(tx, clock, from, to);
  }

  /** Takes the times at which probes left this host, of those whose reply has not been read yet. */
  handleTxStamps(stamps: TxStamps): void {
    this.#departures.take(stamps, this.#oldest, this.#next);
  }

  /** Whether a reply in `rx`, already handed over, answers a probe whose transmit time by `source`, or a better one, is not known yet. */
  lacksTxStamps(rx: Batch, source: StampSource): boolean {
    return this.#departures.lackedBy(rx, source);
  }

  /** The wall clock of this host jumped: round trips across that moment are corrected. */
  handleClockStep(step: ClockStep): void {
    this.#reader.handleClockStep(step);
  }

  /** Takes replies, and opens sealed ones; `rx` is borrowed until {@linkcode pollRecord} has returned false. */
  handleDatagrams(now: Mono, rx: Batch): void {
    if (this.#rx !== undefined) throw new Error("pollRecord was not drained before handleDatagrams");
    this.#rx = rx;
    this.#rxSlot = 0;
    this.#rxNow = now;
    this.#reader.now = now;
    if (this.#held !== undefined) this.#held.now = now;
    if (this.#options.seal !== undefined) this.#open(this.#options.seal, rx);
  }

  /** Opens what the peer sent, in place; what cannot be opened is counted, and has no length from now on. */
  #open(seal: PacketSeal, rx: Batch): void {
    const { SHORTEST_REPLY } = this.#format.offsets;
    for (let slot = 0; slot < rx.count; slot++) {
      if (!this.#fromPeer(rx.peer, slot * PEER_SIZE)) continue;
      if (rx.length[slot] < SHORTEST_REPLY) this.#counters.malformed++;
      else if (seal.openReflector(rx.view, rx.bytes, slot * rx.stride)) continue;
      else this.#counters.forged++;
      rx.length[slot] = 0;
    }
  }

  /** Fills `out` with the next finished probe, or a late or second reply; false when there is none. */
  pollRecord(out: ProbeRecord): boolean {
    const held = this.#held;
    if (held === undefined) {
      if (this.#pollFinished(out)) return true;
    } else {
      while (held.hasRoom && this.#pollFinished(held.next)) held.keep();
      if (held.take(out, this.#isOver())) return true;
    }
    if (this.#state === "draining") this.#finish();
    return false;
  }

  #pollFinished(out: ProbeRecord): boolean {
    while (this.#rx !== undefined) {
      if (this.#rxSlot >= this.#rx.count) this.#rx = undefined;
      else if (this.#takeReply(this.#rx, this.#rxSlot, out)) return true;
    }
    const { state, sentAt, mask } = this.#window;
    while (this.#oldest < this.#next) {
      const row = this.#oldest & mask;
      if (state[row] === ProbeState.PENDING) {
        if (sentAt[row] > this.#expireUntil) break;
        this.#lose(this.#oldest++, out);
        return true;
      }
      this.#oldest++;
    }
    return false;
  }

  #lose(seq: number, out: ProbeRecord): void {
    const row = seq & this.#window.mask;
    this.#window.state[row] = ProbeState.LOST;
    out.seq = seq;
    out.flags = ProbeFlag.LOST | this.#window.t1Source[row];
    out.size = this.#window.payload[row];
    out.tlv = undefined;
    out.clockSteps = this.#reader.steps;
    out.stamps.fill(0);
    out.stamps[0] = this.#window.t1[2 * row];
    out.stamps[1] = this.#window.t1[2 * row + 1];
    out.reflectorSeq =
      out.replySize =
      out.ttlForward =
      out.ttlBackward =
      out.tosForward =
      out.tosBackward =
        NaN;
    out.rtt =
      out.forward =
      out.backward =
      out.residence =
        NaN;
  }

  /** Reads the reply in `slot`; true if `out` was filled. Moves on to the next slot when it is done with this one. */
  #takeReply(rx: Batch, slot: number, out: ProbeRecord): boolean {
    const { state, reflectorSeq, mask } = this.#window;
    const seq = this.#match(rx, slot);
    if (seq < 0) {
      this.#rxSlot++;
      return false;
    }
    const row = seq & mask;
    if (state[row] === ProbeState.PENDING && this.#isLate(rx, slot, row)) {
      this.#lose(seq, out);
      return true; // and once more for the same slot: it is late now
    }
    this.#rxSlot++;
    if (!this.#reader.readTlvs(rx, slot, state[row] === ProbeState.PENDING)) {
      this.#unexpected();
      return false;
    }
    this.#reader.read(rx, slot, seq, out);
    this.#held?.handleLateStamp();
    // RFC 8972 section 3: what to do about it is for the user to say.
    if (this.#options.needsSsid && this.#reader.lacksSsid) this.stop();
    switch (state[row]) {
      case ProbeState.PENDING:
        state[row] = ProbeState.ANSWERED;
        reflectorSeq[row] = out.reflectorSeq;
        out.flags |= ProbeFlag.RECEIVED | (seq < this.#highest ? ProbeFlag.REORDERED : 0);
        if (seq > this.#highest) this.#highest = seq;
        break;
      case ProbeState.LOST:
        state[row] = ProbeState.LATE;
        reflectorSeq[row] = out.reflectorSeq;
        out.flags |= ProbeFlag.LATE;
        break;
      default:
        out.flags |= ProbeFlag.DUPLICATE | (reflectorSeq[row] !== out.reflectorSeq ? this.#ofOtherNumber : 0);
    }
    return true;
  }

  /** By the stamps of departure and arrival, or by the monotonic clock where the wall clock was set between them. */
  #isLate(rx: Batch, slot: number, row: number): boolean {
    const { t1, sentAt } = this.#window;
    const elapsed = this.#rxNow - sentAt[row];
    const took = (rx.stamp[2 * slot] - t1[2 * row]) * 1e9 + (rx.stamp[2 * slot + 1] - t1[2 * row + 1]);
    return (isWithin(took, elapsed) ? took : elapsed) > this.#options.timeout;
  }

  /** The full sequence number that the reply in `slot` answers, or -1: counted, and left out. */
  #match(rx: Batch, slot: number): number {
    const at = slot * rx.stride;
    if (!this.#fromPeer(rx.peer, slot * PEER_SIZE)) {
      this.stranger ??= rx.peer.slice(slot * PEER_SIZE, (slot + 1) * PEER_SIZE);
      return this.#unexpected();
    }
    const { TIME, SENDER_SEQ, SENDER_TIME, SHORTEST_REPLY } = this.#format.offsets;
    if (rx.length[slot] < SHORTEST_REPLY) {
      if (this.#options.seal === undefined) this.#counters.malformed++; // else it is counted already
      return -1;
    }
    // The wire has 32 bits of it: the latest number sent that ends in these.
    const back = (this.#next - 1 - rx.view.getUint32(at + SENDER_SEQ)) >>> 0;
    const seq = this.#next - 1 - back;
    if (seq < 0 || back >= this.#window.size) return this.#unexpected();
    const row = 2 * (seq & this.#window.mask);
    const { wireT1 } = this.#window;
    if (
      rx.view.getUint32(at + SENDER_TIME) !== wireT1[row] ||
      rx.view.getUint32(at + SENDER_TIME + 4) !== wireT1[row + 1]
    ) {
      if (this.#isStrict) return this.#unexpected();
      const swapped = rx.view.getUint32(at + TIME) === wireT1[row] &&
        rx.view.getUint32(at + TIME + 4) === wireT1[row + 1];
      if (!swapped && this.#isOfEarlierRun(rx.view, at + SENDER_TIME)) return this.#unexpected();
    } else this.#echoes = true;
    return seq;
  }

  /**
   * Whether an echo that is not what was sent answers an earlier run from this port: the far end has shown that it can
   * echo, or the echo is older than this run. Some reflectors alter what they echo; those are believed.
   */
  #isOfEarlierRun(view: DataView, at: number): boolean {
    if (this.#echoes) return true;
    if (view.getUint32(at) === 0) return false;
    const seconds = ntpSeconds(view, at) - this.#writer.firstT1[0];
    return seconds * 1e9 + ntpNanos(view, at) - this.#writer.firstT1[1] < -TOLERANCE_NS;
  }

  #unexpected(): number {
    this.#counters.unexpected++;
    return -1;
  }

  #fromPeer(from: Uint8Array, at: number): boolean {
    const { peer } = this.#options;
    for (let i = PEER_PORT + 1; i >= 0; i--) if (from[at + i] !== peer[i]) return false;
    return true;
  }
}

/** Makes a sender session. */
export function createSender(options: SenderOptions): SenderSession {
  return new SenderSession(options);
}
