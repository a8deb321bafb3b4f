/**
 * A socket around another one, for wrappers: whoever extends it writes only what is different.
 *
 * @module
 */
import type { Batch, TxStamps } from "../../core/batch.ts";
import type { Mono } from "../../core/time/clock.ts";
import type { DatagramSocket, Stamp } from "../../core/transport.ts";

/** Does what `inner` does. What that one lacks, this one lacks too. */
export class ForwardingSocket implements DatagramSocket {
  protected readonly inner: DatagramSocket;
  localFor?: (peer: Uint8Array) => string | undefined;
  txStamps?: (out: TxStamps, until?: Mono) => number;

  constructor(inner: DatagramSocket) {
    this.inner = inner;
    if (inner.localFor !== undefined) this.localFor = (peer) => inner.localFor!(peer);
    if (inner.txStamps !== undefined) this.txStamps = (out, until) => inner.txStamps!(out, until);
  }

  get address() {
    return this.inner.address;
  }
  get capabilities() {
    return this.inner.capabilities;
  }
  get card() {
    return this.inner.card;
  }
  get sendErrors() {
    return this.inner.sendErrors;
  }
  get lastSendError() {
    return this.inner.lastSendError;
  }
  get networkErrors() {
    return this.inner.networkErrors;
  }
  get overflows() {
    return this.inner.overflows;
  }
  get lostInHost() {
    return this.inner.lostInHost;
  }
  get isClosed() {
    return this.inner.isClosed;
  }

  peer(host: string, port: number): Uint8Array {
    return this.inner.peer(host, port);
  }
  createBatch(): Batch {
    return this.inner.createBatch();
  }
  receive(rx: Batch, until: Mono): number | Promise<number> {
    return this.inner.receive(rx, until);
  }
  send(tx: Batch, stamp?: Stamp, together?: number): number | Promise<number> {
    return this.inner.send(tx, stamp, together);
  }
  wake(): void {
    this.inner.wake();
  }
  close(): void {
    this.inner.close();
  }
}
