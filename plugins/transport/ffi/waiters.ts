/**
 * The sockets of one thread that wait, and whose turn it is.
 *
 * @module
 */
import type { Mono } from "../../../core/time/clock.ts";

/** Descriptors that are waited for together. */
export interface PollSet {
  /** Puts one behind the others. */
  add(descriptor: number): void;
  /** Takes one out; the last one takes its place. */
  remove(at: number): void;
  /** Blocks until one of them is readable or has an error, for `ns` at most; how many are, or -1 if a signal came. */
  wait(ns: number): number;
  /** What the last wait found at a place; 0 if nothing. */
  events(at: number): number;
}

/** A socket that can wait with others. What is not abstract is kept by those who serve it. */
export abstract class Waiter {
  abstract readonly descriptor: number;
  /** When the wait under way is over. */
  until: Mono = Infinity;
  /** The last stretch of its waits spins. */
  readonly precise: boolean = false;
  /** Its place among those that wait; -1 if it is not among them. */
  slot = -1;
  /** What it waited for was there, and its loop has not come back for more yet. */
  isAway = false;
  /** When it was last roused. */
  rousedAt: Mono = -Infinity;
  /** What was found and not yet handed to it; only while it `isQueued`. */
  events = 0;
  isQueued = false;
  /** The system sends a signal when something comes. */
  isArmed = false;

  /** Something came, or it is time: ends the wait and returns true, or goes on if there was nothing after all. */
  abstract rouse(now: Mono, events: number): boolean;
  /** It is the only one left: goes on for itself. */
  abstract resume(): void;
}

/** Those who wait, without gaps, as the set that is polled has them. */
export class Waiters {
  readonly #set: PollSet;
  readonly #all: Waiter[] = [];
  /** So many of them have been roused and are not back. */
  away = 0;
  /** No departure of one who really waits for it is before this. */
  next: Mono = Infinity;
  /** Whose time is the earliest, as of the last {@linkcode look}. */
  soonest: Waiter | undefined;
  /** Places below this may have somebody queued. */
  #cursor = 0;

  constructor(set: PollSet) {
    this.#set = set;
  }

  get count(): number {
    return this.#all.length;
  }

  /** Blocks until something came for one of them, for `ns` at most; how many, or -1 if a signal came. */
  poll(ns: number): number {
    return this.#set.wait(ns);
  }

  at(slot: number): Waiter {
    return this.#all[slot];
  }

  /** `waiter` waits from now on. */
  enter(waiter: Waiter): void {
    this.back(waiter);
    if (waiter.slot < 0) {
      waiter.slot = this.#all.push(waiter) - 1;
      this.#set.add(waiter.descriptor);
    }
    if (waiter.until > waiter.rousedAt && waiter.until < this.next) this.next = waiter.until;
  }

  /** `waiter` is not waited for any more: its descriptor is not polled again. */
  leave(waiter: Waiter): void {
    const { slot } = waiter;
    if (slot < 0) return;
    this.back(waiter);
    // Downwards through the places, so that who moves down has had his turn or never was queued.
    const last = this.#all.pop()!;
    if (last !== waiter) {
      this.#all[slot] = last;
      last.slot = slot;
    }
    this.#set.remove(slot);
    waiter.slot = -1;
    waiter.isQueued = false;
  }

  /** `waiter` has something to do; it will come back, or not. */
  release(waiter: Waiter): void {
    if (waiter.isAway) return;
    waiter.isAway = true;
    this.away++;
  }

  back(waiter: Waiter): void {
    if (!waiter.isAway) return;
    waiter.isAway = false;
    this.away--;
  }

  /** The earliest time of all. Those whose time was past when they were last roused are not in `next`. */
  look(): Mono {
    let [earliest, next] = [Infinity, Infinity];
    this.soonest = undefined;
    for (let i = 0; i < this.#all.length; i++) {
      const { until, rousedAt } = this.#all[i];
      if (until < earliest) {
        earliest = until;
        this.soonest = this.#all[i];
      }
      if (until < next && until > rousedAt) next = until;
    }
    this.next = next;
    return earliest;
  }

  /** After a {@linkcode poll} that found `n`: queues all for whom it found something or whose time it is. */
  queue(n: number, now: Mono): void {
    for (let i = 0; i < this.#all.length; i++) {
      const waiter = this.#all[i];
      waiter.events = n > 0 ? this.#set.events(i) : 0;
      waiter.isQueued = waiter.events !== 0 || waiter.until <= now;
    }
    this.#cursor = this.#all.length;
  }

  /**
   * Who is next: one whose time came while it waited, the earliest first; then who is queued, each once. So departures
   * do not wait for others, and neither a flood nor a sender that cannot keep up takes the turns of others.
   */
  pick(now: Mono): Waiter | undefined {
    return (this.next <= now ? this.#mostOverdue(now) : undefined) ?? this.#nextQueued();
  }

  #mostOverdue(now: Mono): Waiter | undefined {
    let due: Waiter | undefined;
    let [first, second] = [Infinity, Infinity];
    for (let i = 0; i < this.#all.length; i++) {
      const { until, rousedAt, isAway } = this.#all[i];
      if (isAway || until <= rousedAt || until >= second) continue;
      if (until >= first) second = until;
      else {
        second = first;
        first = until;
        due = this.#all[i];
      }
    }
    this.next = first <= now ? second : first;
    return first <= now ? due : undefined;
  }

  #nextQueued(): Waiter | undefined {
    while (this.#cursor > 0) {
      const waiter = this.#all[--this.#cursor];
      if (waiter !== undefined && waiter.isQueued && !waiter.isAway) return waiter;
    }
    return undefined;
  }
}
