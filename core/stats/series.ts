/**
 * The distributions of one way to take the stamps: what the kernel said, or what the program itself did.
 *
 * @module
 */
import type { ClockOffset, JitterAlgorithm, Snapshot } from "../snapshot.ts";
import type { Nanos } from "../time/clock.ts";
import { Accumulator } from "./accumulator.ts";

/** Delays of the probes that have the stamps this series is of. */
export class Series {
  /** Probes taken. */
  count = 0;
  readonly #rtt: Accumulator;
  readonly #forward: Accumulator;
  readonly #backward: Accumulator;
  readonly #residence: Accumulator;
  readonly #ipdv: Accumulator;
  #lastSeq = -2;
  #lastRtt = NaN;
  #quickest = Infinity;
  #offset = NaN;

  constructor(bits: number) {
    this.#rtt = new Accumulator(bits);
    this.#forward = new Accumulator(bits);
    this.#backward = new Accumulator(bits);
    this.#residence = new Accumulator(bits);
    this.#ipdv = new Accumulator(bits);
  }

  /** Takes the values of one probe; NaN is unknown. */
  record(seq: number, rtt: Nanos, forward: Nanos, backward: Nanos, residence: Nanos): void {
    this.count++;
    this.#rtt.record(rtt);
    this.#forward.record(forward);
    this.#backward.record(backward);
    this.#residence.record(residence);
    if (seq === this.#lastSeq + 1) this.#ipdv.record(rtt - this.#lastRtt);
    this.#lastSeq = seq;
    this.#lastRtt = rtt;
    if (rtt < this.#quickest && rtt >= 0 && !Number.isNaN(forward + backward)) {
      this.#quickest = rtt;
      this.#offset = (forward - backward) / 2;
    }
  }

  /** Adds what `other` has seen. */
  merge(other: Series): void {
    this.count += other.count;
    this.#rtt.merge(other.#rtt);
    this.#forward.merge(other.#forward);
    this.#backward.merge(other.#backward);
    this.#residence.merge(other.#residence);
    this.#ipdv.merge(other.#ipdv);
    if (other.#quickest < this.#quickest) {
      this.#quickest = other.#quickest;
      this.#offset = other.#offset;
    }
  }

  /** The part of a snapshot that is made of delays. */
  snapshot(
    jitter: JitterAlgorithm,
  ): Pick<Snapshot, "rtt" | "forward" | "backward" | "residence" | "ipdv" | "histogramError" | "clock"> {
    return {
      rtt: this.#rtt.snapshot(jitter),
      forward: this.#forward.snapshot(jitter),
      backward: this.#backward.snapshot(jitter),
      residence: this.#residence.snapshot(jitter),
      ipdv: this.#ipdv.snapshot(jitter),
      histogramError: this.#rtt.relativeError,
      clock: this.#clockOffset(),
    };
  }

  #clockOffset(): ClockOffset | null {
    return Number.isNaN(this.#offset) ? null : { offsetNs: this.#offset, boundNs: this.#quickest / 2 };
  }
}
