/**
 * How a socket of system calls waits, whatever the calls are.
 *
 * @module
 */
import type { Batch } from "../../../core/batch.ts";
import type { Clock, Mono } from "../../../core/time/clock.ts";
import { BUSY_NS, SHORT_NS, type Waits } from "./wait.ts";
import { Waiter } from "./waiters.ts";

/** A socket that reads and blocks; when it does which is here. */
export abstract class WaitingSocket extends Waiter {
  readonly #waits: Waits;
  readonly #clock: Clock;
  #lastArrival: Mono = -Infinity;
  #woken = false;
  /** Its descriptor is given back, and may be that of another socket already. */
  #isClosed = false;
  /** The wait under way has what it waited for. */
  #over = false;
  #rx: Batch | undefined;
  #resolve: ((n: number | Promise<number>) => void) | undefined;

  constructor(waits: Waits, clock: Clock) {
    super();
    this.#waits = waits;
    this.#clock = clock;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Fills `rx` with what is queued, at once; how many. Never throws. */
  protected abstract read(rx: Batch): number;
  /** Blocks until a datagram or for `ns` at most, which ends at `until` or before; false if a signal came. */
  protected abstract block(ns: number, until: Mono): boolean;

  receive(rx: Batch, until: Mono): number | Promise<number> {
    this.#over = false;
    for (;;) {
      const came = this.#step(rx, until);
      if (typeof came !== "number") return this.#resolve === undefined ? this.#finish(came, rx, until) : came;
      if (this.#over) return came;
    }
  }

  async #finish(coming: Promise<number>, rx: Batch, until: Mono): Promise<number> {
    for (let step: number | Promise<number> = coming;; step = this.#step(rx, until)) {
      const came = await step;
      if (came > 0 || this.#over) return came;
    }
  }

  /** One look, and one wait if there was nothing: short ones block, long ones sleep. Sets `#over` when it is enough. */
  #step(rx: Batch, until: Mono): number | Promise<number> {
    if (this.#isClosed) return this.#nothing(rx);
    const waits = this.#waits;
    // Not even a look: the others' turns come first, and one call looks for all.
    if (waits.isShared(this)) return this.#wait(rx, until);
    const n = this.read(rx);
    const now = this.#clock.mono();
    if (n > 0) this.#lastArrival = now;
    this.#over = n > 0 || this.#woken || until <= now;
    // Whatever ends a wait, a wake has had its effect: it must not end the next one too.
    if (this.#over) this.#woken = false;
    if (waits.turns.isDue(now, until)) return this.#turn(n);
    if (this.#over) return n;
    const left = until - now;
    if (left > SHORT_NS && now - this.#lastArrival > BUSY_NS) return this.#wait(rx, until);
    if (!this.block(Math.min(left, SHORT_NS), until)) waits.turns.interrupted();
    return 0;
  }

  #nothing(rx: Batch): number {
    this.#over = true;
    return rx.count = 0;
  }

  async #turn(n: number): Promise<number> {
    await this.#waits.turn(this);
    return n;
  }

  #wait(rx: Batch, until: Mono): Promise<number> {
    this.#rx = rx;
    this.until = this.#woken ? -Infinity : until;
    return new Promise((resolve) => {
      this.#resolve = resolve;
      this.#waits.wait(this);
    });
  }

  rouse(now: Mono, _events: number): boolean {
    const n = this.read(this.#rx!);
    if (n > 0) this.#lastArrival = now;
    else if (this.until > now) return false;
    this.#end(n);
    return true;
  }

  resume(): void {
    const resolve = this.#resolve!;
    this.#resolve = undefined;
    resolve(this.receive(this.#rx!, this.until));
  }

  /** Ends a wait with others. */
  #end(n: number): void {
    const resolve = this.#resolve;
    this.#resolve = undefined;
    this.#woken = false;
    this.#over = true;
    resolve?.(n);
  }

  /** Ends a wait. */
  wake(): void {
    this.#woken = true;
    if (this.#waits.release(this)) this.#end(this.read(this.#rx!));
  }

  /** The last that is done with the descriptor before it is given back. */
  protected retire(): void {
    this.wake();
    this.#isClosed = true;
    this.#waits.leave(this);
  }
}
