/**
 * A clock made of two of the system's: it tells when the wall clock was set, and how true it says it is.
 *
 * @module
 */
import type { Clock, ClockStep, Mono } from "../../../core/time/clock.ts";
import { errorEstimate } from "../../../core/wire/error_estimate.ts";
import type { Synchronisation } from "./timex.ts";

/** The wall clock is compared with the monotonic one this often, at the most. */
const LOOK_NS = 100_000;
/** Two readings of a clock further apart than this have something else between them. */
const WIDE_NS = 50_000;
/** The kernel is asked for its error this often; it grows between two answers of the time daemon. */
const ASK_NS = 16e9;

/** How the two clocks of a system go with each other. */
export interface Agreement {
  /** Readings of the two that are one instant differ by as much. */
  readonly skewNs: number;
  /** The share by which one may be steered and the other not; 0 where one discipline steers both. */
  readonly drift: number;
  /** A disagreement up to this is steering faster than `drift`, and none of the steps that are told. */
  readonly stepNs: number;
}

/** What is left to the system: its readings, and to call {@linkcode SteppedClock.begin} once it can be read. */
export abstract class SteppedClock implements Clock {
  steps = 0;
  lastStep: ClockStep | undefined;
  errorEstimate = 0;
  readonly #agreement: Agreement;
  readonly #wall = new Uint32Array(2);
  /** UTC second from which the difference counts, so that a double keeps its nanoseconds. */
  #base = 0;
  /** Wall minus monotonic time is between these. */
  #low = -Infinity;
  #high = Infinity;
  #looked: Mono = -Infinity;
  #asked: Mono = -Infinity;

  constructor(agreement: Agreement) {
    this.#agreement = agreement;
  }

  abstract wall(out: Uint32Array, at: number): void;
  /** The monotonic clock as it is. */
  protected abstract read(): Mono;
  /** What the system says of its error; undefined where it does not. */
  protected abstract ask(): Synchronisation | undefined;

  /** Takes the first readings. */
  protected begin(): void {
    this.wall(this.#wall, 0);
    this.#base = this.#wall[0];
    this.mono();
  }

  mono(): Mono {
    const now = this.read();
    return now - this.#looked > LOOK_NS ? this.#look(now) : now;
  }

  /** Narrows the bounds by a reading between two; a reading outside of them is a step. */
  #look(before: Mono): Mono {
    this.wall(this.#wall, 0);
    const wall = (this.#wall[0] - this.#base) * 1e9 + this.#wall[1];
    const after = this.read();
    // A thread that was held up between its readings has learnt little, and of a step too little: it looks again next time.
    if (after - before > WIDE_NS) return after;
    const { skewNs, drift, stepNs } = this.#agreement;
    const low = wall - after - skewNs;
    const high = wall - before + skewNs;
    const widened = drift === 0 ? 0 : drift * (after - Math.max(this.#looked, 0));
    this.#low -= widened;
    this.#high += widened;
    if (low > this.#high || high < this.#low) {
      if (Math.max(low - this.#high, this.#low - high) > stepNs) this.#step(after, low, high);
      this.#low = low;
      this.#high = high;
    } else {
      this.#low = Math.max(low, this.#low);
      this.#high = Math.min(high, this.#high);
    }
    this.#looked = after;
    if (after - this.#asked > ASK_NS) this.#ask(after);
    return after;
  }

  #step(at: Mono, low: number, high: number): void {
    this.steps++;
    this.lastStep = { at, by: (low + high - this.#low - this.#high) / 2 };
    this.#asked = -Infinity; // what was claimed of the old time is void
  }

  /** S = 1 only if the kernel says so; the error is its bound, which holds whatever the clock's history. */
  #ask(now: Mono): void {
    this.#asked = now;
    const answer = this.ask();
    this.errorEstimate = errorEstimate(answer?.maxErrorNs ?? NaN, answer?.synchronized ?? false);
  }
}
