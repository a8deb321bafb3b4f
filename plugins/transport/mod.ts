/**
 * The transports, best first.
 *
 * @module
 */
import type { TransportPlugin } from "../../core/plugin.ts";
import { createBunTransport } from "./bun.ts";
import { createDenoTransport } from "./deno.ts";
import { createFfiTransport } from "./ffi/mod.ts";
import { createNodeTransport } from "./node.ts";

/** Built-in transports in the order `auto` tries them. */
export const TRANSPORTS: readonly TransportPlugin[] = [
  {
    api: 1,
    kind: "transport",
    name: "ffi",
    summary: "system calls: stamps of the kernel, TOS, TTL and Don't Fragment, as far as the system has them",
    options: [],
    create: createFfiTransport,
  },
  {
    api: 1,
    kind: "transport",
    name: "deno",
    summary: "Deno.listenDatagram: user-space stamps, no socket options",
    options: [],
    create: createDenoTransport,
  },
  {
    api: 1,
    kind: "transport",
    name: "bun",
    summary: "Bun.udpSocket: user-space stamps, sets the TTL",
    options: [],
    create: createBunTransport,
  },
  {
    api: 1,
    kind: "transport",
    name: "node",
    summary: "node:dgram on either runtime: user-space stamps, sets the TTL; slow on Deno",
    options: [],
    create: createNodeTransport,
  },
];
