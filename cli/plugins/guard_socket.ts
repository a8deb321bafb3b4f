/**
 * Sockets of transports from files: each call of one may throw, come to nonsense, or never return.
 *
 * @module
 */
import type { Batch, TxStamps } from "../../core/batch.ts";
import type { Clock, Mono } from "../../core/time/clock.ts";
import type { DatagramSocket, Stamp } from "../../core/transport.ts";
import { ForwardingSocket } from "../../plugins/transport/forwarding.ts";
import type { Guard } from "./guard.ts";

/** A wait that is over, or a datagram that is to be sent, is waited for this much longer. */
const GRACE_MS = 2000;
/** The longest time that a timer can have. */
const LONGEST_MS = 2 ** 31 - 1;

/** What a method promised, or what `late` comes to if that is not kept; it is called at once when somebody wakes the socket, and that does not help. */
class Patience {
  #hurry: () => void = () => {};

  async wait(promised: Promise<number>, ms: number, late: () => number): Promise<number> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const overdue = new Promise<"overdue">((resolve) => {
      const after = (wait: number) => {
        clearTimeout(timer);
        timer = setTimeout(() => resolve("overdue"), Math.min(wait + GRACE_MS, LONGEST_MS));
      };
      if (ms < Infinity) after(ms);
      this.#hurry = () => after(0);
    });
    try {
      const came = await Promise.race([promised, overdue]);
      return came === "overdue" ? late() : came;
    } finally {
      clearTimeout(timer);
      this.#hurry = () => {};
    }
  }

  hurry(): void {
    this.#hurry();
  }
}

/** As good as closed once it threw: that ends the loops that use it. */
export class GuardedSocket extends ForwardingSocket {
  readonly #clock: Clock;
  readonly #guard: Guard;
  readonly #receiving = new Patience();
  readonly #sending = new Patience();

  constructor(inner: DatagramSocket, clock: Clock, guard: Guard) {
    super(inner);
    this.#clock = clock;
    this.#guard = guard;
    if (inner.txStamps !== undefined) this.txStamps = (out, until) => this.#txStamps(out, until);
  }

  override get sendErrors() {
    return this.inner.sendErrors ?? 0;
  }
  override get lostInHost() {
    return this.inner.lostInHost ?? null;
  }
  override get overflows() {
    return this.inner.overflows ?? 0;
  }
  override get isClosed() {
    return this.#guard.off || this.inner.isClosed;
  }

  override receive(rx: Batch, until: Mono): number | Promise<number> {
    if (this.#guard.off) return nothing(rx);
    try {
      const count = this.inner.receive(rx, until);
      if (typeof count === "number") return this.#counted(rx, count);
      const came = count.then((n) => this.#counted(rx, n), (error) => {
        this.#failed("receive", error);
        return nothing(rx);
      });
      return this.#receiving.wait(came, Math.max(0, until - this.#clock.mono()) / 1e6, () => {
        this.#late("receive");
        return nothing(rx);
      });
    } catch (error) {
      this.#failed("receive", error);
      return nothing(rx);
    }
  }

  override send(tx: Batch, stamp?: Stamp, together?: number): number | Promise<number> {
    if (this.#guard.off) return 0;
    try {
      const left = this.inner.send(tx, stamp, together);
      if (typeof left === "number") return left;
      return this.#sending.wait(left.catch((error) => this.#failed("send", error)), 0, () => this.#late("send"));
    } catch (error) {
      return this.#failed("send", error);
    }
  }

  #txStamps(out: TxStamps, until?: Mono): number {
    out.count = 0;
    if (this.#guard.off) return 0;
    try {
      return this.inner.txStamps!(out, until);
    } catch (error) {
      out.count = 0;
      return this.#failed("txStamps", error);
    }
  }

  override wake(): void {
    try {
      this.inner.wake();
    } catch (error) {
      this.#failed("wake", error);
    }
    this.#receiving.hurry();
  }

  override close(): void {
    try {
      this.inner.close();
    } catch (error) {
      this.#failed("close", error);
    }
  }

  #counted(rx: Batch, count: number): number {
    if (Number.isInteger(rx.count) && rx.count >= 0 && rx.count <= rx.capacity) return count;
    this.#guard.failForGood(this.#guard.says(`receive left count ${rx.count} in a batch of ${rx.capacity}`));
    return nothing(rx);
  }

  #late(name: string): number {
    this.#guard.failForGood(this.#guard.says(`${name} has not returned in time`));
    return 0;
  }

  #failed(name: string, error: unknown): number {
    this.#guard.failForGood(this.#guard.threw(name, error));
    try {
      this.inner.wake();
    } catch {
      // It is switched off already.
    }
    return 0;
  }
}

function nothing(rx: Batch): number {
  return rx.count = 0;
}
