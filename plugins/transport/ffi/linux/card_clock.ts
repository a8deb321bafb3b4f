/**
 * The clock of a network card (PHC), and its stamps in system time. That it may count TAI, or from when it was switched
 * on, falls out: only its difference from the system's clock counts.
 *
 * @module
 */
import { fixedMemory } from "../native.ts";
import { CLOCK_REALTIME } from "./abi.ts";
import { CardModel } from "./card_model.ts";
import type { Clock } from "../../../../core/time/clock.ts";
import type { Libc } from "./libc.ts";

/** Readings at a time; the narrowest counts. */
const TRIES = 5;
/**
 * The kernel's own stamp of an arrival is so much later than the card's at the most, and no earlier but for the error of
 * the conversion. What is not has been stamped by another card, or before somebody set the clock.
 */
const LATE_NS = 1e9;
const EARLY_NS = 1e6;

/** Converts the stamps of one card. */
export class CardClock {
  readonly #libc: Libc;
  readonly #descriptor: number;
  readonly #id: number;
  readonly #clock: Clock;
  readonly #model = new CardModel();
  readonly #timespec = fixedMemory(16);
  readonly #words = new Uint32Array(this.#timespec.buffer);
  /** Seconds from which both times are counted, so that a double keeps their nanoseconds. */
  readonly #cardBase: number;
  readonly #systemBase: number;
  #steps: number;

  /** `descriptor`: of /dev/ptpN, and from now on its own. Throws an errno if that cannot be read. */
  constructor(libc: Libc, descriptor: number, clock: Clock) {
    this.#libc = libc;
    this.#descriptor = descriptor;
    this.#id = (~descriptor << 3) | 3;
    this.#clock = clock;
    this.#steps = clock.steps ?? 0;
    libc.clock_gettime(CLOCK_REALTIME, this.#timespec);
    this.#systemBase = this.#words[0];
    if (libc.clock_gettime(this.#id, this.#timespec) < 0) throw libc.errno();
    this.#cardBase = this.#words[0];
    this.#read();
  }

  /** How often the card's clock was set against the system's; what the system's own was set by does not count. */
  get jumps(): number {
    return this.#model.jumps;
  }

  /**
   * Writes the card's stamp in the `struct scm_timestamping` at word `at` to `out[to]` in system time; false if it
   * cannot be what the kernel's stamp beside it says.
   */
  convert(words: Uint32Array, at: number, out: Uint32Array, to: number): boolean {
    const card = (words[at + 8] - this.#cardBase) * 1e9 + words[at + 10];
    // Asked first, so that a step of the system's clock is not taken for one of the card's.
    if (card >= this.#model.due) this.#clock.mono();
    if (this.#clock.steps !== undefined && this.#clock.steps !== this.#steps) {
      this.#steps = this.#clock.steps;
      this.#model.restart();
    }
    if (card >= this.#model.due) this.#read();
    const ns = Math.round(this.#model.toSystem(card));
    const seconds = Math.floor(ns / 1e9);
    out[to] = this.#systemBase + seconds;
    out[to + 1] = ns - seconds * 1e9;
    if (words[at] === 0) return true;
    const later = (words[at] - out[to]) * 1e9 + words[at + 2] - out[to + 1];
    if (later > -EARLY_NS && later < LATE_NS) return true;
    this.#model.due = -Infinity;
    return false;
  }

  /** Reads the card's clock between two readings of the system's. A card that is gone leaves the model as it is. */
  #read(): void {
    let [narrowest, card, system] = [Infinity, NaN, NaN];
    for (let i = 0; i < TRIES; i++) {
      const before = this.#since(CLOCK_REALTIME, this.#systemBase);
      const between = this.#since(this.#id, this.#cardBase);
      const after = this.#since(CLOCK_REALTIME, this.#systemBase);
      if (!(after - before >= 0 && after - before < narrowest) || Number.isNaN(between)) continue;
      narrowest = after - before;
      card = between;
      system = before + narrowest / 2;
    }
    if (narrowest < Infinity) this.#model.read(card, system, narrowest);
  }

  #since(id: number, base: number): number {
    if (this.#libc.clock_gettime(id, this.#timespec) < 0) return NaN;
    return (this.#words[0] - base) * 1e9 + this.#words[2];
  }

  close(): void {
    this.#libc.close(this.#descriptor);
  }
}
