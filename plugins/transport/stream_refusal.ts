/**
 * What the runtimes say when there is no connection or no listener, in one line: what, which value, what to do.
 *
 * @module
 */
import process from "node:process";
import { formatEndpoint, parseAddress } from "../../core/address.ts";
import { TransportError, type TransportErrorCode } from "../../core/errors.ts";
import type { ConnectOptions, ListenOptions } from "../../core/stream.ts";
import { isLinkLocal } from "./net_stream.ts";
import { bindRefusal } from "./refusal.ts";

/** Ports below this one need a privilege, unless the system is told otherwise. */
const FIRST_FREE_PORT = 1024;

type Refusal = readonly [TransportErrorCode, string];

const REFUSED = "refuses the connection: is a server running there, on this port?";
const NO_ROUTE: Refusal = [
  "unreachable",
  "cannot be reached: there is no route to it; check the address, and your network",
];

/** By the system's code. */
const REASONS: Readonly<Record<string, Refusal>> = {
  ECONNREFUSED: ["refused", REFUSED],
  ECONNRESET: ["refused", "resets the connection: is a server running there, and does it admit this host?"],
  ENETUNREACH: NO_ROUTE,
  EHOSTUNREACH: ["unreachable", "cannot be reached: no host answers there; check the address, and the way to it"],
  ENETDOWN: ["unreachable", "cannot be reached: the network is down"],
  ETIMEDOUT: ["timed-out", "does not answer: check the address, and firewalls on the way"],
  EACCES: ["permission", "is not allowed to be connected to: a rule of this host (route or firewall) forbids it"],
  EPERM: ["permission", "is not allowed to be connected to: a rule of this host (route or firewall) forbids it"],
  EMFILE: ["unavailable", "cannot be connected to: too many files are open already; raise the limit (ulimit -n)"],
  ENFILE: ["unavailable", "cannot be connected to: too many files are open on this host"],
  EAFNOSUPPORT: ["unsupported", "has an address family that this system does not support"],
};

/** What a runtime throws. */
export interface NetError {
  readonly code?: string | undefined;
  readonly syscall?: string | undefined;
  readonly message?: string;
}

/** A connection that could not be made. `hasRoute`: false where it was found out that there is none. */
export function connectRefusal(error: NetError, options: ConnectOptions, hasRoute = true): TransportError {
  const { host, port, localHost } = options;
  const code = error.code ?? "";
  const where = formatEndpoint(host, port);
  // Deno says EINVAL of a bind, Bun EADDRNOTAVAIL of a connect; without a local address that is a want of ports.
  if (localHost !== undefined && (code === "EADDRNOTAVAIL" || error.syscall === "bind")) {
    return bindRefusal({ code: code === "EINVAL" ? "EADDRNOTAVAIL" : code }, { hostname: localHost, port: 0 });
  }
  if (code === "EADDRNOTAVAIL") {
    return new TransportError("unavailable", `${where} cannot be connected to: this host has no free port for it`);
  }
  if (parseAddress(host)?.zone !== undefined && /^(EINVAL|EPERM|ENODEV)$/.test(code)) return zoneRefusal(host);
  if (isLinkLocal(host) && code === "EINVAL") {
    return new TransportError("unreachable", `'${host}' is an address of a link: say which, as in ${host}%eth0`);
  }
  const [reason, text] = !hasRoute
    ? NO_ROUTE
    : REASONS[code] ?? ["unavailable", `cannot be connected to: ${said(error)}`];
  return new TransportError(reason, `${where} ${text}${doubt(code, hasRoute)}`);
}

/** Bun calls every failure of a connection a refusal (seen with 1.4.5). */
function doubt(code: string, hasRoute: boolean): string {
  const isBun = process.versions.bun !== undefined;
  return isBun && hasRoute && code === "ECONNREFUSED" ? " (or no host answers: Bun does not tell)" : "";
}

/** Nobody has answered in time. */
export function connectTimeout({ host, port, timeoutMs }: ConnectOptions): TransportError {
  const where = formatEndpoint(host, port);
  return new TransportError(
    "timed-out",
    `${where} does not answer within ${timeoutMs} ms: check the address and firewalls`,
  );
}

/** A listener that could not be had. */
export function listenRefusal(error: NetError, { host, port }: ListenOptions): TransportError {
  const code = error.code ?? "";
  if (parseAddress(host)?.zone !== undefined && /^(EINVAL|EPERM|ENODEV|)$/.test(code)) return zoneRefusal(host);
  if (/^(EACCES|EPERM)$/.test(code) && port < FIRST_FREE_PORT) {
    return new TransportError(
      "permission",
      `local address ${formatEndpoint(host, port)} is not allowed to this user: ports below ${FIRST_FREE_PORT} need ` +
        "CAP_NET_BIND_SERVICE (or root); choose one from there with --control-port",
    );
  }
  return bindRefusal(error, { hostname: host, port });
}

/** Deno's `node:net` takes no zones, whether they exist or not (seen with 2.9.5). */
function zoneRefusal(host: string): TransportError {
  return process.versions.deno === undefined
    ? new TransportError("not-local", `'${host}' cannot be used: its zone has to be an interface of this host`)
    : new TransportError("unsupported", `'${host}' cannot be used: Deno has no TCP with zones; run the program on Bun`);
}

function said({ code, message }: NetError): string {
  return (message || code || "the system does not say why").split("\n")[0];
}
