/**
 * How sockets of one thread wait for datagrams although no runtime tells when a descriptor is readable. The reasons and
 * the numbers are in docs/decisions/0009.
 *
 * A short wait blocks in the system call, to the microsecond. A long one sleeps where there are signals; elsewhere it is
 * made of short ones. A socket that waits alone blocks for itself (waiting.ts). As soon as there are two, one loop here
 * waits for all, and they have their turns one after another.
 *
 * @module
 */
import type { Mono } from "../../../core/time/clock.ts";
import { type Arm, Naps } from "./naps.ts";
import { Turns } from "./turns.ts";
import { type PollSet, type Waiter, Waiters } from "./waiters.ts";

/** Up to here a wait blocks: the timers of the runtimes are up to 1.1 ms late. */
export const SHORT_NS = 2.5e6;
/** While datagrams come closer than this, a wait blocks: the next one is nearly there. */
export const BUSY_NS = 1e6;
/** The last stretch that a precise wait spins through; the system wakes a blocked thread within it. */
export const SPIN_NS = 150_000;
/** A wait without signals lets the event loop look after timers this often. */
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
  /** Absent where the system cannot. */
  arm?: Arm;
}

/** The waits of one thread. */
export class Waits {
  readonly turns: Turns;
  readonly #mono: () => Mono;
  readonly #waiters: Waiters;
  readonly #naps: Naps;
  /** When something last came. */
  #arrived: Mono = -Infinity;
  #isServing = false;

  constructor(poller: Poller) {
    this.#mono = () => poller.mono();
    this.#waiters = new Waiters(poller.set);
    this.#naps = new Naps(poller.arm?.bind(poller));
    this.turns = new Turns(this.#mono);
  }

  /** A turn of the event loop, for `waiter`. Others who begin to wait meanwhile see that it will be back. */
  turn(waiter: Waiter): Promise<void> {
    this.#waiters.enter(waiter);
    this.#waiters.release(waiter);
    return this.turns.take();
  }

  /** `waiter` is back; whether others wait too, so that it has to wait with them and must not block for itself. */
  isShared(waiter: Waiter): boolean {
    if (this.#waiters.count === 0) return false;
    this.#waiters.back(waiter);
    if (this.#waiters.count > 1 || waiter.slot < 0) return true;
    this.leave(waiter);
    return false;
  }

  /** `waiter` waits with the others, or sleeps alone; it is roused or resumed once. */
  wait(waiter: Waiter): void {
    this.#waiters.enter(waiter);
    this.#naps.end();
    if (this.#isServing) return;
    this.#isServing = true;
    if (this.#waiters.count > 1) void this.#serve();
    else if (this.#naps.arePossible) this.#naps.take(this.#waiters, waiter.until - this.#mono(), this.#sleptAlone);
    else void this.#slices(waiter).then(this.#goOn);
  }

  /** Ends a wait from outside; false if there was none. */
  release(waiter: Waiter): boolean {
    if (waiter.slot < 0 || waiter.isAway) return false;
    this.#waiters.release(waiter);
    return true;
  }

  /** `waiter` is gone, and its descriptor may be another's. */
  leave(waiter: Waiter): void {
    this.#naps.disarm(waiter);
    this.#waiters.leave(waiter);
    if (this.#waiters.count === 0) this.#naps.end();
  }

  /** Serves all who wait, until one at most is left: that one goes on for itself. */
  async #serve(): Promise<void> {
    const waiters = this.#waiters;
    await undefined; // who comes now waits with them
    for (;;) {
      if (waiters.away > 0) await this.#gather();
      if (waiters.count < 2) return this.#goOn();
      const now = this.#mono();
      if (this.turns.isDue(now, Math.max(waiters.next, now))) await this.turns.take();
      else {
        const waiter = waiters.pick(now);
        if (waiter !== undefined) this.#rouse(waiter, now);
        else if (this.#isIdle(now)) await this.#rest(now);
        else this.#poll(SHORT_NS);
      }
    }
  }

  /** After a sleep of one, which is to cost no step more than it must; and when all but one are gone. */
  readonly #goOn = (): void => {
    const waiters = this.#waiters;
    if (waiters.count > 1 || waiters.away > 0) return void this.#serve();
    this.#isServing = false;
    if (waiters.count === 0) return;
    const last = waiters.at(0);
    this.leave(last);
    last.resume();
  };

  readonly #sleptAlone = (): void => {
    this.turns.taken();
    this.#goOn();
  };

  #rouse(waiter: Waiter, now: Mono): void {
    this.#naps.disarm(waiter);
    waiter.isQueued = false;
    waiter.rousedAt = now;
    if (waiter.rouse(now, waiter.events)) this.#waiters.release(waiter);
  }

  /** Waits until all who were roused are back; who is not has ended, or waits for something else. */
  async #gather(): Promise<void> {
    const waiters = this.#waiters;
    for (let hop = 0; hop < LEAST_HOPS || (waiters.away > 0 && hop < HOPS); hop++) await undefined;
    if (waiters.away === 0) return;
    await this.turns.take();
    for (let i = waiters.count - 1; i >= 0; i--) if (waiters.at(i).isAway) this.leave(waiters.at(i));
  }

  /** One wait for all, for `most` nanoseconds or until the earliest is due. */
  #poll(most: number): void {
    const waiters = this.#waiters;
    const until = waiters.look();
    const spins = waiters.soonest?.precise === true;
    const ns = Math.min(until - this.#mono(), most);
    let n = waiters.poll(Math.max(spins ? ns - SPIN_NS : ns, 0));
    let now = this.#mono();
    if (spins && n === 0 && until - now < SPIN_NS) {
      // What comes meanwhile is not left lying: the program's own T4 would be as late.
      for (; now < until && (n = waiters.poll(0)) === 0; now = this.#mono());
    }
    if (n < 0) this.turns.interrupted();
    else if (n > 0) this.#arrived = now;
    waiters.queue(n, now);
  }

  #isIdle(now: Mono): boolean {
    return now - this.#arrived > BUSY_NS && this.#waiters.look() - now > SHORT_NS;
  }

  /** Sleeps where that can be; elsewhere the event loop has a round, and the wait goes on. */
  async #rest(now: Mono): Promise<void> {
    const { arePossible } = this.#naps;
    if (arePossible) await this.#nap(this.#waiters.look() - now);
    else await this.turns.take(1);
    // Who was let go or has come meanwhile is seen to first.
    if (this.#waiters.away === 0 && this.#waiters.count > 1) this.#poll(arePossible ? 0 : SLICE_NS);
  }

  async #nap(left: number): Promise<void> {
    await new Promise<void>((resolve) => this.#naps.take(this.#waiters, left, resolve));
    this.turns.taken();
  }

  /** The sleep of one without signals. */
  async #slices(waiter: Waiter): Promise<void> {
    const { turns } = this;
    for (let left = 1; left > 0; left = waiter.until - this.#mono()) {
      await turns.take(1);
      if (this.#waiters.count !== 1 || waiter.slot < 0 || waiter.isAway) return;
      if (this.#waiters.poll(Math.min(Math.max(waiter.until - turns.last, 0), SLICE_NS)) !== 0) return;
    }
  }
}
