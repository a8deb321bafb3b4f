/**
 * The ffi transport of Linux.
 *
 * @module
 */
import type { Capabilities, DatagramSocket, SocketOptions, Transport } from "../../../../core/transport.ts";
import { LinuxClock } from "./clock.ts";
import { type Libc, openLibc } from "./libc.ts";
import { createThread, type Thread } from "./poller.ts";
import { BATCH, LinuxSocket } from "./socket.ts";

const CAPABILITIES: Capabilities = {
  batch: BATCH,
  rxStamp: "kernel",
  txStamp: "kernel",
  ipHeader: true,
  setTos: true,
  perPacketTos: true,
  setTtl: true,
  setHopLimit: true,
  setBothTtl: true,
  dontFragment: true,
  bindInterface: true,
  sharePort: true,
  precise: true,
};

let clock: LinuxClock | undefined;
let thread: Thread | undefined;

/** One clock a thread, so that stamps of two sockets agree and a step is counted once. */
function clockOf(libc: Libc): LinuxClock {
  return clock ??= new LinuxClock(libc);
}

/** What the sockets of this thread share, made with the first of them. */
export function threadOf(libc: Libc): Thread {
  return thread ??= createThread(libc, clockOf(libc));
}

/** A socket of this transport; throws a `TransportError`. */
export function openSocket(libc: Libc, options: SocketOptions): LinuxSocket {
  return new LinuxSocket(threadOf(libc), options, CAPABILITIES);
}

/** The transport, or why there is none. */
export function openLinuxTransport(): Transport | string {
  const libc = openLibc();
  if (typeof libc === "string") return libc;
  return {
    name: "ffi",
    probe: () => CAPABILITIES,
    clock: () => clockOf(libc),
    openDatagram(options: SocketOptions): Promise<DatagramSocket> {
      return Promise.resolve().then(() => openSocket(libc, options));
    },
  };
}
