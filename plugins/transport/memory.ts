/**
 * A network inside the process, with virtual time: for tests. Time stands still while anybody can go on, and jumps to
 * the next delivery or deadline when all wait. Stamps are exact.
 *
 * @module
 */
import { parseAddress, peerOctets } from "../../core/address.ts";
import {
  type Batch,
  createBatch,
  DEFAULT_STRIDE,
  PEER_PORT,
  PEER_SIZE,
  SlotFlag,
  SOCKET_TOS,
} from "../../core/batch.ts";
import type { Clock, Mono, Nanos } from "../../core/time/clock.ts";
import type { Capabilities, DatagramSocket, SocketOptions, Stamp, Transport } from "../../core/transport.ts";
import { TransportError } from "../../core/errors.ts";

const CAPABILITIES: Capabilities = {
  batch: 64,
  rxStamp: "kernel",
  txStamp: "kernel",
  ipHeader: true,
  setTos: true,
  perPacketTos: true,
  setTtl: true,
  setHopLimit: true,
  setBothTtl: true,
  dontFragment: true,
  bindInterface: false,
  sharePort: false,
  precise: false,
};

/** What the network does with a datagram: the delays of its copies, none if it is lost. */
export type Link = (from: number, to: number, octets: number, now: Mono) => readonly Nanos[];

interface Flight {
  at: Mono;
  order: number;
  to: number;
  bytes: Uint8Array;
  source: Uint8Array;
  ttl: number;
  tos: number;
}

const EPOCH_S = 1_790_000_000;

/** Sockets of one process, told apart by port. */
export class MemoryNetwork implements Clock {
  now: Mono = 0;
  readonly errorEstimate = 0x0001;
  readonly #link: Link;
  readonly #sockets = new Map<number, MemorySocket>();
  #flights: Flight[] = [];
  #order = 0;
  #scheduled = false;
  #nextPort = 49_152;

  /** `link` defaults to a wire of no length. */
  constructor(link: Link = () => [0]) {
    this.#link = link;
  }

  mono(): Mono {
    return this.now;
  }
  wall(out: Uint32Array, at: number): void {
    out[at] = EPOCH_S + Math.floor(this.now / 1e9);
    out[at + 1] = this.now % 1e9;
  }

  open(options: SocketOptions): MemorySocket {
    const port = options.port || this.#nextPort++;
    if (this.#sockets.has(port)) throw new TransportError("in-use", `local address port ${port} is in use`);
    const socket = new MemorySocket(this, { ...options, port });
    this.#sockets.set(port, socket);
    return socket;
  }
  release(port: number): void {
    this.#sockets.delete(port);
  }

  carry(from: MemorySocket, tx: Batch, slot: number): void {
    const at = slot * PEER_SIZE + PEER_PORT;
    const to = (tx.peer[at] << 8) | tx.peer[at + 1];
    const start = slot * tx.stride;
    const bytes = tx.bytes.slice(start, start + tx.length[slot]);
    for (const delay of this.#link(from.address.port, to, bytes.length, this.now)) {
      const { source, ttl } = from;
      const tos = tx.txTos[slot] === SOCKET_TOS ? from.tos : tx.txTos[slot];
      this.#flights.push({ at: this.now + delay, order: this.#order++, to, bytes, source, ttl, tos });
    }
    this.#flights.sort((a, b) => a.at - b.at || a.order - b.order);
    this.settle();
  }

  /** Looks for what comes next once everybody who can go on has done so. */
  settle(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#advance();
    });
  }

  #advance(): void {
    const sockets = [...this.#sockets.values()];
    const deadline = Math.min(...sockets.map((socket) => socket.until));
    const next = Math.min(deadline, this.#flights[0]?.at ?? Infinity);
    if (next === Infinity) return;
    this.now = Math.max(this.now, next);
    while (this.#flights.length > 0 && this.#flights[0].at <= this.now) {
      const flight = this.#flights.shift()!;
      this.#sockets.get(flight.to)?.arrive(flight);
    }
    for (const socket of sockets) if (socket.until <= this.now || socket.pending > 0) socket.finish();
    if (this.#flights.length > 0 || sockets.some((socket) => socket.until < Infinity)) this.settle();
  }
}

class MemorySocket implements DatagramSocket {
  readonly address: { readonly hostname: string; readonly port: number };
  readonly capabilities = CAPABILITIES;
  readonly sendErrors = 0;
  readonly lastSendError = undefined;
  readonly overflows = 0;
  readonly lostInHost = 0;
  readonly source: Uint8Array;
  readonly ttl: number;
  readonly tos: number;
  /** Deadline of the wait under way; `Infinity` without one. */
  until: Mono = Infinity;
  readonly #network: MemoryNetwork;
  readonly #stride: number;
  readonly #arrived: Flight[] = [];
  #rx: Batch | undefined;
  #resolve: ((n: number) => void) | undefined;
  #woken = false;
  isClosed = false;

  constructor(network: MemoryNetwork, options: SocketOptions) {
    this.#network = network;
    this.#stride = options.stride ?? DEFAULT_STRIDE;
    this.address = { hostname: options.hostname, port: options.port };
    this.ttl = options.ttl ?? 64;
    this.tos = options.tos ?? 0;
    this.source = this.peer(options.hostname, options.port);
  }

  get pending(): number {
    return this.#arrived.length;
  }
  arrive(flight: Flight): void {
    this.#arrived.push(flight);
  }

  peer(host: string, port: number): Uint8Array {
    return peerOctets(parseAddress(host)!, port);
  }

  createBatch(): Batch {
    return createBatch(CAPABILITIES.batch, this.#stride);
  }

  receive(rx: Batch, until: Mono): number | Promise<number> {
    if (this.isClosed || this.#arrived.length > 0 || this.#woken || until <= this.#network.now) return this.#take(rx);
    this.#rx = rx;
    this.until = until;
    this.#network.settle();
    return new Promise((resolve) => this.#resolve = resolve);
  }

  finish(): void {
    const resolve = this.#resolve;
    if (resolve === undefined || this.#rx === undefined) return;
    this.#resolve = undefined;
    this.until = Infinity;
    resolve(this.#take(this.#rx));
  }

  #take(rx: Batch): number {
    this.#woken = false;
    rx.count = 0;
    while (rx.count < rx.capacity && this.#arrived.length > 0) {
      const flight = this.#arrived.shift()!;
      const slot = rx.count++;
      const length = Math.min(flight.bytes.length, rx.stride);
      rx.bytes.set(flight.bytes.subarray(0, length), slot * rx.stride);
      rx.length[slot] = length;
      rx.stamp[2 * slot] = EPOCH_S + Math.floor(flight.at / 1e9);
      rx.stamp[2 * slot + 1] = flight.at % 1e9;
      rx.flags[slot] = SlotFlag.KERNEL_STAMP | SlotFlag.IP_HEADER | SlotFlag.TOS |
        (length < flight.bytes.length ? SlotFlag.TRUNCATED : 0);
      rx.ttl[slot] = flight.ttl;
      rx.tos[slot] = flight.tos;
      rx.txTos[slot] = SOCKET_TOS;
      rx.peer.set(flight.source, slot * PEER_SIZE);
    }
    return rx.count;
  }

  send(tx: Batch, stamp?: Stamp): number {
    stamp?.(tx, 0, tx.count);
    let left = 0;
    for (let slot = 0; slot < tx.count; slot++) {
      if (tx.length[slot] === 0) continue;
      this.#network.carry(this, tx, slot);
      left++;
    }
    return left;
  }

  wake(): void {
    this.#woken = true;
    this.finish();
  }
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#network.release(this.address.port);
    this.wake();
  }
}

/** The transport of a network in memory. */
export function createMemoryTransport(network: MemoryNetwork = new MemoryNetwork()): Transport {
  return {
    name: "memory",
    probe: () => CAPABILITIES,
    clock: () => network,
    openDatagram: (options) => Promise.resolve().then(() => network.open(options)),
  };
}
