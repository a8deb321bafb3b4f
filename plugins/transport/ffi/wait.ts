/**
 * How sockets of one thread wait for datagrams although no runtime tells when a descriptor is readable. The reasons and
 * the numbers are in docs/decisions/0009.
 *
 * A short wait blocks in the system call, to the microsecond. A long one sleeps: the system sends SIGIO when something
 * comes (signal-driven I/O), the runtime's event loop is free, and nothing runs meanwhile. Where there is no such signal
 * (in workers, on other systems) a long wait is made of short ones.
 *
 * A socket that waits alone blocks for itself (waiting.ts). As soon as there are two, one loop here waits for all.
 *
 * @module
 */
import process from "node:process";
import { isMainThread } from "node:worker_threads";
import type { Mono } from "../../../core/time/clock.ts";
import { type PollSet, type Waiter, Waiters } from "./waiters.ts";

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
/** While datagrams come closer than this, a wait blocks: the next one is nearly there. */
export const BUSY_NS = 1e6;
/** The last stretch that a precise wait spins through; the system wakes a blocked thread within it. */
export const SPIN_NS = 150_000;
/** A sleep ends this long before its time; the rest is a short wait. */
const COARSE_NS = 2e6;
/** The longest sleep: should a signal be lost, this is what it costs. */
const HEARTBEAT_NS = 1e9;
/** A wait without signals looks after timers this often. */
const SLICE_NS = 20e6;
/**
 * Who was roused is back after so many steps of the queue of promises, one or two as a rule; if not, after a turn of the
 * event loop, or it has ended or waits for something else.
 */
const HOPS = 32;
/** So many are waited in any case: what others do because of it should not have to wait for the next datagram. */
const LEAST_HOPS = 4;

/** What waiting needs of the system. */
export interface Poller {
  readonly set: PollSet;
  mono(): Mono;
  /** Has SIGIO sent when `descriptor` becomes readable, or not any more. Absent where the system cannot. */
  arm?(descriptor: number, on: boolean): void;
}

/** The waits of one thread. */
export class Waits {
  readonly #poller: Poller;
  readonly #waiters: Waiters;
  readonly #arm: ((descriptor: number, on: boolean) => void) | undefined;
  #turned: Mono;
  /** When something last came. */
  #arrived: Mono = -Infinity;
  #isServing = false;
  #endNap: (() => void) | undefined;

  constructor(poller: Poller) {
    this.#poller = poller;
    this.#waiters = new Waiters(poller.set);
    this.#turned = poller.mono();
    // Only the main thread is told of signals. The listener stays: without it SIGIO would end the process.
    if (!isMainThread || poller.arm === undefined) return;
    try {
      process.on("SIGIO", () => this.#endNap?.());
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

  /** One turn of the event loop. Others who begin to wait meanwhile see that `waiter` will be back. */
  turn(waiter?: Waiter): Promise<void> {
    if (waiter !== undefined) {
      this.#waiters.enter(waiter);
      this.#waiters.release(waiter);
    }
    return this.#rounds(TURN_ROUNDS);
  }

  #rounds(left: number): Promise<void> {
    return new Promise((resolve) => {
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

  /** `waiter` is back; whether others wait too, so that it has to wait with them and must not block for itself. */
  isShared(waiter: Waiter): boolean {
    if (this.#waiters.count === 0) return false;
    this.#waiters.back(waiter);
    if (this.#waiters.count > 1 || waiter.slot < 0) return true;
    this.leave(waiter);
    return false;
  }

  /** `waiter` waits with the others, or sleeps alone; it is roused once. */
  wait(waiter: Waiter): void {
    this.#waiters.enter(waiter);
    this.#endNap?.();
    if (this.#isServing) return;
    this.#isServing = true;
    void this.#serve();
  }

  /** Ends a wait from outside; false if there was none. */
  release(waiter: Waiter): boolean {
    if (waiter.slot < 0 || waiter.isAway) return false;
    this.#waiters.release(waiter);
    return true;
  }

  /** `waiter` is gone, and its descriptor may be another's. */
  leave(waiter: Waiter): void {
    this.#disarm(waiter);
    this.#waiters.leave(waiter);
    if (this.#waiters.count === 0) this.#endNap?.();
  }

  #disarm(waiter: Waiter): void {
    if (!waiter.isArmed) return;
    waiter.isArmed = false;
    this.#arm?.(waiter.descriptor, false);
  }

  /** Serves all who wait, until one at most is left: that one goes on for itself. */
  async #serve(): Promise<void> {
    const waiters = this.#waiters;
    if (waiters.count === 1) await this.#sleepOfOne(waiters.at(0));
    else await undefined;
    for (;;) {
      if (waiters.away > 0) await this.#gather();
      if (waiters.count < 2) break;
      const now = this.#poller.mono();
      if (this.isTurnDue(now, Math.max(waiters.next, now))) await this.turn();
      else {
        const waiter = waiters.pick(now);
        if (waiter !== undefined) this.#rouse(waiter, now);
        else if (this.#isIdle(now)) await this.#rest(now);
        else this.#poll(SHORT_NS);
      }
    }
    this.#isServing = false;
    if (waiters.count === 0) return;
    const last = waiters.at(0);
    this.leave(last);
    last.resume();
  }

  #rouse(waiter: Waiter, now: Mono): void {
    this.#disarm(waiter);
    waiter.isQueued = false;
    waiter.rousedAt = now;
    if (waiter.rouse(now, waiter.events)) this.#waiters.release(waiter);
  }

  /** Waits until all who were roused are back; who is not has ended, or waits for something else. */
  async #gather(): Promise<void> {
    const waiters = this.#waiters;
    for (let hop = 0; hop < LEAST_HOPS || (waiters.away > 0 && hop < HOPS); hop++) await undefined;
    if (waiters.away === 0) return;
    await this.turn();
    for (let i = waiters.count - 1; i >= 0; i--) if (waiters.at(i).isAway) this.leave(waiters.at(i));
  }

  /** One wait for all, for `most` nanoseconds or until the earliest is due. */
  #poll(most: number): void {
    const waiters = this.#waiters;
    const { set } = this.#poller;
    const until = waiters.look();
    const spins = waiters.soonest?.precise === true;
    const ns = Math.min(until - this.#poller.mono(), most);
    let n = set.wait(Math.max(spins ? ns - SPIN_NS : ns, 0));
    let now = this.#poller.mono();
    if (spins && n === 0 && until - now < SPIN_NS) {
      // What comes meanwhile is not left lying: the program's own T4 would be as late.
      for (; now < until && (n = set.wait(0)) === 0; now = this.#poller.mono());
    }
    if (n < 0) this.interrupted();
    else if (n > 0) this.#arrived = now;
    waiters.queue(n, now);
  }

  #isIdle(now: Mono): boolean {
    return now - this.#arrived > BUSY_NS && this.#waiters.look() - now > SHORT_NS;
  }

  /** Sleeps where there are signals; elsewhere the event loop has a round, and the wait goes on. */
  async #rest(now: Mono): Promise<void> {
    if (this.#arm === undefined) await this.#rounds(1);
    else await this.#nap(this.#waiters.look() - now);
    // Who was let go or has come meanwhile is seen to first.
    if (this.#waiters.away === 0 && this.#waiters.count > 1) this.#poll(this.#arm === undefined ? SLICE_NS : 0);
  }

  async #sleepOfOne(waiter: Waiter): Promise<void> {
    if (this.#arm !== undefined) return await this.#nap(waiter.until - this.#poller.mono());
    for (let left = 1; left > 0;) {
      await this.#rounds(1);
      if (this.#waiters.count !== 1 || waiter.slot < 0 || waiter.isAway) return;
      if (this.#poller.set.wait(Math.min(Math.max(waiter.until - this.#turned, 0), SLICE_NS)) !== 0) return;
      left = waiter.until - this.#poller.mono();
    }
  }

  /** Sleeps until a signal, or until shortly before `left` nanoseconds are over. */
  #nap(left: number): Promise<void> | void {
    const waiters = this.#waiters;
    for (let i = 0; i < waiters.count; i++) {
      const waiter = waiters.at(i);
      if (waiter.isArmed) continue;
      waiter.isArmed = true;
      this.#arm!(waiter.descriptor, true);
    }
    // What came before it was armed sends no signal.
    const ns = this.#poller.set.wait(0) !== 0 ? 0 : Math.min(left - COARSE_NS, HEARTBEAT_NS);
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#endNap?.(), Math.max(ns, 0) / 1e6);
      this.#endNap = () => {
        this.#endNap = undefined;
        clearTimeout(timer);
        this.#turned = this.#poller.mono();
        resolve();
      };
    });
  }
}
