/**
 * The distributions of one way to take the stamps: what the kernel said, or what the program itself did.
 *
 * @module
 */
import type { JitterAlgorithm, Snapshot } from "../snapshot.ts";
import type { Nanos } from "../time/clock.ts";
import { Accumulator } from "./accumulator.ts";
import { type ClockEstimate, ClockModel } from "./clock_model.ts";

/** The part of a snapshot that is made of delays. */
export interface SeriesSnapshot extends
  Pick<
    Snapshot,
    | "rtt"
    | "forward"
    | "backward"
    | "forwardCorrected"
    | "backwardCorrected"
    | "residence"
    | "ipdv"
    | "histogramError"
  > {
  readonly clock: ClockEstimate | null;
}

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
  readonly #bits: number;
  #clock = new ClockModel();

  constructor(bits: number) {
    this.#bits = bits;
    this.#rtt = new Accumulator(bits);
    this.#forward = new Accumulator(bits);
    this.#backward = new Accumulator(bits);
    this.#residence = new Accumulator(bits);
    this.#ipdv = new Accumulator(bits);
  }

  /** Takes the values of one probe, NaN is unknown; of `stamps` only when it was. */
  record(seq: number, stamps: Uint32Array, rtt: Nanos, forward: Nanos, backward: Nanos, residence: Nanos): void {
    this.count++;
    this.#rtt.record(rtt);
    this.#forward.record(forward);
    this.#backward.record(backward);
    this.#residence.record(residence);
    if (seq === this.#lastSeq + 1) this.#ipdv.record(rtt - this.#lastRtt);
    this.#lastSeq = seq;
    this.#lastRtt = rtt;
    this.#clock.record(stamps, rtt, forward, backward, residence);
  }

  /** Of the round trips. */
  get median(): number | null {
    return this.#rtt.median;
  }

  /** The wall clock of this host was set. */
  handleClockStep(): void {
    this.#clock.handleStep();
  }

  /** Adds what `other` has seen; of the clocks the one with more probes stays, for two sessions have two pairs. */
  merge(other: Series): void {
    this.count += other.count;
    this.#rtt.merge(other.#rtt);
    this.#forward.merge(other.#forward);
    this.#backward.merge(other.#backward);
    this.#residence.merge(other.#residence);
    this.#ipdv.merge(other.#ipdv);
    if (other.#clock.count > this.#clock.count) this.#clock = other.#clock;
  }

  snapshot(jitter: JitterAlgorithm): SeriesSnapshot {
    const corrected = this.#clock.corrected(this.#bits, jitter);
    return {
      rtt: this.#rtt.snapshot(jitter),
      forward: this.#forward.snapshot(jitter),
      backward: this.#backward.snapshot(jitter),
      forwardCorrected: corrected?.forward ?? null,
      backwardCorrected: corrected?.backward ?? null,
      residence: this.#residence.snapshot(jitter),
      ipdv: this.#ipdv.snapshot(jitter),
      histogramError: this.#rtt.relativeError,
      clock: this.#clock.estimate(),
    };
  }
}
