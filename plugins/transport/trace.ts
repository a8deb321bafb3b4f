/**
 * A wrapper around any transport that tells every datagram in hex: `--debug`.
 *
 * @module
 */
import { formatAddress, formatEndpoint } from "../../core/address.ts";
import { type Batch, PEER_PORT, PEER_SIZE } from "../../core/batch.ts";
import type { Mono } from "../../core/time/clock.ts";
import type { DatagramSocket, Stamp, Transport } from "../../core/transport.ts";
import { ForwardingSocket } from "./forwarding.ts";

function tell(batch: Batch, verb: string, say: (line: string) => void): void {
  for (let slot = 0; slot < batch.count; slot++) {
    const length = batch.length[slot];
    if (length === 0) continue;
    const at = slot * batch.stride;
    const peer = slot * PEER_SIZE;
    const port = (batch.peer[peer + PEER_PORT] << 8) | batch.peer[peer + PEER_PORT + 1];
    const hex = Array.from(batch.bytes.subarray(at, at + length), (octet) => octet.toString(16).padStart(2, "0")).join(
      "",
    );
    say(`DEBUG    ${verb} ${formatEndpoint(formatAddress(batch.peer, peer), port)} ${length} octets ${hex}`);
  }
}

class TracedSocket extends ForwardingSocket {
  readonly #say: (line: string) => void;

  constructor(inner: DatagramSocket, say: (line: string) => void) {
    super(inner);
    this.#say = say;
  }

  override receive(rx: Batch, until: Mono): number | Promise<number> {
    const count = this.inner.receive(rx, until);
    return typeof count === "number" ? this.#received(rx, count) : count.then((n) => this.#received(rx, n));
  }

  #received(rx: Batch, count: number): number {
    tell(rx, "from", this.#say);
    return count;
  }

  override send(tx: Batch, stamp?: Stamp, together?: number): number | Promise<number> {
    const left = this.inner.send(tx, stamp, together);
    tell(tx, "to", this.#say);
    return left;
  }
}

/** Wraps `inner`; `say` gets a line a datagram, after the system call. */
export function createTraceTransport(inner: Transport, say: (line: string) => void): Transport {
  return {
    name: inner.name,
    probe: () => inner.probe(),
    clock: () => inner.clock(),
    openDatagram: async (options) => new TracedSocket(await inner.openDatagram(options), say),
  };
}
