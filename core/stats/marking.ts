/**
 * With which TOS octets packets arrived, counted octet by octet: 256 numbers a direction, however long the run.
 *
 * @module
 */
import type { ProbeRecord } from "../record.ts";
import type { Marking, TosCount } from "../snapshot.ts";

/** Counts one session's octets, of probes answered in time. */
export class Markings {
  // Doubles: a count of 32 bits would wrap in a run of months.
  readonly #forward = new Float64Array(256);
  readonly #backward = new Float64Array(256);

  /** Takes a reply. */
  record({ tosForward, tosBackward }: Readonly<ProbeRecord>): void {
    if (tosForward >= 0) this.#forward[tosForward & 0xff]++;
    if (tosBackward >= 0) this.#backward[tosBackward & 0xff]++;
  }

  /** Adds what `other` has seen. */
  merge(other: Markings): void {
    for (let tos = 0; tos < 256; tos++) {
      this.#forward[tos] += other.#forward[tos];
      this.#backward[tos] += other.#backward[tos];
    }
  }

  /** What is known now; null where nothing was told. */
  snapshot(sent: number | null, replies: number | null): Marking | null {
    const [forward, backward] = [counted(this.#forward), counted(this.#backward)];
    return forward.length + backward.length === 0 ? null : { sent, replies, forward, backward };
  }
}

function counted(counts: Float64Array): TosCount[] {
  return Array.from(counts, (count, tos) => ({ tos, count })).filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count || a.tos - b.tos);
}
