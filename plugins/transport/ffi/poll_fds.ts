/**
 * The array that poll, ppoll and WSAPoll take; kept, and changed in place.
 *
 * @module
 */
import { fixedMemory } from "./native.ts";

/** Descriptors of many sockets, in 32-bit words: the descriptor first, the events and what they were in one further on. */
export class PollFds {
  memory = fixedMemory(0);
  count = 0;
  #words = new Int32Array(0);
  readonly #stride: number;
  readonly #at: number;
  readonly #events: number;

  /** `stride`: words of an entry; `at`: which of them has the events, which are `events`. */
  constructor(stride: number, at: number, events: number) {
    this.#stride = stride;
    this.#at = at;
    this.#events = events;
    this.#grow(16);
  }

  #grow(count: number): void {
    const memory = fixedMemory(count * this.#stride * 4);
    memory.set(this.memory);
    this.memory = memory;
    this.#words = new Int32Array(memory.buffer);
  }

  add(descriptor: number): void {
    const at = this.#stride * this.count++;
    if (at === this.#words.length) this.#grow(2 * this.count);
    this.#words[at] = descriptor;
    this.#words[at + this.#at] = this.#events;
  }

  /** The last one takes its place. */
  remove(at: number): void {
    const last = this.#stride * --this.count;
    this.#words[this.#stride * at] = this.#words[last];
  }

  descriptor(at: number): number {
    return this.#words[this.#stride * at];
  }

  /** For who finds out by other means: nothing is known of any. */
  clear(): void {
    for (let at = this.#at; at < this.#stride * this.count; at += this.#stride) this.#words[at] = this.#events;
  }

  mark(at: number, events: number): void {
    this.#words[this.#stride * at + this.#at] = this.#events | (events << 16);
  }

  /** What the last call found there. */
  events(at: number): number {
    return this.#words[this.#stride * at + this.#at] >>> 16;
  }
}
