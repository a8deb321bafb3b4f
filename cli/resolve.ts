/**
 * From what was typed to addresses: names are looked up here, once.
 *
 * @module
 */
import { createSocket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { networkInterfaces } from "node:os";
import { type Address, formatAddress, isMappedIpv4, parseAddress, parseEndpoint } from "../core/address.ts";
import { OptionError, TransportError } from "../core/errors.ts";

/** An address and a port. */
export interface Target {
  readonly address: Address;
  /** The literal, zone and all. */
  readonly host: string;
  readonly port: number;
}

/** Reads `what` (a word for messages) and resolves its name; an empty host is any address of the family. */
export async function resolveEndpoint(
  what: string,
  text: string,
  defaults: { readonly host: string; readonly port: number },
  family: 4 | 6 | undefined,
): Promise<Target> {
  if (text === "") throw new OptionError(`${what} '' is empty: give an address or a name`);
  const endpoint = parseEndpoint(text);
  if (typeof endpoint === "string") {
    throw new OptionError(`${what} '${text}': ${endpoint}; write address, address:port, [address]:port or name:port`);
  }
  const host = endpoint.host === "" ? defaults.host : endpoint.host;
  const port = endpoint.port ?? defaults.port;
  const literal = parseAddress(host);
  if (literal === undefined) return { ...(await resolveName(what, host, family)), port };
  if (family !== undefined && literal.family !== family) {
    throw new OptionError(
      `${what} '${text}' is an IPv${literal.family} address, and -${family} was given: leave one out`,
    );
  }
  refuseUnknownZone(what, literal.zone);
  return { address: literal, host, port };
}

/** The runtimes take a zone that does not exist for no zone, and send somewhere. */
function refuseUnknownZone(what: string, zone: string | undefined): void {
  const known = Object.keys(networkInterfaces());
  if (zone === undefined || /^\d+$/.test(zone) || known.includes(zone)) return;
  throw new OptionError(`${what} zone '%${zone}' is no interface of this host; there is: ${known.join(", ")}`);
}

async function resolveName(
  what: string,
  name: string,
  family: 4 | 6 | undefined,
): Promise<{ address: Address; host: string }> {
  try {
    const found = await lookup(name, { family: family ?? 0, verbatim: true });
    const address = parseAddress(found.address);
    if (address !== undefined) return { address, host: found.address };
  } catch {
    // Every reason comes to the same for the user.
  }
  const kind = family === undefined ? "" : ` as IPv${family}`;
  throw new TransportError(
    "unresolved",
    `${what} '${name}' does not resolve${kind}: check the name, or give an address`,
  );
}

/** Any address of a family. */
export function wildcard(family: 4 | 6): string {
  return family === 6 ? "::" : "0.0.0.0";
}

/** Whether an address means all of them. */
export function isWildcard(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}

/**
 * The address that packets to `remote` leave from, for the result: what the system answers a connected socket (nothing is
 * sent), or the only one that it can be; undefined where that is not known. To an address of IPv4 written as one of IPv6
 * they are packets of IPv4.
 */
export async function sourceAddress(remote: Target): Promise<string | undefined> {
  if (isLoopback(remote.address)) return formatAddress(remote.address.octets);
  const asked = await connectedAddress(remote);
  if (asked !== undefined && !isWildcard(asked)) return asked;
  const version = isIpv4(remote.address) ? "IPv4" : "IPv6";
  const own = Object.values(networkInterfaces()).flat().filter((entry) => entry?.family === version);
  const target = formatAddress(remote.address.octets);
  if (own.some((entry) => entry?.address === target)) return target;
  const outside = own.filter((entry) => !entry?.internal && !entry?.address.startsWith("fe80"));
  return outside.length === 1 ? outside[0]?.address : undefined;
}

function isIpv4({ octets }: Address): boolean {
  return isMappedIpv4(octets, 0);
}

function isLoopback(address: Address): boolean {
  const { octets } = address;
  return isIpv4(address) ? octets[12] === 127 : formatAddress(octets) === "::1";
}

function connectedAddress(remote: Target): Promise<string | undefined> {
  return new Promise((resolve) => {
    const { address, host } = remote;
    const socket = createSocket(isIpv4(address) ? "udp4" : "udp6");
    const finish = (found: string | undefined) => {
      socket.close();
      resolve(found);
    };
    socket.once("error", () => finish(undefined));
    socket.connect(remote.port || 9, isIpv4(address) ? formatAddress(address.octets) : host, () => {
      try {
        finish(socket.address().address);
      } catch {
        finish(undefined);
      }
    });
  });
}
