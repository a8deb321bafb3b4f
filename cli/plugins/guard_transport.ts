/**
 * Transports from files: one that throws while it runs ends the run, with what was measured.
 *
 * @module
 */
import type { Batch, TxStamps } from "../../core/batch.ts";
import { TransportError, type TransportErrorCode } from "../../core/errors.ts";
import type { TransportPlugin } from "../../core/plugin.ts";
import type { Clock } from "../../core/time/clock.ts";
import type { Capabilities, DatagramSocket, SocketOptions, Stamp, Transport } from "../../core/transport.ts";
import { Exit, Failure } from "../exit.ts";
import { type Guard, lacks } from "./guard.ts";

const SOCKET_METHODS = ["peer", "createBatch", "receive", "send", "wake", "close"];

/** The same plugin, guarded. */
export function guardTransport(plugin: TransportPlugin, guard: Guard): TransportPlugin {
  const { api, kind, name, summary, options: specs } = plugin;
  return {
    ...{ api, kind, name, summary, options: specs },
    create(options, inner) {
      const made = guard.create(() => plugin.create(options, inner));
      const missing = lacks(made, ["probe", "clock", "openDatagram"]);
      if (missing !== undefined) guard.refuse(`create returned nothing that has a method '${missing}'`);
      return new GuardedTransport(made, guard);
    },
  };
}

class GuardedTransport implements Transport {
  readonly name: string;
  readonly #made: Transport;
  readonly #guard: Guard;
  #missing: string | undefined;

  constructor(made: Transport, guard: Guard) {
    this.#made = made;
    this.#guard = guard;
    this.name = typeof made.name === "string" && made.name !== "" ? made.name : guard.name;
  }

  get missing(): string {
    return this.#missing ?? this.#made.missing ?? "its probe says so";
  }

  probe(): Capabilities | undefined {
    try {
      return this.#made.probe();
    } catch (error) {
      this.#missing = this.#guard.threw("probe", error);
      return undefined;
    }
  }

  clock(): Clock {
    try {
      return new GuardedClock(this.#made.clock(), this.#guard);
    } catch (error) {
      throw new Failure(Exit.NOT_MADE, `transport ${this.name}: ${this.#guard.threw("clock", error)}`);
    }
  }

  async openDatagram(options: SocketOptions): Promise<DatagramSocket> {
    let socket: DatagramSocket;
    try {
      socket = await this.#made.openDatagram(options);
    } catch (error) {
      // What it wraps has refused, or it says so in the same way.
      if (error instanceof TransportError) throw error;
      const { code } = (error ?? {}) as { code?: TransportErrorCode };
      const why = `transport ${this.name}: ${this.#guard.threw("openDatagram", error)}`;
      throw typeof code === "string" ? new TransportError(code, why) : new Failure(Exit.NOT_MADE, why);
    }
    const missing = lacks(socket, SOCKET_METHODS);
    if (missing === undefined) return guardedSocket(socket, this.clock(), this.#guard);
    const why = this.#guard.says(`openDatagram came to nothing that has a method '${missing}'`);
    throw new Failure(Exit.NOT_MADE, `transport ${this.name}: ${why}`);
  }
}

/** Its time stands still once it threw. */
class GuardedClock implements Clock {
  readonly #clock: Clock;
  readonly #guard: Guard;
  #last: number;

  constructor(clock: Clock, guard: Guard) {
    this.#clock = clock;
    this.#guard = guard;
    this.#last = clock.mono();
    clock.wall(new Uint32Array(2), 0);
  }

  get errorEstimate() {
    return this.#clock.errorEstimate;
  }
  get steps() {
    return this.#clock.steps ?? 0;
  }
  get lastStep() {
    return this.#clock.lastStep;
  }

  mono(): number {
    if (this.#guard.off) return this.#last;
    try {
      const now: unknown = this.#clock.mono();
      if (typeof now === "number" && now >= this.#last) return this.#last = now;
      this.#guard.failForGood(this.#guard.says(`clock.mono() is ${now}, after ${this.#last}`));
    } catch (error) {
      this.#guard.failForGood(this.#guard.threw("clock.mono", error));
    }
    return this.#last;
  }

  wall(out: Uint32Array, at: number): void {
    try {
      this.#clock.wall(out, at);
    } catch (error) {
      this.#guard.failForGood(this.#guard.threw("clock.wall", error));
    }
  }
}

/** A wait that is over, or a datagram that is to be sent, is waited for this much longer. */
const GRACE_MS = 2000;
/** The longest time that a timer can have. */
const LONGEST_MS = 2 ** 31 - 1;

/** What a method promised, or what `late` comes to if that is not kept; it is called at once when somebody wakes the socket, and that does not help. */
class Patience {
  #hurry: () => void = () => {};

  async wait(promised: Promise<number>, ms: number, late: () => number): Promise<number> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const overdue = new Promise<"overdue">((resolve) => {
      const after = (wait: number) => {
        clearTimeout(timer);
        timer = setTimeout(() => resolve("overdue"), Math.min(wait + GRACE_MS, LONGEST_MS));
      };
      if (ms < Infinity) after(ms);
      this.#hurry = () => after(0);
    });
    try {
      const came = await Promise.race([promised, overdue]);
      return came === "overdue" ? late() : came;
    } finally {
      clearTimeout(timer);
      this.#hurry = () => {};
    }
  }

  hurry(): void {
    this.#hurry();
  }
}

/** A socket is as good as closed once it threw: that ends the loops that use it. */
function guardedSocket(inner: DatagramSocket, clock: Clock, guard: Guard): DatagramSocket {
  const [receiving, sending] = [new Patience(), new Patience()];
  const late = (name: string) => () => {
    guard.failForGood(guard.says(`${name} has not returned in time`));
    return 0;
  };
  const failed = (name: string, error: unknown) => {
    guard.failForGood(guard.threw(name, error));
    try {
      inner.wake();
    } catch {
      // It is switched off already.
    }
    return 0;
  };
  const nothing = (rx: Batch) => rx.count = 0;
  const counted = (rx: Batch, count: number) => {
    if (Number.isInteger(rx.count) && rx.count >= 0 && rx.count <= rx.capacity) return count;
    guard.failForGood(guard.says(`receive left count ${rx.count} in a batch of ${rx.capacity}`));
    return nothing(rx);
  };
  return {
    get address() {
      return inner.address;
    },
    get capabilities() {
      return inner.capabilities;
    },
    get card() {
      return inner.card;
    },
    get sendErrors() {
      return inner.sendErrors ?? 0;
    },
    get lastSendError() {
      return inner.lastSendError;
    },
    get lostInHost() {
      return inner.lostInHost ?? null;
    },
    get networkErrors() {
      return inner.networkErrors;
    },
    get overflows() {
      return inner.overflows ?? 0;
    },
    get isClosed() {
      return guard.off || inner.isClosed;
    },
    peer: (host, port) => inner.peer(host, port),
    createBatch: () => inner.createBatch(),
    receive(rx, until) {
      if (guard.off) return nothing(rx);
      try {
        const count = inner.receive(rx, until);
        if (typeof count === "number") return counted(rx, count);
        const came = count.then((n) => counted(rx, n), (error) => {
          failed("receive", error);
          return nothing(rx);
        });
        return receiving.wait(came, Math.max(0, until - clock.mono()) / 1e6, () => {
          late("receive")();
          return nothing(rx);
        });
      } catch (error) {
        failed("receive", error);
        return nothing(rx);
      }
    },
    send(tx, stamp?: Stamp, together?: number) {
      if (guard.off) return 0;
      try {
        const left = inner.send(tx, stamp, together);
        if (typeof left === "number") return left;
        return sending.wait(left.catch((error) => failed("send", error)), 0, late("send"));
      } catch (error) {
        return failed("send", error);
      }
    },
    ...(inner.localFor === undefined ? {} : { localFor: (peer: Uint8Array) => inner.localFor!(peer) }),
    ...(inner.txStamps === undefined ? {} : { txStamps: guardedTxStamps(inner, guard, failed) }),
    wake() {
      try {
        inner.wake();
      } catch (error) {
        failed("wake", error);
      }
      receiving.hurry();
    },
    close() {
      try {
        inner.close();
      } catch (error) {
        failed("close", error);
      }
    },
  };
}

function guardedTxStamps(inner: DatagramSocket, guard: Guard, failed: (name: string, error: unknown) => number) {
  return (out: TxStamps, until?: number): number => {
    out.count = 0;
    if (guard.off) return 0;
    try {
      return inner.txStamps!(out, until);
    } catch (error) {
      out.count = 0;
      return failed("txStamps", error);
    }
  };
}
