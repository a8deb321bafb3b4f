/**
 * Adds up short stretches of time between stretches that do not count (putting the next probes in place).
 *
 * @module
 */

/** What a case tells where the stretch that counts begins and ends. */
export interface Watch {
  start(): void;
  stop(): void;
}

/** Looks away: asking for the time makes garbage of its own. */
export const BLIND: Watch = { start() {}, stop() {} };

/** Nanoseconds between `start` and `stop`, less what asking for the time costs. */
export class Stopwatch implements Watch {
  #sum = 0;
  #pairs = 0;
  #from = 0;

  start(): void {
    this.#from = performance.now();
  }
  stop(): void {
    this.#sum += performance.now() - this.#from;
    this.#pairs++;
  }
  /** The time so far, and begins anew. */
  take(): number {
    const nanos = this.#sum * 1e6 - this.#pairs * OVERHEAD_NS;
    this.#sum = this.#pairs = 0;
    return nanos;
  }
}

/** What an empty stretch is taken for: 40 to 120 ns, much beside 64 packets of 15 ns. */
const OVERHEAD_NS = emptyStretch();

function emptyStretch(): number {
  const pairs = 200_000;
  let sum = 0;
  for (let i = 0; i < pairs; i++) {
    const from = performance.now();
    sum += performance.now() - from;
  }
  return sum * 1e6 / pairs;
}
