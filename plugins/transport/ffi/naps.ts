/**
 * Sleeps of a thread that a datagram ends: the system sends SIGIO (signal-driven I/O), the runtime's event loop is free,
 * and nothing runs meanwhile.
 *
 * @module
 */
import process from "node:process";
import { isMainThread } from "node:worker_threads";
import type { Waiter, Waiters } from "./waiters.ts";

/** A sleep ends this long before its time, for the timers of the runtimes are up to 1.1 ms late. */
const COARSE_NS = 2e6;
/** The longest sleep: should a signal be lost, this is what it costs. */
const HEARTBEAT_NS = 1e9;

/** Has SIGIO sent when `descriptor` becomes readable, or not any more. */
export type Arm = (descriptor: number, on: boolean) => void;

/** The sleeps of one thread. */
export class Naps {
  /** There are signals; not in workers, nor on other systems. */
  readonly arePossible: boolean;
  readonly #arm: Arm;
  #end: (() => void) | undefined;

  constructor(arm: Arm | undefined) {
    this.#arm = arm ?? (() => {});
    this.arePossible = arm !== undefined && isMainThread && this.#listen();
  }

  /** The listener stays: without one SIGIO would end the process. */
  #listen(): boolean {
    try {
      process.on("SIGIO", this.#over);
      return true;
    } catch {
      return false; // this runtime does not have that signal
    }
  }

  /** Sleeps until something comes for one of `waiters`, or until shortly before `left` nanoseconds are over. */
  take(waiters: Waiters, left: number, then: () => void): void {
    for (let i = 0; i < waiters.count; i++) {
      const waiter = waiters.at(i);
      if (!waiter.isArmed) this.#arm(waiter.descriptor, waiter.isArmed = true);
    }
    // What came before it was armed sends no signal.
    const ns = waiters.poll(0) !== 0 ? 0 : Math.min(left - COARSE_NS, HEARTBEAT_NS);
    const timer = setTimeout(this.#over, Math.max(ns, 0) / 1e6);
    this.#end = () => {
      this.#end = undefined;
      clearTimeout(timer);
      then();
    };
  }

  /** Ends the one under way, if there is one. */
  end(): void {
    this.#end?.();
  }

  readonly #over = (): void => this.end();

  /** Nothing is sent for `waiter` any more: who is busy is to cost no signals. */
  disarm(waiter: Waiter): void {
    if (waiter.isArmed) this.#arm(waiter.descriptor, waiter.isArmed = false);
  }
}
