/**
 * What the runtimes say when a socket cannot be had, put into one line: what, which value, what to do.
 *
 * @module
 */
import { formatEndpoint } from "../../core/address.ts";
import { TransportError, type TransportErrorCode } from "../../core/errors.ts";
import type { Capabilities, SocketOptions } from "../../core/transport.ts";

/** By what the error calls itself: a code of the system, or the name of a class in Deno. */
const REASONS: readonly (readonly [RegExp, TransportErrorCode, string])[] = [
  [/EADDRINUSE|AddrInUse|in use/i, "in-use", "is in use: choose another port, or end the program that has it"],
  [
    /EACCES|EPERM|PermissionDenied|permission/i,
    "permission",
    "is not allowed to this user: ports below 1024 need privileges (on Linux CAP_NET_BIND_SERVICE); choose one from 1024",
  ],
  [
    /EADDRNOTAVAIL|AddrNotAvailable|not available|EINVAL|cannot assign/i,
    "not-local",
    "is not an address of this host: choose one that it has",
  ],
  [/EMFILE|ENFILE/, "unavailable", "cannot be opened: too many files are open already; raise the limit (ulimit -n)"],
  [/EAFNOSUPPORT|address family/i, "unsupported", "has an address family that this system does not support"],
];

/** The error of a bind that failed. */
export function bindRefusal(error: unknown, options: SocketOptions): TransportError {
  const { name, code, message } = error as { name?: string; code?: string; message?: string };
  const said = `${code ?? ""} ${name ?? ""} ${message ?? ""}`;
  const where = formatEndpoint(options.hostname, options.port);
  for (const [pattern, reason, text] of REASONS) {
    if (pattern.test(said)) return new TransportError(reason, `local address ${where} ${text}`);
  }
  return new TransportError(
    "unavailable",
    `local address ${where} cannot be used: ${message ?? code ?? String(error)}`,
  );
}

/** TTL or hop limit, by the family of the socket; no runtime sets both on a socket for both. */
export function canSetTtl(can: Capabilities, options: SocketOptions): boolean {
  if (options.dualStack) return can.setBothTtl;
  return options.hostname.includes(":") ? can.setHopLimit : can.setTtl;
}

/** TOS, by the family of the socket. */
export function canSetTos(can: Capabilities, options: SocketOptions): boolean {
  return can.setTos && isForBoth(can, options);
}

/** Whether what is set reaches both families if the socket is for both. */
function isForBoth(can: Capabilities, options: SocketOptions): boolean {
  return !options.dualStack || can.setBoth !== false;
}

/** What can be asked of packets that not every transport can do. */
export interface Need {
  /** In words, after "cannot". */
  readonly what: string;
  asked(options: SocketOptions): boolean;
  can(can: Capabilities, options: SocketOptions): boolean;
}

export const NEEDS: readonly Need[] = [
  { what: "set TOS (--tos, --dscp)", asked: (o) => o.tos !== undefined, can: canSetTos },
  { what: "set the TTL (--ttl)", asked: (o) => o.ttl !== undefined, can: canSetTtl },
  { what: "bind to an interface (--interface)", asked: (o) => o.interface !== undefined, can: (c) => c.bindInterface },
  {
    what: "take stamps below the program (--timestamp)",
    asked: (o) => o.stamps === "kernel" || o.stamps === "hardware",
    can: (c) => c.rxStamp !== "user",
  },
  { what: "wait precisely (--precise)", asked: (o) => o.precise === true, can: (c) => c.precise },
  { what: "share a port (--workers)", asked: (o) => o.sharePort !== undefined, can: (c) => c.sharePort },
  {
    what: "set Don't Fragment (--do-not-fragment)",
    asked: (o) => o.dontFragment === true,
    can: (c, o) => c.dontFragment && isForBoth(c, o),
  },
];

/** Refuses options that a transport cannot set; silence about them would be a false result. */
export function refuseUnsupported(transport: string, can: Capabilities, options: SocketOptions): void {
  const need = NEEDS.find((need) => need.asked(options) && !need.can(can, options));
  if (need === undefined) return;
  throw new TransportError(
    "unsupported",
    `the ${transport} transport cannot ${need.what}: leave it out, or take a transport whose probe() says it can`,
  );
}

/** The last word of the system on a datagram that it did not take. */
export function sendRefusal(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  return message ?? code ?? String(error);
}
