/**
 * ppoll, and SIGIO by O_ASYNC.
 *
 * @module
 */
import type { Mono } from "../../../../core/time/clock.ts";
import { fixedMemory } from "../native.ts";
import { type Poller, Waits } from "../wait.ts";
import type { PollSet } from "../waiters.ts";
import { F_SETFL, O_ASYNC, O_NONBLOCK, POLLFD, PR_SET_TIMERSLACK } from "./abi.ts";
import type { LinuxClock } from "./clock.ts";
import { EpollSet } from "./epoll.ts";
import type { Libc } from "./libc.ts";

/** Descriptors of one thread. */
export class LinuxPoller implements Poller {
  readonly #libc: Libc;
  readonly #clock: LinuxClock;
  readonly #timeout = fixedMemory(16);
  readonly #timespec = new Uint32Array(this.#timeout.buffer);
  readonly set: PollSet;
  /** For one descriptor, which is what most waits are for. */
  readonly #one = fixedMemory(4 * POLLFD.WORDS);
  readonly #oneWords = new Int32Array(this.#one.buffer);

  constructor(libc: Libc, clock: LinuxClock) {
    this.#libc = libc;
    this.#clock = clock;
    // The kernel may delay timers by 50 µs to wake up less often; a measurement is not the place to save that.
    libc.prctl(PR_SET_TIMERSLACK, 1n, 0n, 0n, 0n);
    this.set = new EpollSet(libc, (fds, count, ns) => {
      this.#setTimeout(ns);
      return libc.ppoll(fds, BigInt(count), this.#timeout, null);
    });
  }

  mono(): Mono {
    return this.#clock.mono();
  }

  #setTimeout(ns: number): void {
    const seconds = Math.floor(ns / 1e9);
    this.#timespec[0] = seconds;
    this.#timespec[2] = ns - seconds * 1e9;
  }

  /** Blocks until `descriptor` has one of `events`, an error or something in its error queue; the events that are. */
  pollOne(descriptor: number, events: number, ns: number): number {
    this.#setTimeout(ns);
    this.#oneWords[0] = descriptor;
    this.#oneWords[1] = events;
    const n = this.#libc.ppoll(this.#one, 1n, this.#timeout, null);
    return n > 0 ? this.#oneWords[1] >>> 16 : n;
  }

  arm(descriptor: number, on: boolean): void {
    this.#libc.fcntl(descriptor, F_SETFL, on ? O_NONBLOCK | O_ASYNC : O_NONBLOCK);
  }
}

/** What the sockets of one thread share. */
export interface Thread {
  readonly libc: Libc;
  readonly clock: LinuxClock;
  readonly poller: LinuxPoller;
  readonly waits: Waits;
}

/** Made with the first socket of a thread: until then nobody listens to signals. */
export function createThread(libc: Libc, clock: LinuxClock): Thread {
  const poller = new LinuxPoller(libc, clock);
  return { libc, clock, poller, waits: new Waits(poller) };
}
