/**
 * The clock of a runtime without system calls: `performance.now()` is fine but counts from nowhere, `Date.now()` is UTC
 * but in milliseconds. The difference between them is bounded by every pair of readings, and each tick of a millisecond
 * that is seen narrows the bounds, to well under a microsecond within the first two.
 *
 * @module
 */
import type { Clock, Mono } from "../../core/time/clock.ts";
import { errorEstimate } from "../../core/wire/error_estimate.ts";

/** The two readings it is made of; given by tests. */
export interface ClockSource {
  /** Monotonic milliseconds with a fraction. */
  monoMs(): number;
  /** UTC in whole milliseconds. */
  utcMs(): number;
}

const TICK_NS = 1e6;
/** A reading of `Date.now()` every so often is enough to follow it. */
const SAMPLE_NS = 20_000;
/** The bounds never close further than this: what the readings themselves take. */
const LEAST_WIDTH_NS = 200;
/** A larger correction is a step of the wall clock, a smaller one its slew. */
const STEP_NS = 5e6;

/** UTC with the resolution of the monotonic clock. */
export class HostClock implements Clock {
  /** Times the wall clock was set while this ran. */
  steps = 0;
  readonly #source: ClockSource;
  /** UTC second from which `#low` and `#high` count, so that doubles keep their nanoseconds. */
  readonly #base: number;
  /** Wall minus monotonic time, in nanoseconds, is between these. */
  #low: number;
  #high: number;
  #sampled: Mono = -Infinity;
  #errorBits = 0;
  #errorWidth = -1;

  constructor(source: ClockSource = { monoMs: () => performance.now(), utcMs: () => Date.now() }) {
    this.#source = source;
    this.#base = Math.floor(source.utcMs() / 1000);
    this.#low = -Infinity;
    this.#high = Infinity;
    this.#settle();
  }

  /** Looks until a tick was seen from both sides; two milliseconds at the longest, unless the process is held up. */
  #settle(): void {
    const until = this.mono() + 2 * TICK_NS;
    while (this.mono() < until) this.#sample();
  }

  mono(): Mono {
    return this.#source.monoMs() * 1e6;
  }

  wall(out: Uint32Array, at: number): void {
    let now = this.mono();
    if (now - this.#sampled > SAMPLE_NS) now = this.#sample();
    const nanos = now + (this.#low + this.#high) / 2;
    const seconds = Math.floor(nanos / 1e9);
    out[at] = this.#base + seconds;
    out[at + 1] = nanos - seconds * 1e9;
  }

  /** S = 0: nobody asked the system whether it is synchronised. The error is that of the reading alone. */
  get errorEstimate(): number {
    const width = this.#high - this.#low;
    if (width !== this.#errorWidth) {
      this.#errorWidth = width;
      this.#errorBits = errorEstimate(Math.max(width / 2, LEAST_WIDTH_NS), false);
    }
    return this.#errorBits;
  }

  /** Narrows the bounds by one pair of readings; returns the monotonic time after it. */
  #sample(): Mono {
    const before = this.mono();
    const tick = (this.#source.utcMs() - this.#base * 1000) * 1e6;
    const after = this.mono();
    const low = tick - after;
    const high = tick + TICK_NS - before;
    if (low > this.#low) this.#low = low;
    if (high < this.#high) this.#high = high;
    if (this.#low > this.#high) this.#follow(low, high);
    this.#sampled = after;
    return after;
  }

  /** The wall clock went another way than the monotonic one: moves the bounds as little as the reading allows. */
  #follow(low: number, high: number): void {
    const [forward, backward] = [low - this.#high, this.#low - high];
    if (this.#low === low) this.#high = low + LEAST_WIDTH_NS;
    else this.#low = high - LEAST_WIDTH_NS;
    if (Math.max(forward, backward) > STEP_NS) {
      this.steps++;
      this.#low = low;
      this.#high = high;
    }
  }
}
