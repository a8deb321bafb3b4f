/**
 * One-way delays without the difference of the clocks: exact count, least, greatest and mean; the rest from a sample.
 *
 * @module
 */
import type { Distribution, JitterAlgorithm } from "../snapshot.ts";
import type { Nanos } from "../time/clock.ts";
import { Accumulator } from "./accumulator.ts";
import { BINS, ROW, type TimeBins } from "./time_bins.ts";

/** Sums of one direction. */
export class Totals {
  count = 0;
  #sum = 0;
  #min = Infinity;
  #max = -Infinity;
  #smoothed = 0;
  #last = NaN;

  /** Follows the jitter; the value in `levels[at]` is free of what is known of the drift. */
  follow(levels: Float64Array, at: number): void {
    const value = levels[at];
    const difference = Math.abs(value - this.#last);
    if (difference >= 0) this.#smoothed += (difference - this.#smoothed) / 16;
    this.#last = value;
  }

  /** The next value cannot be compared with those before. */
  interrupt(): void {
    this.#last = NaN;
  }

  /** Adds probes of which the sum is known, and the extremes in these columns; `correct` takes the clock out of those. */
  add(
    count: number,
    sum: Nanos,
    { rows }: TimeBins,
    columns: { least: number; greatest: number },
    correct: (y: Nanos, x: Nanos) => Nanos,
  ): void {
    this.count += count;
    this.#sum += sum;
    for (let at = 0; at < BINS * ROW; at += ROW) {
      const [least, greatest] = [at + columns.least, at + columns.greatest];
      if (Number.isNaN(rows[least])) continue;
      this.#min = Math.min(this.#min, correct(rows[least + 1], rows[least]));
      this.#max = Math.max(this.#max, correct(rows[greatest + 1], rows[greatest]));
    }
  }

  clone(): Totals {
    const copy = new Totals();
    copy.count = this.count;
    copy.#sum = this.#sum;
    copy.#min = this.#min;
    copy.#max = this.#max;
    copy.#smoothed = this.#smoothed;
    return copy;
  }

  /** With the shape of `sample`, corrected values. */
  snapshot(sample: Accumulator, jitter: JitterAlgorithm): Distribution {
    const shape = sample.snapshot(jitter);
    // What is least or greatest along the drift that was known on the way need not be so along the one that is known now.
    const min = Math.min(this.#min, shape.min ?? Infinity);
    const max = Math.max(this.#max, shape.max ?? -Infinity);
    const within = (value: number | null) => value === null ? null : Math.min(Math.max(value, min), max);
    return {
      ...shape,
      count: this.count,
      min,
      max,
      mean: this.#sum / this.count,
      p50: within(shape.p50),
      p90: within(shape.p90),
      p95: within(shape.p95),
      p99: within(shape.p99),
      p999: within(shape.p999),
      jitter: jitter === "rfc1889" && this.count > 1 ? this.#smoothed : shape.jitter,
    };
  }
}
