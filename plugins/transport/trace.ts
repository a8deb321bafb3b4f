/**
 * A wrapper around any transport that tells every datagram in hex: `--debug`.
 *
 * @module
 */
import { formatAddress, formatEndpoint } from "../../core/address.ts";
import { type Batch, PEER_PORT, PEER_SIZE } from "../../core/batch.ts";
import type { DatagramSocket, Transport } from "../../core/transport.ts";

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

function traced(inner: DatagramSocket, say: (line: string) => void): DatagramSocket {
  const received = (rx: Batch, count: number) => {
    tell(rx, "from", say);
    return count;
  };
  return {
    get address() {
      return inner.address;
    },
    get capabilities() {
      return inner.capabilities;
    },
    get card() {
      return inner.card;
    },
    get sendErrors() {
      return inner.sendErrors;
    },
    get lastSendError() {
      return inner.lastSendError;
    },
    get lostInHost() {
      return inner.lostInHost;
    },
    get networkErrors() {
      return inner.networkErrors;
    },
    get overflows() {
      return inner.overflows;
    },
    get isClosed() {
      return inner.isClosed;
    },
    peer: (host, port) => inner.peer(host, port),
    createBatch: () => inner.createBatch(),
    receive(rx, until) {
      const count = inner.receive(rx, until);
      return typeof count === "number" ? received(rx, count) : count.then((n) => received(rx, n));
    },
    send(tx, stamp, together) {
      const left = inner.send(tx, stamp, together);
      tell(tx, "to", say);
      return left;
    },
    ...(inner.localFor === undefined ? {} : { localFor: (peer) => inner.localFor!(peer) }),
    ...(inner.txStamps === undefined ? {} : { txStamps: (out, until) => inner.txStamps!(out, until) }),
    wake: () => inner.wake(),
    close: () => inner.close(),
  };
}

/** Wraps `inner`; `say` gets a line a datagram, after the system call. */
export function createTraceTransport(inner: Transport, say: (line: string) => void): Transport {
  return {
    name: inner.name,
    probe: () => inner.probe(),
    clock: () => inner.clock(),
    openDatagram: async (options) => traced(await inner.openDatagram(options), say),
  };
}
