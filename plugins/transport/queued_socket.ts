/**
 * What the sockets have in common whose runtime hands over one datagram at a time: a queue to receive from, a book of
 * addresses, and counts of what could not be sent.
 *
 * @module
 */
import { parseAddress } from "../../core/address.ts";
import { type Batch, createBatch, DEFAULT_STRIDE } from "../../core/batch.ts";
import type { Mono } from "../../core/time/clock.ts";
import type { Capabilities, DatagramSocket, SocketOptions, Stamp } from "../../core/transport.ts";
import { AddressBook } from "./address_book.ts";
import { hostClock } from "./host_clock.ts";
import { ReceiveQueue } from "./queue.ts";
import { sendRefusal } from "./refusal.ts";

/** Where datagrams are put and what they are measured with: made before the socket, which may have one at once. */
export interface Inbox {
  readonly queue: ReceiveQueue;
  readonly book: AddressBook;
  readonly stride: number;
}

/** The inbox of a socket that is bound as `options` say. */
export function createInbox(options: SocketOptions): Inbox {
  const stride = options.stride ?? DEFAULT_STRIDE;
  const book = new AddressBook(parseAddress(options.hostname)?.family ?? 4);
  return { queue: new ReceiveQueue(hostClock(), book, stride), book, stride };
}

/** A socket whose datagrams somebody pushes into its queue. */
export abstract class QueuedSocket implements DatagramSocket {
  readonly address: { readonly hostname: string; readonly port: number };
  readonly capabilities: Capabilities;
  sendErrors = 0;
  lastSendError: string | undefined;
  /** The system counts what it drops, and no runtime tells. */
  readonly lostInHost = null;
  protected readonly inbox: Inbox;
  isClosed = false;

  constructor(capabilities: Capabilities, inbox: Inbox, hostname: string, port: number) {
    this.capabilities = capabilities;
    this.inbox = inbox;
    this.address = { hostname, port };
  }

  abstract send(tx: Batch, stamp?: Stamp): number | Promise<number>;
  /** Gives the runtime its socket back; called once. */
  protected abstract release(): void;

  /** Counts a datagram that the system did not take. */
  protected refused(error: unknown): void {
    this.sendErrors++;
    this.lastSendError = sendRefusal(error);
  }

  get overflows(): number {
    return this.inbox.queue.overflows;
  }

  peer(host: string, port: number): Uint8Array {
    return this.inbox.book.peer(host, port);
  }

  createBatch(): Batch {
    return createBatch(this.capabilities.batch, this.inbox.stride);
  }

  receive(rx: Batch, until: Mono): number | Promise<number> {
    return this.inbox.queue.receive(rx, until);
  }

  wake(): void {
    this.inbox.queue.wake();
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.release();
    this.inbox.queue.close();
  }
}
