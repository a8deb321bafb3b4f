/**
 * Many descriptors in one wait: by epoll, which costs the same for two and for a thousand; by ppoll where it is refused.
 *
 * @module
 */
import process from "node:process";
import { fixedMemory } from "../native.ts";
import { PollFds } from "../poll_fds.ts";
import type { PollSet } from "../waiters.ts";
import { EPOLL_CTL_ADD, EPOLL_CTL_DEL, O_CLOEXEC, POLLFD, POLLIN } from "./abi.ts";
import type { Libc } from "./libc.ts";

/** A call tells of so many; the others come first in the next. */
const EVENTS = 256;
/** Words of a `struct epoll_event`: events, and the descriptor; on x86-64 the padding between is left out. */
const [STRIDE, DESCRIPTOR] = process.arch === "x64" ? [3, 1] : [4, 2];

/** ppoll with a timeout of `ns`. */
export type Ppoll = (fds: Uint8Array, count: number, ns: number) => number;

/** Descriptors of one thread that are waited for together. */
export class EpollSet implements PollSet {
  readonly #libc: Libc;
  readonly #ppoll: Ppoll;
  readonly #fds = new PollFds(POLLFD.WORDS, POLLFD.EVENTS, POLLIN);
  /** Places by descriptor, and whether epoll knows it. */
  #places = new Int32Array(64);
  #isKnown = new Uint8Array(64);
  #unknown = 0;
  /** Of epoll itself; undefined until there are two to wait for, negative where it is refused. */
  #epoll: number | undefined;
  /** It is polled itself: epoll's own timeout is in milliseconds where the kernel is old. */
  readonly #self = new PollFds(POLLFD.WORDS, POLLFD.EVENTS, POLLIN);
  readonly #found = fixedMemory(4 * STRIDE * EVENTS);
  readonly #words = new Int32Array(this.#found.buffer);
  readonly #change = fixedMemory(4 * STRIDE);
  readonly #changeWords = new Int32Array(this.#change.buffer);

  constructor(libc: Libc, ppoll: Ppoll) {
    this.#libc = libc;
    this.#ppoll = ppoll;
    this.#changeWords[0] = POLLIN; // EPOLLIN is the same
  }

  add(descriptor: number): void {
    if (descriptor >= this.#places.length) this.#grow(2 * descriptor);
    this.#places[descriptor] = this.#fds.count;
    this.#isKnown[descriptor] = 0;
    this.#unknown++;
    this.#fds.add(descriptor);
  }

  #grow(length: number): void {
    const [places, isKnown] = [this.#places, this.#isKnown];
    this.#places = new Int32Array(length);
    this.#places.set(places);
    this.#isKnown = new Uint8Array(length);
    this.#isKnown.set(isKnown);
  }

  remove(at: number): void {
    const descriptor = this.#fds.descriptor(at);
    if (this.#isKnown[descriptor] === 0) this.#unknown--;
    else this.#libc.epoll_ctl(this.#epoll, EPOLL_CTL_DEL, descriptor, this.#change);
    this.#isKnown[descriptor] = 0;
    this.#fds.remove(at);
    if (at < this.#fds.count) this.#places[this.#fds.descriptor(at)] = at;
  }

  wait(ns: number): number {
    const { count, memory } = this.#fds;
    // One alone comes and goes too often to be told to epoll.
    if (count < 2 || !this.#introduce()) return this.#ppoll(memory, count, ns);
    if (ns > 0) {
      const n = this.#ppoll(this.#self.memory, 1, ns);
      if (n <= 0) return n;
    }
    const n: number = this.#libc.epoll_wait(this.#epoll, this.#found, EVENTS, 0);
    if (n <= 0) return n;
    this.#fds.clear();
    for (let i = 0; i < n; i++) {
      this.#fds.mark(this.#places[this.#words[i * STRIDE + DESCRIPTOR]], this.#words[i * STRIDE]);
    }
    return n;
  }

  /** Tells epoll of those that it does not know; false if there is no epoll. */
  #introduce(): boolean {
    if (this.#unknown === 0) return true;
    if (this.#epoll === undefined) {
      this.#epoll = this.#libc.epoll_create1(O_CLOEXEC) as number;
      this.#self.add(this.#epoll);
    }
    if (this.#epoll < 0) return false;
    for (let at = 0; at < this.#fds.count; at++) {
      const descriptor = this.#fds.descriptor(at);
      if (this.#isKnown[descriptor] !== 0) continue;
      this.#changeWords[DESCRIPTOR] = descriptor;
      // Too many for this user: from the next call on these are looked for again, and ppoll has them all.
      if (this.#libc.epoll_ctl(this.#epoll, EPOLL_CTL_ADD, descriptor, this.#change) !== 0) return false;
      this.#isKnown[descriptor] = 1;
      this.#unknown--;
    }
    return true;
  }

  events(at: number): number {
    return this.#fds.events(at);
  }
}
