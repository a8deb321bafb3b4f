/**
 * Datagrams through `Bun.udpSocket`: portable, stamped in user space, TTL can be set.
 *
 * @module
 */
import { type Batch, PEER_SIZE } from "../../core/batch.ts";
import type { Capabilities, DatagramSocket, SocketOptions, Stamp, Transport } from "../../core/transport.ts";
import { hostClock } from "./host_clock.ts";
import { createInbox, type Inbox, QueuedSocket } from "./queued_socket.ts";
import { bindRefusal, refuseUnsupported } from "./refusal.ts";

interface UdpSocket {
  readonly address: { readonly address: string; readonly port: number };
  send(bytes: Uint8Array, port: number, host: string): boolean;
  setTTL(ttl: number): number;
  close(): void;
}
interface UdpHandlers {
  data(socket: UdpSocket, bytes: Uint8Array, port: number, host: string): void;
  error(socket: UdpSocket, error: Error): void;
}
interface BunNet {
  udpSocket?(
    options: { hostname: string; port: number; binaryType: "uint8array"; socket: UdpHandlers },
  ): Promise<UdpSocket>;
}

const CAPABILITIES: Capabilities = {
  batch: 1,
  rxStamp: "user",
  txStamp: "user",
  ipHeader: false,
  setTos: false,
  setTtl: true,
  setHopLimit: true,
  setBothTtl: false,
  dontFragment: false,
  bindInterface: false,
  sharePort: false,
  precise: false,
};

/** A TTL that the system refuses must not leave the port bound. */
function setTtl(socket: UdpSocket, ttl: number): void {
  try {
    socket.setTTL(ttl);
  } catch (error) {
    socket.close();
    throw error;
  }
}

class BunSocket extends QueuedSocket {
  readonly #socket: UdpSocket;

  constructor(socket: UdpSocket, inbox: Inbox) {
    super(CAPABILITIES, inbox, socket.address.address, socket.address.port);
    this.#socket = socket;
  }

  send(tx: Batch, stamp?: Stamp): number {
    const { book } = this.inbox;
    let left = 0;
    for (let slot = 0; slot < tx.count; slot++) {
      const length = tx.length[slot];
      if (length === 0) continue;
      const at = slot * tx.stride;
      const peer = slot * PEER_SIZE;
      stamp?.(tx, slot, slot + 1);
      try {
        const host = book.host(tx.peer, peer);
        if (this.#sendOne(tx.bytes.subarray(at, at + length), book.port(tx.peer, peer), host)) left++;
        else {
          this.refused("the send buffer of the system is full");
          tx.length[slot] = 0;
        }
      } catch (error) {
        this.refused(error);
        tx.length[slot] = 0;
      }
    }
    return left;
  }

  /** A call that fails because an earlier datagram was refused by its host has not sent this one: it is called again. */
  #sendOne(bytes: Uint8Array, port: number, host: string): boolean {
    try {
      return this.#socket.send(bytes, port, host);
    } catch (error) {
      if ((error as { code?: string }).code !== "ECONNREFUSED") throw error;
      return this.#socket.send(bytes, port, host);
    }
  }

  protected release(): void {
    this.#socket.close();
  }
}

/** The transport of Bun's own sockets. */
export function createBunTransport(): Transport {
  const net = (globalThis as { Bun?: BunNet }).Bun;
  return {
    name: "bun",
    probe: () => net?.udpSocket === undefined ? undefined : CAPABILITIES,
    clock: hostClock,
    async openDatagram(options: SocketOptions): Promise<DatagramSocket> {
      refuseUnsupported("bun", CAPABILITIES, options);
      const inbox = createInbox(options);
      try {
        const socket = await net!.udpSocket!({
          hostname: options.hostname,
          port: options.port,
          binaryType: "uint8array",
          socket: {
            data: (_socket, bytes, port, host) => inbox.queue.push(bytes, host, port),
            // An ICMP refusal of an earlier datagram: the probe times out by itself, a responder goes on.
            error: () => {},
          },
        });
        if (options.ttl !== undefined) setTtl(socket, options.ttl);
        return new BunSocket(socket, inbox);
      } catch (error) {
        throw bindRefusal(error, options);
      }
    },
  };
}
