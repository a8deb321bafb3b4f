/**
 * TCP for the control protocols, over `node:net`: connections made here, and taken in `stream_listener.ts`.
 *
 * @module
 */
import { createSocket } from "node:dgram";
import { connect } from "node:net";
import process from "node:process";
import { formatEndpoint, parseAddress } from "../../core/address.ts";
import { TransportError } from "../../core/errors.ts";
import type { ByteStream, ConnectOptions } from "../../core/stream.ts";
import { NetStream } from "./net_stream.ts";
import { connectRefusal, connectTimeout, type NetError } from "./stream_refusal.ts";

export { listenStreams } from "./stream_listener.ts";
export { setStreamTos } from "./stream_tos.ts";

/** Connects; rejects with a `TransportError`. */
export async function connectStream(options: ConnectOptions): Promise<ByteStream> {
  const family = familyOf(options.host);
  if (options.localHost !== undefined && familyOf(options.localHost) !== family) {
    throw new TransportError(
      "unsupported",
      `local address '${options.localHost}' cannot reach '${options.host}': give two of IPv4 or two of IPv6`,
    );
  }
  const failure = await new Promise<NetStream | TransportError | NetError>((resolve) => {
    const { host, port, localHost, timeoutMs, signal } = options;
    const aborted = () => new TransportError("aborted", `connecting to ${formatEndpoint(host, port)} was interrupted`);
    if (signal?.aborted) return resolve(aborted());
    const local = localHost === undefined ? {} : { localAddress: localHost };
    const socket = connect({ host, port, family, allowHalfOpen: true, ...local });
    const finish = (outcome: NetStream | TransportError | NetError) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      socket.off("error", finish);
      if (outcome instanceof NetStream) return resolve(outcome);
      socket.on("error", () => {}); // what comes of giving up
      socket.destroy(); // a reset is not for what is not connected: Bun would go on connecting
      resolve(outcome);
    };
    const onAbort = () => finish(aborted());
    const timer = setTimeout(() => finish(connectTimeout(options)), timeoutMs);
    signal?.addEventListener("abort", onAbort);
    socket.once("error", finish);
    socket.once("connect", () => finish(new NetStream(socket, parseAddress(host)?.zone)));
  });
  if (failure instanceof NetStream) return failure;
  if (failure instanceof TransportError) throw failure;
  throw connectRefusal(failure, options, failure.code !== "ECONNREFUSED" || await hasRoute(options.host, family));
}

function familyOf(host: string): 4 | 6 {
  const family = parseAddress(host)?.family;
  if (family !== undefined) return family;
  throw new TransportError("unresolved", `'${host}' is not an address: look the name up first`);
}

/** Bun says "refused" where there is no way; a datagram socket is asked then, by which nothing is sent. */
function hasRoute(host: string, family: 4 | 6): Promise<boolean> {
  if (process.versions.bun === undefined) return Promise.resolve(true);
  return new Promise((resolve) => {
    const socket = createSocket(family === 6 ? "udp6" : "udp4");
    const finish = (has: boolean) => {
      socket.close();
      resolve(has);
    };
    socket.once("error", () => finish(false));
    socket.connect(9, host, (error?: Error) => finish(!error));
  });
}
