/**
 * When the last reply of each session left, for sessions that ask (Follow-Up Telemetry, RFC 8972 section 4.7): columns
 * beside those of the session table, by its rows.
 *
 * @module
 */
import type { FollowUp } from "../tlv.ts";

/** Stamps of replies that have left, the last of each session. */
export class FollowUps {
  /** The one that {@linkcode load} took up. */
  readonly current: FollowUp = { seq: -1, stamp: new Uint32Array(2), flags: 0 };
  readonly #wanted: Uint8Array;
  readonly #known: Uint8Array;
  readonly #seq: Uint32Array;
  readonly #stamp: Uint32Array;
  readonly #flags: Uint8Array;
  /** By slot of the batch under way: the row whose reply is in it, or -1. */
  #rows = new Int32Array(0);

  /** `sessions`: rows of the session table. */
  constructor(sessions: number) {
    this.#wanted = new Uint8Array(sessions);
    this.#known = new Uint8Array(sessions);
    this.#seq = new Uint32Array(sessions);
    this.#stamp = new Uint32Array(2 * sessions);
    this.#flags = new Uint8Array(sessions);
  }

  /** Some session wants to be told: before that, replies need not be followed. */
  inUse = false;

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

  /** The reply in `slot`, one of at most `slots`, is of the session in `row`, which wants to be told when it left. */
  want(slot: number, row: number, slots: number): void {
    this.inUse = true;
    this.begin(slots);
    this.#wanted[row] = 1;
    this.note(slot, row);
  }

  /** The reply in `slot` is of the session in `row`. */
  note(slot: number, row: number): void {
    this.#rows[slot] = this.#wanted[row] ? row : -1;
  }

  /** Nobody wants to know when what is in `slot` left. */
  forgetSlot(slot: number): void {
    this.#rows[slot] = -1;
  }

  /**
   * The reply in `slot`, whose number is at `seqAt`, left at `stamp`; `flags` say whose stamp it is, as in `SlotFlag`.
   * In an array, because engines box numbers of 32 bits that are passed to a call.
   */
  left(slot: number, view: DataView, seqAt: number, stamp: Uint32Array, flags: number): void {
    const row = this.#rows[slot];
    if (row < 0) return;
    this.#known[row] = 1;
    this.#seq[row] = view.getUint32(seqAt);
    this.#stamp[2 * row] = stamp[0];
    this.#stamp[2 * row + 1] = stamp[1];
    this.#flags[row] = flags;
  }
}
