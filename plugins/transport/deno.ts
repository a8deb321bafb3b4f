/**
 * Datagrams through `Deno.listenDatagram`: portable, stamped in user space, no socket options.
 *
 * @module
 */
import { parseAddress } from "../../core/address.ts";
import { type Batch, createBatch, DEFAULT_STRIDE, PEER_SIZE } from "../../core/batch.ts";
import type { Mono } from "../../core/time/clock.ts";
import type { Capabilities, DatagramSocket, SocketOptions, Transport } from "../../core/transport.ts";
import { AddressBook } from "./address_book.ts";
import { type HostClock, hostClock } from "./host_clock.ts";
import { ReceiveQueue } from "./queue.ts";
import { bindRefusal, refuseUnsupported, sendRefusal } from "./refusal.ts";

interface NetAddress {
  transport: "udp";
  hostname: string;
  port: number;
}
interface DatagramConn {
  readonly addr: NetAddress;
  receive(into: Uint8Array): Promise<[Uint8Array, NetAddress]>;
  send(bytes: Uint8Array, to: NetAddress): Promise<number>;
  close(): void;
}
interface DenoNet {
  listenDatagram?(options: NetAddress): DatagramConn;
}

const CAPABILITIES: Capabilities = {
  batch: 1,
  rxStamp: "user",
  txStamp: "user",
  ipHeader: false,
  setTos: false,
  setTtl: false,
  setHopLimit: false,
  dontFragment: false,
};

class DenoSocket implements DatagramSocket {
  readonly address: { readonly hostname: string; readonly port: number };
  readonly capabilities = CAPABILITIES;
  sendErrors = 0;
  lastSendError: string | undefined;
  readonly #conn: DatagramConn;
  readonly #queue: ReceiveQueue;
  readonly #book: AddressBook;
  readonly #stride: number;
  #closed = false;

  constructor(conn: DatagramConn, clock: HostClock, stride: number) {
    this.#conn = conn;
    this.address = { hostname: conn.addr.hostname, port: conn.addr.port };
    this.#book = new AddressBook(parseAddress(conn.addr.hostname)?.family ?? 4);
    this.#queue = new ReceiveQueue(clock, this.#book, stride);
    this.#stride = stride;
    this.#pump();
  }

  get overflows(): number {
    return this.#queue.overflows;
  }

  /** Keeps one receive under way; one octet more than a slot shows what was cut off. */
  async #pump(): Promise<void> {
    const into = new Uint8Array(this.#stride + 1);
    while (!this.#closed) {
      try {
        const [bytes, from] = await this.#conn.receive(into);
        this.#queue.push(bytes, from.hostname, from.port);
      } catch (error) {
        // Closing ends the receive with an error; an ICMP refusal of an earlier reply must not end a responder, and an
        // error that stays must not spin.
        if (this.#closed || (error as Error).name === "BadResource") return;
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }
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

  async send(tx: Batch): Promise<number> {
    let left = 0;
    for (let slot = 0; slot < tx.count; slot++) {
      const length = tx.length[slot];
      if (length === 0) continue;
      const at = slot * tx.stride;
      const peer = slot * PEER_SIZE;
      try {
        await this.#conn.send(tx.bytes.subarray(at, at + length), {
          transport: "udp",
          hostname: this.#book.host(tx.peer, peer),
          port: this.#book.port(tx.peer, peer),
        });
        left++;
      } catch (error) {
        this.sendErrors++;
        this.lastSendError = sendRefusal(error);
      }
    }
    return left;
  }

  wake(): void {
    this.#queue.wake();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#conn.close();
    this.#queue.wake();
  }
}

/** The transport of Deno's own sockets. */
export function createDenoTransport(): Transport {
  const net = (globalThis as { Deno?: DenoNet }).Deno;
  return {
    name: "deno",
    probe: () => net?.listenDatagram === undefined ? undefined : CAPABILITIES,
    clock: hostClock,
    openDatagram(options: SocketOptions): Promise<DatagramSocket> {
      return Promise.resolve().then(() => {
        refuseUnsupported("deno", CAPABILITIES, options);
        try {
          const conn = net!.listenDatagram!({ transport: "udp", hostname: options.hostname, port: options.port });
          return new DenoSocket(conn, hostClock(), options.stride ?? DEFAULT_STRIDE);
        } catch (error) {
          throw bindRefusal(error, options);
        }
      });
    },
  };
}
