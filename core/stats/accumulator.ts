/**
 * One distribution as it grows: moments, extremes, jitter and a histogram, in constant memory.
 *
 * @module
 */
import type { Distribution, JitterAlgorithm } from "../snapshot.ts";
import { Histogram } from "./histogram.ts";

const MEDIAN = [0.5];
const QUANTILES = [0.5, 0.9, 0.95, 0.99, 0.999];

/** Collects values in nanoseconds, in the order of arrival. */
export class Accumulator {
  readonly #histogram: Histogram;
  #min = Infinity;
  #max = -Infinity;
  #mean = 0;
  /** Sum of squared differences from the mean (Welford's recurrence: no cancellation, whatever the clock offset). */
  #squares = 0;
  #last = NaN;
  #smoothed = 0;

  constructor(bits: number) {
    this.#histogram = new Histogram(bits);
  }

  get count(): number {
    return this.#histogram.count;
  }
  get relativeError(): number {
    return this.#histogram.relativeError;
  }

  /** Takes one value; NaN is no value. */
  record(value: number): void {
    if (Number.isNaN(value)) return;
    this.#histogram.record(value);
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
    const delta = value - this.#mean;
    this.#mean += delta / this.#histogram.count;
    this.#squares += delta * (value - this.#mean);
    // RFC 3550 appendix A.8: J += (|D| - J) / 16, from 0.
    if (!Number.isNaN(this.#last)) this.#smoothed += (Math.abs(value - this.#last) - this.#smoothed) / 16;
    this.#last = value;
  }

  /** Adds what `other` has seen. The smoothed jitter, which has an order, becomes the mean of both by count. */
  merge(other: Accumulator): void {
    const [mine, theirs] = [this.count, other.count];
    if (theirs === 0) return;
    const delta = other.#mean - this.#mean;
    this.#squares += other.#squares + delta * delta * mine * theirs / (mine + theirs);
    this.#mean += delta * theirs / (mine + theirs);
    this.#smoothed = (this.#smoothed * mine + other.#smoothed * theirs) / (mine + theirs);
    this.#min = Math.min(this.#min, other.#min);
    this.#max = Math.max(this.#max, other.#max);
    this.#histogram.merge(other.#histogram);
    this.#last = NaN; // what comes next follows neither
  }

  /** The value that half of all do not exceed; null if there is none. */
  get median(): number | null {
    return this.count === 0 ? null : this.#within(this.#histogram.quantiles(MEDIAN)[0]);
  }

  #within(value: number): number {
    return Math.min(Math.max(value, this.#min), this.#max);
  }

  /** What is known now; nothing of it changes later but `histogram`, which reads the live bins. */
  snapshot(jitter: JitterAlgorithm): Distribution {
    const count = this.count;
    const histogram = { [Symbol.iterator]: () => this.#histogram.bins().values() };
    if (count === 0) {
      const none = { min: null, max: null, mean: null, stddev: null, p50: null, p90: null, p95: null, p99: null };
      return { count, ...none, p999: null, jitter: null, histogram };
    }
    const [p50, p90, p95, p99, p999] = this.#histogram.quantiles(QUANTILES).map((value) => this.#within(value));
    const stddev = Math.sqrt(Math.max(0, this.#squares) / count);
    return {
      count,
      min: this.#min,
      max: this.#max,
      mean: this.#mean,
      stddev,
      p50,
      p90,
      p95,
      p99,
      p999,
      jitter: count < 2 ? null : jitter === "rfc3393" ? stddev : this.#smoothed,
      histogram,
    };
  }
}
