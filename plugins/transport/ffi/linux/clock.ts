/**
 * The clocks of Linux, by clock_gettime, and what the kernel says of their error, by adjtimex.
 *
 * @module
 */
import type { Mono } from "../../../../core/time/clock.ts";
import { type Agreement, SteppedClock } from "../clock.ts";
import { fixedMemory } from "../native.ts";
import { askTimex, type Synchronisation } from "../timex.ts";
import { CLOCK_MONOTONIC, CLOCK_REALTIME } from "./abi.ts";
import type { Libc } from "./libc.ts";

/**
 * One discipline steers both clocks, so their difference is constant until the wall clock is set (or the host sleeps,
 * which is the same to a measurement). Readings on two cores may differ by a microsecond.
 */
const AGREEMENT: Agreement = { skewNs: 1000, drift: 0, stepNs: 0 };

/** Asks the kernel; undefined where that is refused. */
export function askSynchronisation(libc: Libc): Synchronisation | undefined {
  return askTimex(libc.adjtimex);
}

/** CLOCK_REALTIME for stamps, which the kernel stamps with as well, and CLOCK_MONOTONIC. */
export class LinuxClock extends SteppedClock {
  readonly #libc: Libc;
  readonly #timespec = fixedMemory(16);
  readonly #words = new Uint32Array(this.#timespec.buffer);

  constructor(libc: Libc) {
    super(AGREEMENT);
    this.#libc = libc;
    this.begin();
  }

  wall(out: Uint32Array, at: number): void {
    this.#libc.clock_gettime(CLOCK_REALTIME, this.#timespec);
    out[at] = this.#words[0];
    out[at + 1] = this.#words[2];
  }

  protected read(): Mono {
    this.#libc.clock_gettime(CLOCK_MONOTONIC, this.#timespec);
    return this.#words[0] * 1e9 + this.#words[2];
  }

  protected ask(): Synchronisation | undefined {
    return askSynchronisation(this.#libc);
  }
}
