/**
 * When the last reply of each session left, for sessions that ask (Follow-Up Telemetry, RFC 8972 section 4.7): columns
 * beside those of the session table, by its rows, 19 octets each.
 *
 * The program's own time is there at once; the kernel's or the card's takes its place when the socket tells it, which
 * only such replies are marked for.
 *
 * @module
 */
import { type Batch, SlotFlag, type TxStamps } from "../batch.ts";
import type { FollowUp } from "../tlv.ts";

/** Replies whose transmit times may still come; a power of two. */
const AWAITED = 4096;
/** After so many looks in vain in a row, none more until the next reply: nothing tells transmit times here. */
const VAIN_LOOKS = 64;
/** A transmit time further from the program's own is of another clock, or of a clock that was set. */
const LONGEST_WAY_OUT_NS = 1e9;

/** Stamps of replies that have left, the last of each session. */
export class FollowUps {
  /** The one that {@linkcode load} took up. */
  readonly current: FollowUp = { seq: -1, stamp: new Uint32Array(2), flags: 0 };
  readonly #wanted: Uint8Array;
  readonly #known: Uint8Array;
  readonly #seq: Uint32Array;
  readonly #stamp: Uint32Array;
  readonly #flags: Uint8Array;
  /** The reply that these are of, as the socket knows it. */
  readonly #token: Uint32Array;
  /** By slot of the batch under way: the row whose reply is in it, or -1. */
  #rows = new Int32Array(0);
  /** By token: the row of that reply. */
  readonly #rowOf = new Int32Array(AWAITED).fill(-1);
  readonly #nextToken = new Uint32Array(1);
  #awaited = 0;
  #vain = 0;

  /** `sessions`: rows of the session table. */
  constructor(sessions: number) {
    this.#wanted = new Uint8Array(sessions);
    this.#known = new Uint8Array(sessions);
    this.#seq = new Uint32Array(sessions);
    this.#stamp = new Uint32Array(2 * sessions);
    this.#flags = new Uint8Array(sessions);
    this.#token = new Uint32Array(sessions);
  }

  /** Some session wants to be told: before that, replies need not be followed. */
  inUse = false;

  /** Transmit times of replies may be waiting with the socket. */
  get awaitsStamps(): boolean {
    return this.#awaited > 0;
  }

  /** A batch of at most `slots` begins. */
  begin(slots: number): void {
    if (this.#rows.length < slots) this.#rows = new Int32Array(slots).fill(-1);
  }

  /** Forgets what was of another session in `row`. */
  forget(row: number): void {
    this.#wanted[row] = this.#known[row] = 0;
  }

  /** Takes up what is known of the session in `row`. */
  load(row: number): void {
    const { current } = this;
    current.seq = this.#known[row] ? this.#seq[row] : -1;
    current.stamp[0] = this.#stamp[2 * row];
    current.stamp[1] = this.#stamp[2 * row + 1];
    current.flags = this.#flags[row];
  }

  /** The reply in `slot` is of the session in `row`, which wants to be told when it left. */
  want(batch: Batch, slot: number, row: number): void {
    this.inUse = true;
    this.begin(batch.capacity);
    this.#wanted[row] = 1;
    this.note(batch, slot, row);
  }

  /** The reply in `slot` is of the session in `row`. */
  note(batch: Batch, slot: number, row: number): void {
    if (!this.#wanted[row]) return this.forgetSlot(batch, slot);
    const token = this.#nextToken[0]++;
    this.#rows[slot] = row;
    this.#rowOf[token & (AWAITED - 1)] = row;
    batch.token[slot] = token;
    batch.flags[slot] |= SlotFlag.WANTS_TX_STAMP;
  }

  /** Nobody wants to know when what is in `slot` left. */
  forgetSlot(batch: Batch, slot: number): void {
    this.#rows[slot] = -1;
    batch.flags[slot] &= ~SlotFlag.WANTS_TX_STAMP;
  }

  /** The reply in `slot`, whose number is at `seqAt`, leaves, at `now` by the program's own clock. */
  left(batch: Batch, slot: number, seqAt: number, now: Uint32Array): void {
    const row = this.#rows[slot];
    if (row < 0) return;
    this.#known[row] = 1;
    this.#seq[row] = batch.view.getUint32(seqAt);
    this.#stamp[2 * row] = now[0];
    this.#stamp[2 * row + 1] = now[1];
    this.#flags[row] = 0;
    this.#token[row] = batch.token[slot];
    if (this.#awaited < AWAITED) this.#awaited++;
  }

  /** Replies whose slots have no length any more did not leave: nothing is told of them. */
  handleUnsent({ count, length, token }: Batch): void {
    for (let slot = 0; slot < count && slot < this.#rows.length; slot++) {
      const row = this.#rows[slot];
      if (row >= 0 && length[slot] === 0 && this.#token[row] === token[slot]) this.#known[row] = 0;
    }
  }

  /** When replies really left: of the last one of each session it is kept, and the card's rather than the kernel's. */
  handleTxStamps({ count, token, stamp, flags }: TxStamps): void {
    if (count === 0) {
      if (++this.#vain >= VAIN_LOOKS) this.#awaited = this.#vain = 0;
      return;
    }
    this.#vain = 0;
    for (let i = 0; i < count; i++) {
      if (this.#awaited > 0) this.#awaited--;
      const row = this.#rowOf[token[i] & (AWAITED - 1)];
      if (row < 0 || this.#token[row] !== token[i] || !this.#known[row]) continue;
      const better = flags[i] & (SlotFlag.KERNEL_STAMP | SlotFlag.HARDWARE_STAMP);
      if (better <= this.#flags[row]) continue; // the bits are in the order of what is better
      const at = 2 * row;
      const later = this.#flags[row] === 0
        ? (stamp[2 * i] - this.#stamp[at]) * 1e9 + (stamp[2 * i + 1] - this.#stamp[at + 1])
        : 0;
      if (later < 0 || later > LONGEST_WAY_OUT_NS) continue;
      this.#stamp[at] = stamp[2 * i];
      this.#stamp[at + 1] = stamp[2 * i + 1];
      this.#flags[row] = better;
    }
  }
}
