/**
 * Finished probes that wait for the time at which their reply really left, which a later reply brings (Follow-Up
 * Telemetry, RFC 8972 section 4.7). They go on in the order in which they came: who is behind one that waits, waits too.
 *
 * @module
 */
import { copyRecord, createRecord, ProbeFlag, type ProbeRecord } from "../record.ts";
import type { SenderCounters } from "../snapshot.ts";
import { type Mono, type Nanos, wallSpan } from "../time/clock.ts";
import type { LateStamp, TlvValues } from "../tlv.ts";
import { METHOD_HARDWARE, METHOD_SOFTWARE } from "../wire/tlv_layouts.ts";

/** Records held at once, at most; a power of two. What is more goes on as it is. */
const MOST = 1024;
/** Times that came before the replies they are of, which were overtaken; a power of two. */
const AHEAD = 64;
/** So many replies in a row that tell nothing, and none is waited for: the far end remembers nothing (stateless). */
const VAIN_REPLIES = 16;
const NO_WAIT = -Infinity;

/** Holds them, at most so long. */
export class HeldRecords {
  readonly #late: LateStamp;
  readonly #grace: Nanos;
  readonly #counters: SenderCounters;
  /** Made as they are needed. */
  readonly #records: ProbeRecord[] = [];
  readonly #values: TlvValues[] = [];
  readonly #until = new Float64Array(MOST);
  /** By the reflector's number: where the record is. */
  readonly #places = new Int32Array(MOST);
  readonly #now = new Float64Array(1);
  /** Of all records ever held: the first that is, and the one behind the last. */
  #head = 0;
  #tail = 0;
  /** Replies since one told something. */
  #vain = 0;
  readonly #ahead = new Uint32Array(AHEAD);
  readonly #aheadStamp = new Uint32Array(2 * AHEAD);
  /** 0: nothing. */
  readonly #aheadMethod = new Uint8Array(AHEAD);

  /** `late` is what the reply read last told; each record waits for `grace` at most. */
  constructor(late: LateStamp, grace: Nanos, counters: SenderCounters) {
    this.#late = late;
    this.#grace = grace;
    this.#counters = counters;
    this.#makeRoom();
  }

  set now(now: Mono) {
    this.#now[0] = now;
  }

  get isEmpty(): boolean {
    return this.#head === this.#tail;
  }
  get hasRoom(): boolean {
    return this.#tail - this.#head < MOST;
  }

  /** Where the next record is to be written; then {@linkcode keep} it. */
  get next(): ProbeRecord {
    return this.#records[this.#tail & (MOST - 1)];
  }

  #makeRoom(): void {
    if (this.#records.length >= MOST || this.#records.length > (this.#tail & (MOST - 1))) return;
    this.#records.push(createRecord());
    this.#values.push({});
  }

  /** Takes the record in {@linkcode next}; if it is an answered probe, `late` is what its own reply told. */
  keep(): void {
    const place = this.#tail & (MOST - 1);
    const record = this.#records[place];
    if (record.tlv !== undefined) copyValues(record.tlv, record.tlv = this.#values[place]);
    this.#until[place] = NO_WAIT;
    this.#tail++;
    this.#makeRoom();
    if ((record.flags & ProbeFlag.RECEIVED) === 0 || !this.#late.asked) return;
    this.#vain = this.#late.seq >= 0 ? 0 : this.#vain + 1;
    if (this.#vain > VAIN_REPLIES) return;
    this.#places[record.reflectorSeq & (MOST - 1)] = place;
    this.#until[place] = this.#now[0] + this.#grace;
    this.#lookBack(place);
  }

  /** A later reply may have been here first. */
  #lookBack(place: number): void {
    const { reflectorSeq } = this.#records[place];
    const i = reflectorSeq & (AHEAD - 1);
    if (this.#aheadMethod[i] === 0 || this.#ahead[i] !== reflectorSeq) return;
    this.#correct(place, this.#aheadStamp, 2 * i, this.#aheadMethod[i]);
    this.#aheadMethod[i] = 0;
  }

  /** Gives the reply that is meant the time that was told; remembers it where that reply is still to come. */
  handleLateStamp(): void {
    const { seq, stamp, method } = this.#late;
    if (seq < 0) return;
    const place = this.#places[seq & (MOST - 1)];
    const isHeld = ((place - this.#head) & (MOST - 1)) < this.#tail - this.#head;
    if (isHeld && this.#records[place].reflectorSeq === seq && this.#until[place] !== NO_WAIT) {
      return this.#correct(place, stamp, 0, method);
    }
    const i = seq & (AHEAD - 1);
    this.#ahead[i] = seq;
    this.#aheadStamp[2 * i] = stamp[0];
    this.#aheadStamp[2 * i + 1] = stamp[1];
    this.#aheadMethod[i] = method;
  }

  /**
   * Puts T3 right, where that can be: it did not leave before the T3 that it carries, nor so late that it came back
   * before. One by software that is that very T3 says nothing new.
   */
  #correct(place: number, told: Uint32Array, at: number, method: number): void {
    this.#until[place] = NO_WAIT;
    const record = this.#records[place];
    const s = record.stamps;
    const hasBoth = (s[2] | s[3]) !== 0 && (s[4] | s[5]) !== 0;
    if (!hasBoth || Number.isNaN(record.rtt) || (method !== METHOD_HARDWARE && method !== METHOD_SOFTWARE)) return;
    const lag = (told[at] - s[4]) * 1e9 + (told[at + 1] - s[5]);
    if (lag < 0 || lag > record.rtt) {
      this.#counters.t3Refused++;
      return;
    }
    if (lag === 0 && method === METHOD_SOFTWARE) return;
    s[4] = told[at];
    s[5] = told[at + 1];
    record.t3Lag = lag;
    record.rtt -= lag;
    record.backward -= lag;
    record.residence = wallSpan(s, 2, 4);
    record.flags |= method === METHOD_HARDWARE ? ProbeFlag.T3_HARDWARE : ProbeFlag.T3_KERNEL;
    this.#counters.t3Corrected++;
  }

  /** Fills `out` with the first record, if it waits for nothing any more; `all`: nothing more comes. */
  take(out: ProbeRecord, all: boolean): boolean {
    if (this.isEmpty) return false;
    const place = this.#head & (MOST - 1);
    if (!all && this.hasRoom && this.#until[place] > this.#now[0]) return false;
    this.#head++;
    copyRecord(this.#records[place], out);
    return true;
  }

  /** When the first has waited long enough. */
  pollTimeout(): Mono {
    return this.isEmpty ? Infinity : this.#until[this.#head & (MOST - 1)];
  }
}

/** What a record has of TLVs is used again. */
function copyValues(from: TlvValues, to: TlvValues): void {
  for (const name in to) to[name] = NaN;
  for (const name in from) to[name] = from[name];
}
