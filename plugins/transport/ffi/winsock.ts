/**
 * The calls of Windows: Winsock for sockets, kernel32 for clocks.
 *
 * @module
 */
import type { Mono } from "../../../core/time/clock.ts";
import { fixedMemory, type Native, type Signature } from "./native.ts";
import { PollFds } from "./poll_fds.ts";
import type { Calls, Handle } from "./single/system.ts";
import { fileTimeToWall } from "./windows_time.ts";

const INT = "i32", WORD = "u32", BUFFER = "buffer", SOCKET = "u64";
const WINSOCK = {
  WSAStartup: { parameters: [WORD, BUFFER], result: INT },
  WSAGetLastError: { parameters: [], result: INT },
  WSAIoctl: { parameters: [SOCKET, WORD, BUFFER, WORD, BUFFER, WORD, BUFFER, BUFFER, BUFFER], result: INT },
  WSAPoll: { parameters: [BUFFER, WORD, INT], result: INT },
  WSASendMsg: { parameters: [SOCKET, BUFFER, WORD, BUFFER, BUFFER, BUFFER], result: INT },
  bind: { parameters: [SOCKET, BUFFER, INT], result: INT },
  closesocket: { parameters: [SOCKET], result: INT },
  getsockname: { parameters: [SOCKET, BUFFER, BUFFER], result: INT },
  getsockopt: { parameters: [SOCKET, INT, INT, BUFFER, BUFFER], result: INT },
  ioctlsocket: { parameters: [SOCKET, WORD, BUFFER], result: INT },
  setsockopt: { parameters: [SOCKET, INT, INT, BUFFER, INT], result: INT },
  // A SOCKET has 64 bits; this is how results of that size come.
  socket: { parameters: [INT, INT, INT], result: "address" },
} as const;
const KERNEL = {
  GetSystemTimePreciseAsFileTime: { parameters: [BUFFER], result: "void" },
  QueryPerformanceCounter: { parameters: [BUFFER], result: INT },
  QueryPerformanceFrequency: { parameters: [BUFFER], result: INT },
} as const;
const MULTIMEDIA = { timeBeginPeriod: { parameters: [WORD], result: WORD } } as const;
const RECEIVE: Signature = { parameters: [SOCKET, BUFFER, BUFFER, BUFFER, BUFFER], result: INT };

const VERSION = 0x202;
const WSADATA = 408;
const SOCK_DGRAM = 2;
const IPPROTO_UDP = 17;
const INVALID_SOCKET = 2n ** 64n - 1n;
const FIONBIO = 0x8004667e;
const SIO_GET_EXTENSION_FUNCTION_POINTER = 0xc8000006;
/** Both are on by default, and make the next receive fail because of what ICMP said of a datagram sent before. */
const TOLD_BY_ICMP = [0x9800000c, 0x9800000f]; // SIO_UDP_CONNRESET, SIO_UDP_NETRESET
/** f689d7c8-6f1f-436b-8a53-e54fe351c322: WSARecvMsg, which no library exports. */
const WSARECVMSG = [0xc8, 0xd7, 0x89, 0xf6, 0x1f, 0x6f, 0x6b, 0x43, 0x8a, 0x53, 0xe5, 0x4f, 0xe3, 0x51, 0xc3, 0x22];

const POLLRDNORM = 0x100;
const POLLWRNORM = 0x10;
/** Octets of a WSAPOLLFD: the socket (8), events and what they were (2 each), padding. */
const POLLFD = 16;
/** Timers end on a tick of a millisecond at the best, and up to one more late: the rest of a wait looks and looks. */
const COARSE_MS = 2;

/** Loads the functions; throws where they are not. */
export function loadWinsock(native: Native): Calls {
  const ws = native.open("ws2_32.dll", WINSOCK);
  const kernel = native.open("kernel32.dll", KERNEL);
  if (ws.WSAStartup(VERSION, fixedMemory(WSADATA)) !== 0) throw new Error("no Winsock 2.2");
  const octets = fixedMemory(4);
  let receive: ((...args: unknown[]) => number) | undefined;
  return {
    native,
    open(family) {
      const handle: bigint = ws.socket(family, SOCK_DGRAM, IPPROTO_UDP);
      if (handle === INVALID_SOCKET) return undefined;
      receive ??= findReceive(native, ws.WSAIoctl, handle);
      if (receive !== undefined && ws.ioctlsocket(handle, FIONBIO, ONE) === 0) {
        for (const code of TOLD_BY_ICMP) ws.WSAIoctl(handle, code, fixedMemory(4), 4, null, 0, octets, null, null);
        return handle;
      }
      ws.closesocket(handle);
      return undefined;
    },
    close: ws.closesocket,
    bind: ws.bind,
    getsockname: ws.getsockname,
    setsockopt: ws.setsockopt,
    getsockopt: ws.getsockopt,
    receive: (handle, message) => receive!(handle, message, octets, null, null) === 0 ? read(octets) : -1,
    send: (handle, message) => ws.WSASendMsg(handle, message, 0, octets, null, null),
    ...waits(native, ws.WSAPoll),
    error: ws.WSAGetLastError,
    interfaceIndex: () => 0, // zones are numbers here
    ...clocks(kernel),
    synchronisation: () => undefined,
  };
}

const ONE = fixedMemory(4);
ONE[0] = 1;

function read(word: Uint8Array): number {
  return word[0] | (word[1] << 8) | (word[2] << 16) | (word[3] << 24);
}

/** WSARecvMsg, of which one socket tells where it is for all; undefined with the error set. */
function findReceive(native: Native, ioctl: (...args: unknown[]) => number, handle: Handle) {
  const guid = fixedMemory(16);
  guid.set(WSARECVMSG);
  const pointer = fixedMemory(8);
  const code = SIO_GET_EXTENSION_FUNCTION_POINTER;
  if (ioctl(handle, code, guid, 16, pointer, 8, fixedMemory(4), null, null) !== 0) return undefined;
  return native.fromPointer(new DataView(pointer.buffer).getBigUint64(0, true), RECEIVE);
}

function waits(native: Native, poll: (...args: unknown[]) => number): Pick<Calls, "wait" | "together"> {
  try {
    // Without it a tick is 15.6 ms. It holds for this process, and as long as that lives.
    native.open("winmm.dll", MULTIMEDIA).timeBeginPeriod(1);
  } catch {
    // Waits end later then, never earlier.
  }
  const one = fixedMemory(POLLFD);
  const words = new Uint32Array(one.buffer);
  const fds = new PollFds(POLLFD / 4, 2, POLLRDNORM);
  const milliseconds = (ns: number) => Math.max(Math.floor(ns / 1e6) - COARSE_MS, 0);
  return {
    wait(descriptor, writable, ns) {
      words[0] = descriptor;
      words[2] = writable ? POLLWRNORM : POLLRDNORM;
      return poll(one, 1, milliseconds(ns));
    },
    together: {
      add: (descriptor) => fds.add(descriptor),
      remove: (at) => fds.remove(at),
      wait: (ns) => poll(fds.memory, fds.count, milliseconds(ns)),
      events: (at) => fds.events(at),
    },
  };
}

interface Kernel {
  GetSystemTimePreciseAsFileTime(time: Uint8Array): void;
  QueryPerformanceCounter(count: Uint8Array): number;
  QueryPerformanceFrequency(frequency: Uint8Array): number;
}

function clocks(kernel: Kernel): Pick<Calls, "mono" | "wall"> {
  const memory = fixedMemory(8);
  const words = new Uint32Array(memory.buffer);
  kernel.QueryPerformanceFrequency(memory);
  const unit = 1e9 / (words[1] * 2 ** 32 + words[0]);
  kernel.QueryPerformanceCounter(memory);
  // It counts from the start of the system: from here on, doubles keep its nanoseconds for longer.
  const [low, high] = words;
  return {
    mono(): Mono {
      kernel.QueryPerformanceCounter(memory);
      return ((words[1] - high) * 2 ** 32 + (words[0] - low)) * unit;
    },
    wall(out, at) {
      kernel.GetSystemTimePreciseAsFileTime(memory);
      fileTimeToWall(words[0], words[1], out, at);
    },
  };
}
