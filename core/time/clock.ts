/**
 * The two kinds of time, and the only way core gets at them.
 *
 * They cannot be mixed by mistake: monotonic time is one number, wall time is a pair of words. Neither costs an
 * allocation.
 *
 * @module
 */

/** Nanoseconds of monotonic time since an arbitrary origin; exact for 104 days (2^53). */
export type Mono = number;

/** A signed span in nanoseconds. */
export type Nanos = number;

/** The only source of time; core never reads a clock by itself. */
export interface Clock {
  /** Now, in nanoseconds; never goes backward. */
  mono(): Mono;
  /** Writes UNIX seconds and nanoseconds of now to `out[at]` and `out[at + 1]`. */
  wall(out: Uint32Array, at: number): void;
  /** What RFC 4656 section 4.1.2 calls the Error Estimate, as its 16 wire bits. */
  readonly errorEstimate: number;
  /** Times the wall clock was set since this clock was made, as far as it can tell. */
  readonly steps?: number;
  /** The last of them; undefined before the first. */
  readonly lastStep?: ClockStep | undefined;
}

/** A jump of the wall clock against the monotonic one. */
export interface ClockStep {
  /** When it was noticed; it happened at most one look earlier. */
  readonly at: Mono;
  /** Forward is positive. */
  readonly by: Nanos;
}

/**
 * The span from one wall stamp to another, in nanoseconds, signed.
 *
 * Computed from differences of words, so that a sub-microsecond span is not lost in a double of UNIX seconds.
 */
export function wallSpan(stamps: Uint32Array, from: number, to: number): Nanos {
  return (stamps[to] - stamps[from]) * 1e9 + (stamps[to + 1] - stamps[from + 1]);
}
