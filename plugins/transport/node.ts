/**
 * Datagrams through `node:dgram`, which both runtimes have: the fallback. Stamped in user space, TTL can be set.
 *
 * @module
 */
import { createSocket, type Socket } from "node:dgram";
import process from "node:process";
import { parseAddress } from "../../core/address.ts";
import { type Batch, PEER_SIZE } from "../../core/batch.ts";
import type { Capabilities, DatagramSocket, SocketOptions, Stamp, Transport } from "../../core/transport.ts";
import { hostClock } from "./host_clock.ts";
import { createInbox, type Inbox, QueuedSocket } from "./queued_socket.ts";
import { bindRefusal, refuseUnsupported } from "./refusal.ts";

const CAPABILITIES: Capabilities = {
  batch: 1,
  rxStamp: "user",
  txStamp: "user",
  ipHeader: false,
  setTos: false,
  setTtl: true,
  // On Deno setTTL of an IPv6 socket changes nothing (seen on the wire with 2.9.5).
  setHopLimit: process.versions.deno === undefined,
  setBothTtl: false,
  dontFragment: false,
  bindInterface: false,
  sharePort: false,
  precise: false,
};

class NodeSocket extends QueuedSocket {
  readonly #socket: Socket;

  constructor(socket: Socket, inbox: Inbox) {
    const { address, port } = socket.address();
    super(CAPABILITIES, inbox, address, port);
    this.#socket = socket;
    socket.on("message", (bytes, from) => inbox.queue.push(bytes, from.address, from.port));
    // An ICMP refusal of an earlier datagram: the probe times out by itself, a responder goes on.
    socket.on("error", () => {});
  }

  readonly #sent = (error: Error | null): void => {
    if (error) this.refused(error);
  };

  /** `node:dgram` may send after this returns, so it gets a copy: the slot is used again before that. */
  send(tx: Batch, stamp?: Stamp): number {
    const { book } = this.inbox;
    let left = 0;
    for (let slot = 0; slot < tx.count; slot++) {
      const length = tx.length[slot];
      if (length === 0) continue;
      const at = slot * tx.stride;
      const peer = slot * PEER_SIZE;
      stamp?.(tx, slot, slot + 1);
      const copy = tx.bytes.slice(at, at + length);
      try {
        this.#socket.send(copy, book.port(tx.peer, peer), book.host(tx.peer, peer), this.#sent);
        left++;
      } catch (error) {
        this.refused(error);
        tx.length[slot] = 0;
      }
    }
    return left;
  }

  protected release(): void {
    this.#socket.close();
  }
}

/** The transport of `node:dgram`. */
export function createNodeTransport(): Transport {
  return {
    name: "node",
    probe: () => CAPABILITIES,
    clock: hostClock,
    openDatagram(options: SocketOptions): Promise<DatagramSocket> {
      return new Promise((resolve, reject) => {
        refuseUnsupported("node", CAPABILITIES, options);
        const family = parseAddress(options.hostname)?.family ?? 4;
        const socket = createSocket({ type: family === 6 ? "udp6" : "udp4" });
        const refused = (error: Error) => {
          socket.close();
          reject(bindRefusal(error, options));
        };
        socket.once("error", refused);
        socket.bind({ address: options.hostname, port: options.port, exclusive: true }, () => {
          socket.off("error", refused);
          try {
            if (options.ttl !== undefined) socket.setTTL(options.ttl);
          } catch (error) {
            return refused(error as Error);
          }
          resolve(new NodeSocket(socket, createInbox(options)));
        });
      });
    },
  };
}
