/**
 * The clock of a runtime without system calls: `performance.now()` is fine but counts from nowhere, `Date.now()` is UTC
 * but in milliseconds. The difference between them is bounded by every pair of readings, and each tick of a millisecond
 * that is seen narrows the bounds, to well under a microsecond within the first two.
 *
 * @module
 */
import process from "node:process";
import type { Clock, ClockStep, Mono } from "../../core/time/clock.ts";
import { errorEstimate } from "../../core/wire/error_estimate.ts";

/** The two readings it is made of; given by tests. */
export interface ClockSource {
  /** Monotonic milliseconds with a fraction. */
  monoMs(): number;
  /** UTC in whole milliseconds. */
  utcMs(): number;
}

const SYSTEM: ClockSource = { monoMs: () => performance.now(), utcMs: () => Date.now() };

const TICK_NS = 1e6;
/** A reading of `Date.now()` every so often is enough to follow it. */
const SAMPLE_NS = 20_000;
/** What the readings themselves take: no claim is better. */
const READING_NS = 200;
/** A larger disagreement is a step of the wall clock. */
const STEP_NS = 5e6;
/** Bounds that a tick was seen within. */
const NARROW_NS = 20_000;
/** The time shown approaches what the bounds say no faster than NTP slews: no span is wrong by more than this share. */
const SLEW = 500e-6;

/** UTC with the resolution of the monotonic clock. */
export class HostClock implements Clock {
  /** Times the wall clock was set while this ran. */
  steps = 0;
  lastStep: ClockStep | undefined;
  readonly #source: ClockSource;
  /** How far the two clocks may drift apart, as a share of the time that passes. */
  readonly #drift: number;
  /** UTC second from which offsets count, so that doubles keep their nanoseconds. */
  readonly #base: number;
  /** Wall minus monotonic time, in nanoseconds, is between these. */
  #low = -Infinity;
  #high = Infinity;
  /** What is shown. */
  #offset = 0;
  /** After a start or a step the offset follows the bounds at once, until they are narrow. */
  #settling = true;
  #sampled: Mono;
  #errorBits = 0;
  #error = -1;

  /** `drift`: 0 where one discipline steers both clocks (Linux), else what crystals differ by. */
  constructor(source: ClockSource = SYSTEM, drift = process.platform === "linux" ? 0 : 100e-6) {
    this.#source = source;
    this.#drift = drift;
    this.#base = Math.floor(source.utcMs() / 1000);
    this.#sampled = this.mono();
    this.#settle();
  }

  /** Looks until a tick was seen from both sides: two milliseconds, or some more while the process is held up. */
  #settle(): void {
    const start = this.mono();
    for (let now = start; now - start < 2 * TICK_NS || (this.#settling && now - start < 20 * TICK_NS);) {
      now = this.#sample();
    }
  }

  mono(): Mono {
    return this.#source.monoMs() * 1e6;
  }

  wall(out: Uint32Array, at: number): void {
    let now = this.mono();
    if (now - this.#sampled > SAMPLE_NS) now = this.#sample();
    const nanos = now + this.#offset;
    const seconds = Math.floor(nanos / 1e9);
    out[at] = this.#base + seconds;
    out[at + 1] = nanos - seconds * 1e9;
  }

  /** S = 0: nobody asked the system whether it is synchronised. The error is that of the reading alone. */
  get errorEstimate(): number {
    const error = (this.#high - this.#low) / 2 + Math.abs(this.#offset - this.#middle) + READING_NS;
    if (error !== this.#error) {
      this.#error = error;
      this.#errorBits = errorEstimate(error, false);
    }
    return this.#errorBits;
  }

  get #middle(): number {
    return (this.#low + this.#high) / 2;
  }

  /** Narrows the bounds by one pair of readings; returns the monotonic time after it. */
  #sample(): Mono {
    const before = this.mono();
    const tick = (this.#source.utcMs() - this.#base * 1000) * 1e6;
    const after = this.mono();
    const passed = after - this.#sampled;
    const low = tick - after;
    const high = tick + TICK_NS - before;
    this.#low = Math.max(low, this.#low - passed * this.#drift);
    this.#high = Math.min(high, this.#high + passed * this.#drift);
    this.#sampled = after;
    if (this.#low > this.#high) {
      const step = this.#low - this.#high > STEP_NS;
      this.#low = low;
      this.#high = high;
      if (step) {
        this.steps++;
        this.lastStep = { at: after, by: (low + high) / 2 - this.#offset };
        this.#settling = true;
      }
    }
    const most = this.#settling ? Infinity : passed * SLEW;
    if (this.#high - this.#low < NARROW_NS) this.#settling = false;
    this.#offset += Math.min(Math.max(this.#middle - this.#offset, -most), most);
    return after;
  }
}

let shared: HostClock | undefined;

/** The clock of this process: made when first asked for, and one for all, so that stamps of two sockets agree. */
export function hostClock(): HostClock {
  return shared ??= new HostClock();
}
