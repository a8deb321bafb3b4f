/**
 * TOS and traffic class of connections. `node:net` has nothing for it, and its descriptors are not to be had on Deno:
 * where there are system calls the socket is found by its two ends.
 *
 * @module
 */
import process from "node:process";
import type { ByteStream, StreamAddress } from "../../core/stream.ts";
import { openLibc } from "./ffi/linux/libc.ts";
import { StreamSockets } from "./ffi/linux/streams.ts";

let sockets: StreamSockets | undefined;

function open(): StreamSockets | undefined {
  if (process.platform !== "linux") return undefined;
  const libc = openLibc();
  return typeof libc === "string" ? undefined : sockets ??= new StreamSockets(libc);
}

/**
 * Has the packets of `stream` leave with `tos`, but for its ECN bits, which are TCP's own; false where the system does not
 * do it. Those of the handshake have left already.
 */
export function setStreamTos(stream: ByteStream, tos: number): boolean {
  const found = open();
  const descriptor = found?.find(stream);
  return found !== undefined && descriptor !== undefined && found.setTos(descriptor, tos);
}

/**
 * Has the listener at `address` keep the SYN of each connection. Returns what gives a connection the DSCP that its SYN
 * had; undefined where the system does not tell.
 */
export function keepDscp(address: StreamAddress): ((stream: ByteStream) => void) | undefined {
  const found = open();
  if (found === undefined || !found.keepSyns(address)) return undefined;
  return (stream) => {
    const descriptor = found.find(stream);
    const tos = descriptor === undefined ? undefined : found.tosOfSyn(descriptor);
    if (tos !== undefined) found.setTos(descriptor!, tos);
  };
}
