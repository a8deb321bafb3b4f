/**
 * The calls of systems with recvmsg and sendmsg. None is variadic: on arm64 macOS passes variadic arguments in another
 * way than FFI does.
 *
 * @module
 */
import type { Mono } from "../../../core/time/clock.ts";
import { fixedMemory, type Native, type Signature } from "./native.ts";
import { byPpoll, bySelect, type Waiting } from "./posix_wait.ts";
import { cString } from "./single/names.ts";
import type { Calls } from "./single/system.ts";
import { askTimex } from "./timex.ts";

/** What differs between these systems. */
export interface Posix {
  /** Names of the library, tried in turn. */
  readonly libraries: readonly string[];
  /** The function that tells where errno is. */
  readonly errno: string;
  /** The function that asks how far off the clock is. */
  readonly adjtime: string;
  readonly realtime: number;
  readonly monotonic: number;
  /** SOCK_DGRAM and what is set with it. */
  readonly socketType: number;
  readonly dontWait: number;
  readonly wait: "select" | "ppoll";
}

const INT = "i32", BUFFER = "buffer";
const SIGNATURES: Readonly<Record<string, Signature>> = {
  bind: { parameters: [INT, BUFFER, "u32"], result: INT },
  clock_gettime: { parameters: [INT, BUFFER], result: INT },
  close: { parameters: [INT], result: INT },
  getsockname: { parameters: [INT, BUFFER, BUFFER], result: INT },
  getsockopt: { parameters: [INT, INT, INT, BUFFER, BUFFER], result: INT },
  if_nametoindex: { parameters: [BUFFER], result: "u32" },
  // ssize_t; no datagram has more than 31 bits.
  recvmsg: { parameters: [INT, BUFFER, INT], result: INT },
  sendmsg: { parameters: [INT, BUFFER, INT], result: INT },
  setsockopt: { parameters: [INT, INT, INT, BUFFER, "u32"], result: INT },
  socket: { parameters: [INT, INT, INT], result: INT },
};

const WAITS: Readonly<Record<Posix["wait"], Waiting>> = { select: bySelect, ppoll: byPpoll };

/** Loads the functions; throws where they are not. */
export function loadPosix(native: Native, posix: Posix): Calls {
  const waiting = WAITS[posix.wait];
  const signatures: Record<string, Signature> = {
    ...SIGNATURES,
    ...waiting.signatures,
    [posix.errno]: { parameters: [], result: "address" },
    [posix.adjtime]: { parameters: [BUFFER], result: INT },
  };
  const call = openFirst(native, posix.libraries, signatures);
  // Asked for once a thread: asked after a failure, the answer may be of a call that the runtime made in between.
  const errno = new Int32Array(native.view(call[posix.errno](), 4));
  const timespec = fixedMemory(16);
  const words = new Uint32Array(timespec.buffer);
  const { socketType, dontWait, realtime, monotonic } = posix;
  return {
    native,
    open(family) {
      const descriptor: number = call.socket(family, socketType, 0);
      if (descriptor < waiting.mostDescriptors) return descriptor < 0 ? undefined : descriptor;
      call.close(descriptor);
      errno[0] = EMFILE;
      return undefined;
    },
    close: call.close,
    bind: call.bind,
    getsockname: call.getsockname,
    setsockopt: call.setsockopt,
    getsockopt: call.getsockopt,
    receive: (descriptor, message) => call.recvmsg(descriptor, message, dontWait),
    send: (descriptor, message) => call.sendmsg(descriptor, message, dontWait),
    ...waiting.create(call),
    error: () => errno[0],
    interfaceIndex: (name) => call.if_nametoindex(cString(name)),
    mono(): Mono {
      call.clock_gettime(monotonic, timespec);
      return words[0] * 1e9 + words[2];
    },
    wall(out, at) {
      call.clock_gettime(realtime, timespec);
      out[at] = words[0];
      out[at + 1] = words[2];
    },
    synchronisation: () => askTimex(call[posix.adjtime]),
  };
}

/** Too many open files. */
const EMFILE = 24;

function openFirst<S extends Record<string, Signature>>(native: Native, libraries: readonly string[], signatures: S) {
  for (const library of libraries.slice(0, -1)) {
    try {
      return native.open(library, signatures);
    } catch {
      continue; // the next name
    }
  }
  return native.open(libraries[libraries.length - 1], signatures);
}
