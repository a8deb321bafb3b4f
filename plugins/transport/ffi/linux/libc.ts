/**
 * The system calls in use, as libc has them.
 *
 * @module
 */
import { fixedMemory, type Functions, type Native } from "../native.ts";
import { loadRefusal, NO_FFI, openNative } from "../open_native.ts";

const SIGNATURES = {
  __errno_location: { parameters: [], result: "address" },
  adjtimex: { parameters: ["buffer"], result: "i32" },
  bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  clock_getres: { parameters: ["i32", "buffer"], result: "i32" },
  clock_gettime: { parameters: ["i32", "buffer"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  epoll_create1: { parameters: ["i32"], result: "i32" },
  epoll_ctl: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
  epoll_wait: { parameters: ["i32", "buffer", "i32", "i32"], result: "i32" },
  fcntl: { parameters: ["i32", "i32", "i32"], result: "i32" },
  getpeername: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  getpid: { parameters: [], result: "i32" },
  getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
  if_nametoindex: { parameters: ["buffer"], result: "u32" },
  ioctl: { parameters: ["i32", "u64", "buffer"], result: "i32" },
  open: { parameters: ["buffer", "i32", "u32"], result: "i32" },
  ppoll: { parameters: ["buffer", "u64", "buffer", "buffer"], result: "i32" },
  prctl: { parameters: ["i32", "u64", "u64", "u64", "u64"], result: "i32" },
  recvmmsg: { parameters: ["i32", "buffer", "u32", "i32", "buffer"], result: "i32" },
  send: { parameters: ["i32", "buffer", "u64", "i32"], result: "i32" },
  sendmmsg: { parameters: ["i32", "buffer", "u32", "i32"], result: "i32" },
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
} as const;

/** glibc and musl, by the names under which a program that has them loaded finds them. */
const LIBRARIES = ["libc.so.6", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1", "libc.so"];

/** libc, for one thread. */
export interface Libc extends Functions<typeof SIGNATURES> {
  readonly native: Native;
  /** Why the last call on this thread failed. */
  errno(): number;
  /** setsockopt of an int; 0, or the errno. */
  setInt(fd: number, level: number, name: number, value: number): number;
  /** getsockopt of an int; undefined where it is refused. */
  getInt(fd: number, level: number, name: number): number | undefined;
}

function withHelpers(native: Native, functions: Functions<typeof SIGNATURES>): Libc {
  // Asked for once a thread: asked after a failure, the answer may be of a call that the runtime made in between.
  const errno = new Int32Array(native.view(functions.__errno_location(), 4));
  const int = fixedMemory(4);
  const value = new Int32Array(int.buffer);
  const length = fixedMemory(4);
  return {
    ...functions,
    native,
    errno: () => errno[0],
    setInt(fd, level, name, number) {
      value[0] = number;
      return functions.setsockopt(fd, level, name, int, 4) === 0 ? 0 : errno[0];
    },
    getInt(fd, level, name) {
      new Int32Array(length.buffer)[0] = 4;
      return functions.getsockopt(fd, level, name, int, length) === 0 ? value[0] : undefined;
    },
  };
}

let loaded: Libc | string | undefined;

/** libc of this thread, loaded when first asked for; in a few words why not, where there is no FFI or no libc. */
export function openLibc(): Libc | string {
  return loaded ??= loadLibc(openNative());
}

/** libc by the FFI of this runtime, which may be none. */
export function loadLibc(native: Native | undefined): Libc | string {
  if (native === undefined) return NO_FFI;
  let why = "";
  for (const library of LIBRARIES) {
    try {
      return withHelpers(native, native.open(library, SIGNATURES));
    } catch (error) {
      why ||= loadRefusal(error);
    }
  }
  return why;
}
