/**
 * Where a runtime's callbacks leave datagrams, stamped as they come, until the session takes them; and the wait for the
 * next one.
 *
 * @module
 */
import { type Batch, PEER_SIZE, SlotFlag, SOCKET_TOS } from "../../core/batch.ts";
import type { Clock, Mono } from "../../core/time/clock.ts";
import type { AddressBook } from "./address_book.ts";

/** Address space; the system gives memory only for what datagrams fill. */
const MEMORY = 2 ** 24;
const MOST_SLOTS = 256;
/** Timers of the runtimes are up to this late: the last stretch is waited in turns of the event loop. */
const COARSE_NS = 1.5e6;
/** Without a turn of the event loop for so long, one is taken: sockets and signals need it. */
const TURN_NS = 500_000;

/** A bounded queue of received datagrams. */
export class ReceiveQueue {
  /** Datagrams dropped unread: the queue was full, or the runtime named a peer that is no address. */
  overflows = 0;
  readonly #clock: Clock;
  readonly #book: AddressBook;
  readonly #stride: number;
  readonly #slots: number;
  readonly #bytes: Uint8Array;
  readonly #length: Uint32Array;
  readonly #stamp: Uint32Array;
  readonly #flags: Uint8Array;
  readonly #peer: Uint8Array;
  #head = 0;
  #count = 0;
  #woken = false;
  #closed = false;
  #resolve: ((n: number) => void) | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** A turn of the event loop is under way; it cannot be called back, and need not be. */
  #turning = false;
  #rx: Batch | undefined;
  #until: Mono = 0;
  #lastTurn: Mono = 0;

  constructor(clock: Clock, book: AddressBook, stride: number) {
    this.#clock = clock;
    this.#book = book;
    this.#stride = stride;
    this.#slots = Math.min(MOST_SLOTS, Math.max(16, Math.floor(MEMORY / stride)));
    this.#bytes = new Uint8Array(this.#slots * stride);
    this.#length = new Uint32Array(this.#slots);
    this.#stamp = new Uint32Array(this.#slots * 2);
    this.#flags = new Uint8Array(this.#slots);
    this.#peer = new Uint8Array(this.#slots * PEER_SIZE);
  }

  /** Takes a datagram and stamps it with now. */
  push(bytes: Uint8Array, host: string, port: number): void {
    if (this.#count === this.#slots) {
      this.overflows++;
      return;
    }
    const slot = (this.#head + this.#count) % this.#slots;
    this.#clock.wall(this.#stamp, 2 * slot);
    if (!this.#book.write(host, port, this.#peer, slot * PEER_SIZE)) {
      this.overflows++;
      return;
    }
    const fits = bytes.length <= this.#stride;
    this.#bytes.set(fits ? bytes : bytes.subarray(0, this.#stride), slot * this.#stride);
    this.#length[slot] = fits ? bytes.length : this.#stride;
    this.#flags[slot] = fits ? 0 : SlotFlag.TRUNCATED;
    this.#count++;
    this.#finish();
  }

  /** Ends the wait under way, or the next one. */
  wake(): void {
    this.#woken = true;
    this.#finish();
  }

  /** Nothing comes any more: waits end at once. */
  close(): void {
    this.#closed = true;
    this.wake();
  }

  /** As `DatagramSocket.receive`. */
  receive(rx: Batch, until: Mono): number | Promise<number> {
    if (this.#closed) return rx.count = 0;
    const now = this.#clock.mono();
    const turnDue = now - this.#lastTurn > TURN_NS;
    // Whoever is behind his time takes a turn as well: probes that are overdue must not leave in one burst, with the
    // replies to them unread.
    if (!turnDue && (this.#count > 0 || this.#woken)) return this.#take(rx);
    this.#rx = rx;
    this.#until = until;
    return new Promise((resolve) => {
      this.#resolve = resolve;
      this.#wait(now);
    });
  }

  #isOver(now: Mono, until: Mono): boolean {
    return this.#count > 0 || this.#woken || now >= until;
  }

  /** Has one timer or one turn of the event loop under way, whatever earlier waits have left behind. */
  #wait(now: Mono): void {
    clearTimeout(this.#timer);
    const left = this.#isOver(now, this.#until) ? 0 : this.#until - now;
    if (left > COARSE_NS) {
      // Timers take at most 2^31 - 1 ms.
      if (left < Infinity) this.#timer = setTimeout(this.#look, Math.min((left - 1e6) / 1e6, 2e9));
    } else if (!this.#turning) {
      this.#turning = true;
      setImmediate(this.#turn);
    }
  }

  readonly #turn = (): void => {
    this.#turning = false;
    this.#look();
  };

  readonly #look = (): void => {
    if (this.#resolve === undefined) return;
    const now = this.#clock.mono();
    if (this.#isOver(now, this.#until)) this.#finish();
    else this.#wait(now);
  };

  #finish(): void {
    const resolve = this.#resolve;
    if (resolve === undefined || this.#rx === undefined) return;
    this.#resolve = undefined;
    clearTimeout(this.#timer);
    this.#lastTurn = this.#clock.mono();
    resolve(this.#take(this.#rx));
  }

  #take(rx: Batch): number {
    this.#woken = false;
    let n = 0;
    for (; n < rx.capacity && this.#count > 0; n++, this.#count--) {
      const slot = this.#head;
      const from = slot * this.#stride;
      const length = this.#length[slot];
      rx.bytes.set(this.#bytes.subarray(from, from + length), n * rx.stride);
      rx.length[n] = length;
      rx.stamp[2 * n] = this.#stamp[2 * slot];
      rx.stamp[2 * n + 1] = this.#stamp[2 * slot + 1];
      rx.flags[n] = this.#flags[slot];
      rx.txTos[n] = SOCKET_TOS;
      for (let i = 0; i < PEER_SIZE; i++) rx.peer[n * PEER_SIZE + i] = this.#peer[slot * PEER_SIZE + i];
      this.#head = (slot + 1) % this.#slots;
    }
    rx.count = n;
    return n;
  }
}
