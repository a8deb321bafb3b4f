/**
 * Datagrams through `Bun.udpSocket`: portable, stamped in user space, TTL can be set.
 *
 * @module
 */
import { parseAddress } from "../../core/address.ts";
import { type Batch, createBatch, DEFAULT_STRIDE, PEER_SIZE } from "../../core/batch.ts";
import type { Mono } from "../../core/time/clock.ts";
import type { Capabilities, DatagramSocket, SocketOptions, Transport } from "../../core/transport.ts";
import { AddressBook } from "./address_book.ts";
import { hostClock } from "./host_clock.ts";
import { ReceiveQueue } from "./queue.ts";
import { bindRefusal, refuseUnsupported, sendRefusal } from "./refusal.ts";

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
  dontFragment: false,
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

class BunSocket implements DatagramSocket {
  readonly address: { readonly hostname: string; readonly port: number };
  readonly capabilities = CAPABILITIES;
  sendErrors = 0;
  lastSendError: string | undefined;
  readonly #socket: UdpSocket;
  readonly #queue: ReceiveQueue;
  readonly #book: AddressBook;
  readonly #stride: number;
  #closed = false;

  constructor(socket: UdpSocket, queue: ReceiveQueue, book: AddressBook, stride: number) {
    this.#socket = socket;
    this.#queue = queue;
    this.#book = book;
    this.#stride = stride;
    this.address = { hostname: socket.address.address, port: socket.address.port };
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

  send(tx: Batch): number {
    let left = 0;
    for (let slot = 0; slot < tx.count; slot++) {
      const length = tx.length[slot];
      if (length === 0) continue;
      const at = slot * tx.stride;
      const peer = slot * PEER_SIZE;
      try {
        const host = this.#book.host(tx.peer, peer);
        if (this.#socket.send(tx.bytes.subarray(at, at + length), this.#book.port(tx.peer, peer), host)) left++;
        else this.#refused("the send buffer of the system is full");
      } catch (error) {
        this.#refused(sendRefusal(error));
      }
    }
    return left;
  }

  #refused(why: string): void {
    this.sendErrors++;
    this.lastSendError = why;
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

/** The transport of Bun's own sockets. */
export function createBunTransport(): Transport {
  const net = (globalThis as { Bun?: BunNet }).Bun;
  return {
    name: "bun",
    probe: () => net?.udpSocket === undefined ? undefined : CAPABILITIES,
    clock: hostClock,
    async openDatagram(options: SocketOptions): Promise<DatagramSocket> {
      refuseUnsupported("bun", CAPABILITIES, options);
      const stride = options.stride ?? DEFAULT_STRIDE;
      const book = new AddressBook(parseAddress(options.hostname)?.family ?? 4);
      const queue = new ReceiveQueue(hostClock(), book, stride);
      try {
        const socket = await net!.udpSocket!({
          hostname: options.hostname,
          port: options.port,
          binaryType: "uint8array",
          socket: {
            data: (_socket, bytes, port, host) => queue.push(bytes, host, port),
            // An ICMP refusal of an earlier datagram: the probe times out by itself, a responder goes on.
            error: () => {},
          },
        });
        if (options.ttl !== undefined) setTtl(socket, options.ttl);
        return new BunSocket(socket, queue, book, stride);
      } catch (error) {
        throw bindRefusal(error, options);
      }
    },
  };
}
