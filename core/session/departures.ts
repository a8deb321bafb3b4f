/**
 * When probes really left: what the kernel or the network card says of it later takes the place of the program's own T1.
 *
 * @module
 */
import { type Batch, SlotFlag, type TxStamps } from "../batch.ts";
import { ProbeFlag } from "../record.ts";
import type { SenderCounters } from "../snapshot.ts";
import type { Nanos } from "../time/clock.ts";
import type { StampSource } from "../transport.ts";
import type { TestFormat } from "../wire/format.ts";
import { ProbeState, type Window } from "./window.ts";

/** Departures of one session's probes. */
export class Departures {
  readonly #format: TestFormat;
  readonly #window: Window;
  readonly #timeout: Nanos;
  readonly #counters: SenderCounters;

  constructor(format: TestFormat, window: Window, timeout: Nanos, counters: SenderCounters) {
    this.#format = format;
    this.#window = window;
    this.#timeout = timeout;
    this.#counters = counters;
  }

  /**
   * Replaces T1 by the time at which the probe left this host, where that is known and its reply has not been read yet;
   * the network card's replaces the kernel's. What cannot be is left: earlier than the program's own T1, or more than a
   * timeout later.
   */
  take(stamps: TxStamps, oldest: number, next: number): void {
    const { t1, t1Source, txLag, state, mask } = this.#window;
    for (let i = 0; i < stamps.count; i++) {
      const seq = next - 1 - ((next - 1 - stamps.token[i]) >>> 0);
      if (seq < oldest) continue;
      const row = seq & mask;
      if (state[row] !== ProbeState.PENDING) continue;
      const source = stamps.flags[i] & SlotFlag.HARDWARE_STAMP ? ProbeFlag.T1_HARDWARE : ProbeFlag.T1_KERNEL;
      if (source <= t1Source[row]) continue; // the bits are in the order of what is better
      const since = (stamps.stamp[2 * i] - t1[2 * row]) * 1e9 + (stamps.stamp[2 * i + 1] - t1[2 * row + 1]);
      const lag = since + txLag[row];
      if (lag < 0 || lag > this.#timeout) continue;
      t1[2 * row] = stamps.stamp[2 * i];
      t1[2 * row + 1] = stamps.stamp[2 * i + 1];
      txLag[row] = lag;
      if (lag > this.#counters.longestHeld) this.#counters.longestHeld = lag;
      t1Source[row] = source;
    }
  }

  /** Whether a reply in `rx`, already handed over, answers a probe whose transmit time by `source`, or a better one, is not known yet. */
  lackedBy(rx: Batch, source: StampSource): boolean {
    const least = source === "hardware" ? ProbeFlag.T1_HARDWARE : ProbeFlag.T1_KERNEL;
    const { t1Source, state, mask } = this.#window;
    const { SENDER_SEQ, SHORTEST_REPLY } = this.#format.offsets;
    for (let slot = 0; slot < rx.count; slot++) {
      if (rx.length[slot] < SHORTEST_REPLY) continue;
      const row = rx.view.getUint32(slot * rx.stride + SENDER_SEQ) & mask;
      if (state[row] === ProbeState.PENDING && t1Source[row] < least) return true;
    }
    return false;
  }
}
