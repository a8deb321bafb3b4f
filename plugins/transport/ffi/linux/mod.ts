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

/** The transport, or why there is none. */
export function openLinuxTransport(): Transport | string {
  const libc = openLibc();
  if (typeof libc === "string") return libc;
  return {
    name: "ffi",
    probe: () => CAPABILITIES,
    clock: () => clockOf(libc),
    openDatagram(options: SocketOptions): Promise<DatagramSocket> {
      return Promise.resolve().then(() => {
        thread ??= createThread(libc, clockOf(libc));
        return new LinuxSocket(thread, options, CAPABILITIES);
      });
    },
  };
}
