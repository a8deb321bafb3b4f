/**
 * Transports from files: one that throws while it runs ends the run, with what was measured.
 *
 * @module
 */
import { TransportError, type TransportErrorCode } from "../../core/errors.ts";
import type { TransportPlugin } from "../../core/plugin.ts";
import type { Clock } from "../../core/time/clock.ts";
import type { Capabilities, DatagramSocket, SocketOptions, Transport } from "../../core/transport.ts";
import { Exit, Failure } from "../exit.ts";
import { type Guard, lacks } from "./guard.ts";
import { GuardedSocket } from "./guard_socket.ts";

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
    if (missing === undefined) return new GuardedSocket(socket, this.clock(), this.#guard);
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
