/**
 * How sockets of one thread wait for datagrams although no runtime tells when a descriptor is readable. The reasons and
 * the numbers are in docs/decisions/0009.
 *
 * A short wait blocks in the system call, to the microsecond. A long one sleeps: the system sends SIGIO when something
 * comes (signal-driven I/O), the runtime's event loop is free, and nothing runs meanwhile. Where there is no such signal
 * (in workers, on other systems) a long wait is made of short ones.
 *
 * @module
 */
import process from "node:process";
import { isMainThread } from "node:worker_threads";
import type { Mono } from "../../../core/time/clock.ts";

/** Without a turn of the event loop for so long, one is taken: timers, signals and outputs need it. */
const TURN_NS = 5e6;
/** Later than this even right before a departure. */
const TURN_OVERDUE_NS = 15e6;
/** Not taken right before a departure. */
const TURN_MARGIN_NS = 100_000;
/**
 * So many rounds of the event loop are a turn: Deno looks for signals only every 61 steps of its scheduler, which took
 * up to 50 rounds, and so an interrupt up to 230 ms. Eight of them take some 40 µs.
 */
const TURN_ROUNDS = 8;
/** Up to here a wait blocks: the timers of the runtimes are up to 1.1 ms late. */
export const SHORT_NS = 2.5e6;
/** A sleep ends this long before its time; the rest is a short wait. */
const COARSE_NS = 2e6;
/** The longest sleep: should a signal be lost, this is what it costs. */
const HEARTBEAT_NS = 1e9;
/** A wait without signals looks after timers and other sockets this often. */
const SLICE_NS = 20e6;

/** What waiting needs of the system. */
export interface Poller {
  mono(): Mono;
  /** Blocks until one of `descriptors` is readable, for `ns` at most; how many are, or -1 if a signal came. */
  poll(descriptors: readonly number[], ns: number): number;
  /** Has SIGIO sent when `descriptor` becomes readable, or not any more. Absent where the system cannot. */
  arm?(descriptor: number, on: boolean): void;
}

/** A socket that sleeps. */
export interface Sleeper {
  readonly descriptor: number;
  readonly until: Mono;
  /** Something may have come, or it is time: ends the sleep. */
  rouse(): void;
  timer?: ReturnType<typeof setTimeout> | undefined;
}

/** The waits of one thread. */
export class Waits {
  readonly #poller: Poller;
  readonly #sleepers: Sleeper[] = [];
  readonly #arm: ((descriptor: number, on: boolean) => void) | undefined;
  #turned: Mono;
  #slicing = false;

  constructor(poller: Poller) {
    this.#poller = poller;
    this.#turned = poller.mono();
    // Only the main thread is told of signals. The listener stays: without it SIGIO would end the process.
    if (!isMainThread || poller.arm === undefined) return;
    try {
      process.on("SIGIO", this.#roused);
      this.#arm = poller.arm.bind(poller);
    } catch {
      // This runtime does not have that signal: waits are sliced.
    }
  }

  /** Whether the event loop should have a turn before anything else; `until` is when there is something to do. */
  isTurnDue(now: Mono, until: Mono): boolean {
    const since = now - this.#turned;
    return since > TURN_OVERDUE_NS || (since > TURN_NS && (until < now || until - now > TURN_MARGIN_NS));
  }

  /** One turn of the event loop. */
  turn(): Promise<void> {
    return new Promise((resolve) => {
      let left = TURN_ROUNDS;
      const round = () => {
        if (--left > 0) return void setImmediate(round);
        this.#turned = this.#poller.mono();
        resolve();
      };
      setImmediate(round);
    });
  }

  /** A signal came while somebody blocked: the next wait lets the event loop see to it. */
  interrupted(): void {
    this.#turned = -Infinity;
  }

  /** Whether others of this thread sleep who cannot be roused while somebody blocks. */
  get mustShare(): boolean {
    return this.#arm === undefined && this.#sleepers.length > 0;
  }

  /** Puts `sleeper` to sleep until it is readable or its time is near; it is roused once. */
  sleep(sleeper: Sleeper, now: Mono): void {
    this.#sleepers.push(sleeper);
    if (this.#arm === undefined) {
      this.#slice();
      return;
    }
    this.#arm(sleeper.descriptor, true);
    // What came before it was armed sends no signal.
    const isReadable = this.#poller.poll([sleeper.descriptor], 0) !== 0;
    const ns = isReadable ? 0 : Math.min(sleeper.until - now - COARSE_NS, HEARTBEAT_NS);
    sleeper.timer = setTimeout(this.#rouse, Math.max(ns, 0) / 1e6, sleeper);
  }

  readonly #rouse = (sleeper: Sleeper): void => {
    if (!this.forget(sleeper)) return;
    this.#turned = this.#poller.mono();
    sleeper.rouse();
  };

  /** Ends a sleep from outside; false if there was none. */
  forget(sleeper: Sleeper): boolean {
    const at = this.#sleepers.indexOf(sleeper);
    if (at < 0) return false;
    this.#sleepers.splice(at, 1);
    clearTimeout(sleeper.timer);
    this.#arm?.(sleeper.descriptor, false);
    return true;
  }

  readonly #roused = (): void => {
    for (const sleeper of [...this.#sleepers]) {
      if (this.#poller.poll([sleeper.descriptor], 0) !== 0) this.#rouse(sleeper);
    }
  };

  /** Blocks for all sleepers together, a slice at a time with turns of the event loop between. */
  #slice(): void {
    if (this.#slicing) return;
    this.#slicing = true;
    setImmediate(() => {
      this.#slicing = false;
      if (this.#sleepers.length === 0) return;
      const now = this.#turned = this.#poller.mono();
      const until = Math.min(...this.#sleepers.map((sleeper) => sleeper.until));
      const descriptors = this.#sleepers.map((sleeper) => sleeper.descriptor);
      this.#poller.poll(descriptors, Math.min(Math.max(until - now, 0), SLICE_NS));
      const after = this.#poller.mono();
      for (const sleeper of [...this.#sleepers]) {
        if (sleeper.until <= after || this.#poller.poll([sleeper.descriptor], 0) !== 0) this.#rouse(sleeper);
      }
      if (this.#sleepers.length > 0) this.#slice();
    });
  }
}
