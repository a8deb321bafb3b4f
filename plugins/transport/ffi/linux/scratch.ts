/**
 * Datagrams between two sockets of our own on loopback, to see what comes with them.
 *
 * @module
 */
import { type Batch, PEER_SIZE } from "../../../../core/batch.ts";
import type { SocketOptions } from "../../../../core/transport.ts";
import type { Libc } from "./libc.ts";
import { openSocket, threadOf } from "./mod.ts";
import type { LinuxSocket } from "./socket.ts";

/** Longer than loopback takes on a machine that is busy. */
const PATIENCE_NS = 50e6;
/** Octets of a TWAMP test packet, which is what fills the buffers of a measurement. */
export const DATAGRAM = 41;
const STRIDE = 64;

/** Two sockets and a way between them. */
export interface Scratch {
  readonly near: LinuxSocket;
  readonly far: LinuxSocket;
  /** Sends `count` datagrams from near to far; how many the system took. */
  send(count?: number): Promise<number>;
  /** What came to far. */
  receive(): Promise<Batch>;
}

/** Runs `use` with two sockets; `to` is where far is reached. Throws a `TransportError` where they cannot be had. */
export async function withScratch<T>(
  libc: Libc,
  near: Partial<SocketOptions>,
  far: Partial<SocketOptions>,
  to: string,
  use: (scratch: Scratch) => T | Promise<T>,
): Promise<T> {
  const open: LinuxSocket[] = [];
  const make = (options: Partial<SocketOptions>) => {
    const socket = openSocket(libc, { hostname: to, port: 0, stride: STRIDE, readTos: true, ...options });
    open.push(socket);
    return socket;
  };
  try {
    const sockets = { near: make(near), far: make(far) };
    return await use(scratch(libc, sockets.near, sockets.far, to));
  } finally {
    open.forEach((socket) => socket.close());
  }
}

function scratch(libc: Libc, near: LinuxSocket, far: LinuxSocket, to: string): Scratch {
  const [tx, rx] = [near.createBatch(), far.createBatch()];
  const peer = near.peer(to, far.address.port);
  for (let slot = 0; slot < tx.capacity; slot++) tx.peer.set(peer, slot * PEER_SIZE);
  return {
    near,
    far,
    send(count = 1) {
      tx.length.fill(DATAGRAM, 0, count);
      tx.count = count;
      return Promise.resolve(near.send(tx));
    },
    async receive() {
      await far.receive(rx, threadOf(libc).clock.mono() + PATIENCE_NS);
      return rx;
    },
  };
}
