/**
 * Something whose cost a packet is measured.
 *
 * @module
 */
import { EPOCH, TestClock } from "../../tests/support/sim.ts";
import type { Watch } from "./stopwatch.ts";

/** Slots of a batch, and batches a stretch of time: long enough to be timed, small enough for the cache. */
export const SLOTS = 64;
export const BATCHES = 4;
export const PACKETS = SLOTS * BATCHES;

/** The work of full TWAMP, which has a table of its own. */
export const SEALED = "sealed";

/** One of them. */
export interface Case {
  readonly name: string;
  /** What it is put beside: the same `work` and `octets` done by the naive code. */
  readonly work: string;
  readonly octets: number;
  /** For sealed packets: the case that does nothing but their ciphers and MACs. */
  readonly crypto?: string;
  /** Handles {@linkcode PACKETS} packets; what the watch sees is what counts. */
  pass(watch: Watch): void;
}

/** Time that a case moves itself: a real clock costs 30 to 120 ns, and would be most of what is measured. */
export class SteppedClock extends TestClock {
  /** The same for code that has whole times in one bigint. */
  nanos(): bigint {
    return BigInt(EPOCH) * 1_000_000_000n + BigInt(this.now);
  }
}
