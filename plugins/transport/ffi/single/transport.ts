/**
 * The ffi transport of a system that takes a datagram a call.
 *
 * @module
 */
import type { Clock, Mono } from "../../../../core/time/clock.ts";
import type { DatagramSocket, SocketOptions, Transport } from "../../../../core/transport.ts";
import { SteppedClock } from "../clock.ts";
import { loadRefusal, NO_FFI, openNative } from "../open_native.ts";
import type { Synchronisation } from "../timex.ts";
import { Waits } from "../wait.ts";
import { SingleSocket, type Thread } from "./socket.ts";
import type { Calls, System } from "./system.ts";

class SystemClock extends SteppedClock {
  readonly #calls: Calls;

  constructor(system: System, calls: Calls) {
    super(system.clock);
    this.#calls = calls;
    this.begin();
  }

  wall(out: Uint32Array, at: number): void {
    this.#calls.wall(out, at);
  }

  protected read(): Mono {
    return this.#calls.mono();
  }

  protected ask(): Synchronisation | undefined {
    return this.#calls.synchronisation();
  }
}

/** What was loaded, once a thread: stamps of two sockets agree, and a step of the clock is counted once. */
interface Loaded {
  readonly calls: Calls;
  clock?: Clock;
  thread?: Thread;
}
const loaded = new Map<System, Loaded | string>();

/** What was loaded, or in a few words why nothing was. */
function load(system: System): Loaded | string {
  const known = loaded.get(system);
  if (known !== undefined) return known;
  const found = tryToLoad(system);
  loaded.set(system, found);
  return found;
}

function tryToLoad(system: System): Loaded | string {
  const native = openNative();
  if (native === undefined) return NO_FFI;
  try {
    return { calls: system.load(native) };
  } catch (error) {
    return loadRefusal(error);
  }
}

function clockOf(system: System, at: Loaded): Clock {
  return at.clock ??= new SystemClock(system, at.calls);
}

function threadOf(system: System, at: Loaded): Thread {
  const { calls } = at;
  const clock = clockOf(system, at);
  return at.thread ??= {
    system,
    calls,
    clock,
    waits: new Waits({ mono: () => clock.mono(), set: calls.together }),
  };
}

/** The transport of `system`, or in a few words why there is none. */
export function openSingleTransport(system: System): Transport | string {
  const found = load(system);
  if (typeof found === "string") return found;
  return {
    name: "ffi",
    probe: () => system.capabilities,
    clock: () => clockOf(system, found),
    openDatagram: (options: SocketOptions): Promise<DatagramSocket> =>
      Promise.resolve().then(() => new SingleSocket(threadOf(system, found), options)),
  };
}
