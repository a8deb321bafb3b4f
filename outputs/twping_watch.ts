/**
 * What the forms of `twping` need of the probes and the snapshot does not have: TTLs, the first and the last departure.
 *
 * @module
 */
import { ProbeFlag, type ProbeRecord } from "../core/record.ts";
import { outcome } from "./fields.ts";

/** Stands for a TTL that nobody has read, as twping has it. */
export const NO_TTL = 255;

/** Counts in constant memory. */
export class Watch {
  /** Replies by the TTL of the probe as it arrived there, and by their own. */
  readonly forward = new Float64Array(256);
  readonly backward = new Float64Array(256);
  /** T1 of the lowest and of the highest number, seconds and nanoseconds. */
  readonly first = new Uint32Array(2);
  readonly last = new Uint32Array(2);
  /** Copies made on the way there. */
  copiedOutbound = 0;
  /** UDP payload octets of the largest probe; 0 before there was one. */
  largest = 0;
  #lowest = Infinity;
  #highest = -1;

  /** Takes one record, whatever it is. */
  see({ seq, flags, stamps, size, ttlForward, ttlBackward }: Readonly<ProbeRecord>): void {
    const what = outcome(flags);
    if (what === "duplicate" && (flags & ProbeFlag.COPIED_OUTBOUND) !== 0) this.copiedOutbound++;
    if (what !== "received" && what !== "lost") return;
    if (size > this.largest) this.largest = size;
    if (seq < this.#lowest) {
      this.#lowest = seq;
      copyT1(stamps, this.first);
    }
    if (seq > this.#highest) {
      this.#highest = seq;
      copyT1(stamps, this.last);
    }
    if (what === "lost") return;
    this.forward[ttlOf(ttlForward)]++;
    this.backward[ttlOf(ttlBackward)]++;
  }
}

function copyT1(stamps: Uint32Array, to: Uint32Array): void {
  to[0] = stamps[0];
  to[1] = stamps[1];
}

/** What stands in a column for a TTL. */
export function ttlOf(ttl: number): number {
  return Number.isNaN(ttl) ? NO_TTL : ttl & 0xff;
}
