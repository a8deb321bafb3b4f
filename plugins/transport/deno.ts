/**
 * Datagrams through `Deno.listenDatagram`: portable, stamped in user space, no socket options.
 *
 * @module
 */
import { type Batch, PEER_SIZE } from "../../core/batch.ts";
import type { Capabilities, DatagramSocket, SocketOptions, Stamp, Transport } from "../../core/transport.ts";
import { hostClock } from "./host_clock.ts";
import { createInbox, type Inbox, QueuedSocket } from "./queued_socket.ts";
import { bindRefusal, refuseUnsupported } from "./refusal.ts";

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
  setBothTtl: false,
  dontFragment: false,
  bindInterface: false,
  sharePort: false,
  precise: false,
};

class DenoSocket extends QueuedSocket {
  readonly #conn: DatagramConn;

  constructor(conn: DatagramConn, inbox: Inbox) {
    super(CAPABILITIES, inbox, conn.addr.hostname, conn.addr.port);
    this.#conn = conn;
    this.#pump();
  }

  /** Keeps one receive under way; one octet more than a slot shows what was cut off. */
  async #pump(): Promise<void> {
    const { queue, stride } = this.inbox;
    const into = new Uint8Array(stride + 1);
    while (!this.isClosed) {
      try {
        const [bytes, from] = await this.#conn.receive(into);
        queue.push(bytes, from.hostname, from.port);
      } catch (error) {
        // Closing ends the receive with an error; an ICMP refusal of an earlier reply must not end a responder, and an
        // error that stays must not spin.
        if (this.isClosed || (error as Error).name === "BadResource") return;
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }
  }

  async send(tx: Batch, stamp?: Stamp): Promise<number> {
    const { book } = this.inbox;
    let left = 0;
    for (let slot = 0; slot < tx.count; slot++) {
      const length = tx.length[slot];
      if (length === 0) continue;
      const at = slot * tx.stride;
      const peer = slot * PEER_SIZE;
      stamp?.(tx, slot, slot + 1);
      try {
        await this.#conn.send(tx.bytes.subarray(at, at + length), {
          transport: "udp",
          hostname: book.host(tx.peer, peer),
          port: book.port(tx.peer, peer),
        });
        left++;
      } catch (error) {
        this.refused(error);
        tx.length[slot] = 0;
      }
    }
    return left;
  }

  protected release(): void {
    this.#conn.close();
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
          return new DenoSocket(conn, createInbox(options));
        } catch (error) {
          throw bindRefusal(error, options);
        }
      });
    },
  };
}
