/**
 * Waiting to the microsecond where ppoll is, and where it is not: poll itself counts in milliseconds.
 *
 * @module
 */
import { fixedMemory, type Signature } from "./native.ts";
import { PollFds } from "./poll_fds.ts";
import type { Calls } from "./single/system.ts";

/** A way to wait. */
export interface Waiting {
  readonly signatures: Readonly<Record<string, Signature>>;
  /** Descriptors from here on cannot be waited for. */
  readonly mostDescriptors: number;
  // deno-lint-ignore no-explicit-any
  create(call: Readonly<Record<string, (...args: any[]) => number>>): Pick<Calls, "wait" | "together">;
}

const POLLIN = 1;
const POLLOUT = 4;
/** Octets of a `struct pollfd`. */
const POLLFD = 8;
/** Its words, and which has the events. */
const [POLLFD_WORDS, EVENTS] = [2, 1];

/** ppoll of FreeBSD and Linux. The number of descriptors has 32 bits or 64; both take a bigint of 64. */
export const byPpoll: Waiting = {
  signatures: { ppoll: { parameters: ["buffer", "u64", "buffer", "buffer"], result: "i32" } },
  mostDescriptors: Infinity,
  create(call) {
    const one = fixedMemory(POLLFD);
    const words = new Int32Array(one.buffer);
    const fds = new PollFds(POLLFD_WORDS, EVENTS, POLLIN);
    const timeout = new Span(1);
    return {
      wait(descriptor, writable, ns) {
        words[0] = descriptor;
        words[1] = writable ? POLLOUT : POLLIN;
        return call.ppoll(one, 1n, timeout.set(ns), null);
      },
      together: {
        add: (descriptor) => fds.add(descriptor),
        remove: (at) => fds.remove(at),
        wait: (ns) => call.ppoll(fds.memory, BigInt(fds.count), timeout.set(ns), null),
        events: (at) => fds.events(at),
      },
    };
  },
};

/** Descriptors that a `fd_set` has bits for. */
const FD_SETSIZE = 1024;

/** select, for macOS. */
export const bySelect: Waiting = {
  signatures: { select: { parameters: ["i32", "buffer", "buffer", "buffer", "buffer"], result: "i32" } },
  mostDescriptors: FD_SETSIZE,
  create(call) {
    const set = fixedMemory(FD_SETSIZE / 8);
    const many = fixedMemory(FD_SETSIZE / 8);
    const all: number[] = [];
    const timeout = new Span(1000);
    return {
      wait(descriptor, writable, ns) {
        set.fill(0);
        set[descriptor >> 3] = 1 << (descriptor & 7);
        const [read, write] = writable ? [null, set] : [set, null];
        return call.select(descriptor + 1, read, write, null, timeout.set(ns));
      },
      together: {
        add: (descriptor) => void all.push(descriptor),
        remove(at) {
          const last = all.pop()!;
          if (at < all.length) all[at] = last;
        },
        wait(ns) {
          many.fill(0);
          let highest = -1;
          for (const descriptor of all) {
            many[descriptor >> 3] |= 1 << (descriptor & 7);
            if (descriptor > highest) highest = descriptor;
          }
          return call.select(highest + 1, many, null, null, timeout.set(ns));
        },
        events: (at) => many[all[at] >> 3] & (1 << (all[at] & 7)),
      },
    };
  },
};

/** `struct timespec`, or with a unit of 1000 ns `struct timeval`. */
class Span {
  readonly #memory = fixedMemory(16);
  readonly #words = new Uint32Array(this.#memory.buffer);
  readonly #unit: number;

  constructor(unit: number) {
    this.#unit = unit;
  }

  set(ns: number): Uint8Array {
    const seconds = Math.floor(ns / 1e9);
    this.#words[0] = seconds;
    // Systems write what is left of the time into it.
    this.#words[1] = this.#words[3] = 0;
    this.#words[2] = Math.floor((ns - seconds * 1e9) / this.#unit);
    return this.#memory;
  }
}
