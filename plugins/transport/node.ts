/**
 * Datagrams through `node:dgram`, which both runtimes have: the fallback. Stamped in user space, TTL can be set.
 *
 * @module
 */
import { createSocket, type Socket } from "node:dgram";
import process from "node:process";
import { parseAddress } from "../../core/address.ts";
import { type Batch, createBatch, DEFAULT_STRIDE, PEER_SIZE } from "../../core/batch.ts";
import type { Mono } from "../../core/time/clock.ts";
import type { Capabilities, DatagramSocket, SocketOptions, Transport } from "../../core/transport.ts";
import { AddressBook } from "./address_book.ts";
import { type HostClock, hostClock } from "./host_clock.ts";
import { ReceiveQueue } from "./queue.ts";
import { bindRefusal, refuseUnsupported, sendRefusal } from "./refusal.ts";

const CAPABILITIES: Capabilities = {
  batch: 1,
  rxStamp: "user",
  txStamp: "user",
  ipHeader: false,
  setTos: false,
  setTtl: true,
  // On Deno setTTL of an IPv6 socket changes nothing (seen on the wire with 2.9.5).
  setHopLimit: process.versions.deno === undefined,
  dontFragment: false,
};

class NodeSocket implements DatagramSocket {
  readonly address: { readonly hostname: string; readonly port: number };
  readonly capabilities = CAPABILITIES;
  sendErrors = 0;
  lastSendError: string | undefined;
  readonly #socket: Socket;
  readonly #queue: ReceiveQueue;
  readonly #book: AddressBook;
  readonly #stride: number;
  #closed = false;

  constructor(socket: Socket, clock: HostClock, stride: number) {
    const { address, port } = socket.address();
    this.#socket = socket;
    this.address = { hostname: address, port };
    this.#book = new AddressBook(parseAddress(address)?.family ?? 4);
    this.#queue = new ReceiveQueue(clock, this.#book, stride);
    this.#stride = stride;
    socket.on("message", (bytes, from) => this.#queue.push(bytes, from.address, from.port));
    // An ICMP refusal of an earlier datagram: the probe times out by itself, a responder goes on.
    socket.on("error", () => {});
  }

  get overflows(): number {
    return this.#queue.overflows;
  }

  peer(host: string, port: number): Uint8Array {
    return this.#book.peer(host, port);
  }

  createBatch(): Batch {
    return createBatch(1, this.#stride);
  }

  receive(rx: Batch, until: Mono): number | Promise<number> {
    return this.#queue.receive(rx, until);
  }

  readonly #sent = (error: Error | null): void => {
    if (error) this.#refused(error);
  };

  /** `node:dgram` may send after this returns, so it gets a copy: the slot is used again before that. */
  send(tx: Batch): number {
    let left = 0;
    for (let slot = 0; slot < tx.count; slot++) {
      const length = tx.length[slot];
      if (length === 0) continue;
      const at = slot * tx.stride;
      const peer = slot * PEER_SIZE;
      const copy = tx.bytes.slice(at, at + length);
      try {
        this.#socket.send(copy, this.#book.port(tx.peer, peer), this.#book.host(tx.peer, peer), this.#sent);
        left++;
      } catch (error) {
        this.#refused(error);
      }
    }
    return left;
  }

  #refused(error: unknown): void {
    this.sendErrors++;
    this.lastSendError = sendRefusal(error);
  }

  wake(): void {
    this.#queue.wake();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
    this.#queue.wake();
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
          resolve(new NodeSocket(socket, hostClock(), options.stride ?? DEFAULT_STRIDE));
        });
      });
    },
  };
}
