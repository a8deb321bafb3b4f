/**
 * The clocks of Linux, by clock_gettime, and what the kernel says of their error, by adjtimex.
 *
 * @module
 */
import type { Clock, ClockStep, Mono } from "../../../../core/time/clock.ts";
import { errorEstimate } from "../../../../core/wire/error_estimate.ts";
import { fixedMemory } from "../native.ts";
import { CLOCK_MONOTONIC, CLOCK_REALTIME, STA_UNSYNC, TIMEX } from "./abi.ts";
import type { Libc } from "./libc.ts";

/** The wall clock is compared with the monotonic one this often, at the most. */
const LOOK_NS = 100_000;
/** Readings on two cores may differ by as much. */
const SKEW_NS = 1000;
/** The kernel is asked for its error this often; it grows between two answers of the time daemon. */
const ASK_NS = 16e9;

/** What adjtimex says. */
export interface Synchronisation {
  readonly synchronized: boolean;
  /** The kernel's bound of the error, nanoseconds. */
  readonly maxErrorNs: number;
  /** Its estimate of it. */
  readonly estErrorNs: number;
}

/** Asks the kernel; undefined where that is refused. */
export function askSynchronisation(libc: Libc): Synchronisation | undefined {
  const timex = fixedMemory(TIMEX.SIZE);
  if (libc.adjtimex(timex) < 0) return undefined;
  const view = new DataView(timex.buffer);
  return {
    synchronized: (view.getInt32(TIMEX.STATUS, true) & STA_UNSYNC) === 0,
    maxErrorNs: Number(view.getBigInt64(TIMEX.MAXERROR, true)) * 1000,
    estErrorNs: Number(view.getBigInt64(TIMEX.ESTERROR, true)) * 1000,
  };
}

/**
 * CLOCK_REALTIME for stamps, which the kernel stamps with as well, and CLOCK_MONOTONIC. One discipline steers both, so
 * their difference is constant until the wall clock is set (or the host sleeps, which is the same to a measurement).
 */
export class LinuxClock implements Clock {
  steps = 0;
  lastStep: ClockStep | undefined;
  errorEstimate = 0;
  readonly #libc: Libc;
  readonly #timespec = fixedMemory(16);
  readonly #words = new Uint32Array(this.#timespec.buffer);
  /** UTC second from which the difference counts, so that a double keeps its nanoseconds. */
  readonly #base: number;
  /** Wall minus monotonic time is between these. */
  #low = -Infinity;
  #high = Infinity;
  #looked: Mono = -Infinity;
  #asked: Mono = -Infinity;

  constructor(libc: Libc) {
    this.#libc = libc;
    libc.clock_gettime(CLOCK_REALTIME, this.#timespec);
    this.#base = this.#words[0];
    this.mono();
  }

  mono(): Mono {
    const now = this.#read();
    return now - this.#looked > LOOK_NS ? this.#look(now) : now;
  }

  wall(out: Uint32Array, at: number): void {
    this.#libc.clock_gettime(CLOCK_REALTIME, this.#timespec);
    out[at] = this.#words[0];
    out[at + 1] = this.#words[2];
  }

  #read(): Mono {
    this.#libc.clock_gettime(CLOCK_MONOTONIC, this.#timespec);
    return this.#words[0] * 1e9 + this.#words[2];
  }

  /** Narrows the bounds by a reading between two; a reading outside of them is a step. */
  #look(before: Mono): Mono {
    this.#libc.clock_gettime(CLOCK_REALTIME, this.#timespec);
    const wall = (this.#words[0] - this.#base) * 1e9 + this.#words[2];
    const after = this.#read();
    const low = wall - after - SKEW_NS;
    const high = wall - before + SKEW_NS;
    if (low > this.#high || high < this.#low) {
      this.steps++;
      this.lastStep = { at: after, by: (low + high - this.#low - this.#high) / 2 };
      this.#low = low;
      this.#high = high;
      this.#asked = -Infinity; // what was claimed of the old time is void
    } else {
      this.#low = Math.max(low, this.#low);
      this.#high = Math.min(high, this.#high);
    }
    this.#looked = after;
    if (after - this.#asked > ASK_NS) this.#ask(after);
    return after;
  }

  /** S = 1 only if the kernel says so; the error is its bound, which holds whatever the clock's history. */
  #ask(now: Mono): void {
    this.#asked = now;
    const answer = askSynchronisation(this.#libc);
    this.errorEstimate = errorEstimate(answer?.maxErrorNs ?? NaN, answer?.synchronized ?? false);
  }
}
