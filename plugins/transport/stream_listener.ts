/**
 * Connections taken, over `node:net`.
 *
 * What the runtimes do at the limit of open files is no error: Deno's listener is deaf from then on, Bun's spins (seen
 * with 2.9.5 and 1.4.5). So there are never so many connections.
 *
 * @module
 */
import { readdirSync, readFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { isMappedIpv4, parseAddress } from "../../core/address.ts";
import { TransportError } from "../../core/errors.ts";
import type { ByteStream, ListenOptions, StreamAddress, StreamListener } from "../../core/stream.ts";
import { endpoint, NetStream } from "./net_stream.ts";
import { listenRefusal } from "./stream_refusal.ts";
import { keepDscp } from "./stream_tos.ts";

/** Files and other sockets that there must be room for besides. */
export const SPARE = 64;

class Listener implements StreamListener {
  readonly most: number;
  refused = 0;
  readonly #server: Server;
  readonly #accept: (stream: ByteStream) => void;
  readonly #isIpv6Alone: boolean;
  #address: StreamAddress | undefined;
  #follow: ((stream: ByteStream) => void) | undefined;
  #open = 0;

  constructor(server: Server, options: ListenOptions, isIpv6Alone: boolean, accept: (stream: ByteStream) => void) {
    this.#server = server;
    this.#accept = accept;
    this.#isIpv6Alone = isIpv6Alone;
    this.most = Math.max(1, Math.min(options.most, descriptors() - options.backlog - SPARE));
    server.on("connection", (socket) => this.#take(socket));
  }

  /** The server listens. */
  begin(options: ListenOptions): void {
    const { address, port } = this.#server.address() as { address: string; port: number };
    this.#address = endpoint(address, port, parseAddress(options.host)?.zone);
    if (options.keepDscp) this.#follow = keepDscp(this.#address);
    this.#server.on("error", () => {}); // it goes on, or there is nothing that could be done
  }

  get address(): StreamAddress {
    return this.#address!;
  }

  #take(socket: Socket): void {
    // Of a peer that has gone already nothing is known.
    if (socket.remoteAddress === undefined || this.#open >= this.most || this.#isOfOtherFamily(socket.remoteAddress)) {
      this.refused++;
      socket.on("error", () => {});
      socket.resetAndDestroy();
      return;
    }
    const stream = new NetStream(socket);
    this.#open++;
    stream.onClose = () => this.#open--;
    const follow = this.#follow;
    if (follow !== undefined) stream.keepDscp = () => follow(stream);
    this.#accept(stream);
  }

  /** Deno takes IPv4 on `::` whatever `ipv6Only` says (seen with 2.9.5). */
  #isOfOtherFamily(remote: string): boolean {
    if (!this.#isIpv6Alone) return false;
    const address = parseAddress(remote);
    return address === undefined || isMappedIpv4(address.octets, 0);
  }

  close(): void {
    this.#server.close();
  }
}

/** Descriptors that this program can still have; `Infinity` where the system does not tell. */
export function descriptors(): number {
  try {
    const limit = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"));
    return limit === null ? Infinity : Number(limit[1]) - readdirSync("/proc/self/fd").length;
  } catch {
    return Infinity;
  }
}

/** Listens, and hands over what connects, until it is closed; rejects with a `TransportError`. */
export function listenStreams(
  options: ListenOptions,
  accept: (stream: ByteStream) => void,
): Promise<StreamListener> {
  return new Promise((resolve, reject) => {
    const { host, port, backlog, dualStack } = options;
    const family = parseAddress(host)?.family;
    if (family === undefined) {
      throw new TransportError("unresolved", `'${host}' is not an address: look the name up first`);
    }
    const isIpv6Alone = family === 6 && !dualStack;
    // The end of what comes is not the end of what goes (RFC 5357 has commands in both directions).
    const server = createServer({ allowHalfOpen: true });
    const listener = new Listener(server, options, isIpv6Alone, accept);
    const refused = (error: Error) => reject(listenRefusal(error, options));
    server.once("error", refused);
    server.listen({ host, port, backlog, ipv6Only: isIpv6Alone, exclusive: true }, () => {
      server.off("error", refused);
      listener.begin(options);
      resolve(listener);
    });
  });
}
