/**
 * Addresses as people write them, and as 24 octets in one form on every system (IPv4 mapped into 16), so that tables
 * compare bytes.
 *
 * @module
 */
import ipaddr from "ipaddr.js";
import { PEER_PORT, PEER_SIZE } from "./batch.ts";

/** A literal address. */
export interface Address {
  readonly family: 4 | 6;
  /** 16 octets; IPv4 as ::ffff:a.b.c.d. */
  readonly octets: Uint8Array;
  /** The zone of a link-local address: `eth0` in `fe80::1%eth0`. */
  readonly zone: string | undefined;
}

/** Reads a literal address; undefined if `text` is none (then it may be a name). */
export function parseAddress(text: string): Address | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) {
    return { family: 4, octets: mapped(ipaddr.IPv4.parse(text).toByteArray()), zone: undefined };
  }
  if (!ipaddr.IPv6.isValid(text)) return undefined;
  const parsed = ipaddr.IPv6.parse(text);
  return { family: 6, octets: Uint8Array.from(parsed.toByteArray()), zone: parsed.zoneId };
}

function mapped(ipv4: number[]): Uint8Array {
  const octets = new Uint8Array(16);
  octets[10] = octets[11] = 0xff;
  octets.set(ipv4, 12);
  return octets;
}

/** Whether 16 octets at `at` are an IPv4 address. */
export function isMappedIpv4(octets: Uint8Array, at: number): boolean {
  for (let i = 0; i < 10; i++) if (octets[at + i] !== 0) return false;
  return octets[at + 10] === 0xff && octets[at + 11] === 0xff;
}

/** The text of 16 octets at `at`: dotted for IPv4, RFC 5952 for IPv6. */
export function formatAddress(octets: Uint8Array, at = 0): string {
  if (isMappedIpv4(octets, at)) return Array.from(octets.subarray(at + 12, at + 16)).join(".");
  return new ipaddr.IPv6(Array.from(octets.subarray(at, at + 16))).toRFC5952String();
}

/** The 24 octets of a peer (see `Batch.peer`), zone left out. */
export function peerOctets(address: Address, port: number): Uint8Array {
  const peer = new Uint8Array(PEER_SIZE);
  peer.set(address.octets);
  peer[PEER_PORT] = port >> 8;
  peer[PEER_PORT + 1] = port & 0xff;
  return peer;
}

/** `192.0.2.1:862`, `[2001:db8::1]:862`. */
export function formatEndpoint(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** A host, literal or named and perhaps empty, and a port. */
export interface Endpoint {
  readonly host: string;
  readonly port: number | undefined;
}

/**
 * Reads `192.0.2.1`, `192.0.2.1:862`, `[2001:db8::1]:862`, `[::]`, `2001:db8::1`, `host.example:862`, `:862`.
 * Returns why not as a string if it is none of them.
 */
export function parseEndpoint(text: string): Endpoint | string {
  if (text.includes("/")) return "a '/' is in no address or name";
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(text);
  if (bracketed !== null) {
    if (parseAddress(bracketed[1])?.family !== 6) return `'${bracketed[1]}' in brackets is not an IPv6 address`;
    return withPort(bracketed[1], bracketed[2]);
  }
  if (parseAddress(text)?.family === 6) return { host: text, port: undefined };
  const colon = text.lastIndexOf(":");
  const host = colon < 0 ? text : text.slice(0, colon);
  const port = colon < 0 ? undefined : text.slice(colon + 1);
  if (host.includes(":")) return "an IPv6 address with a port is written [address]:port";
  if (/^[\d.]+$/.test(host) && parseAddress(host) === undefined) return `'${host}' is not an IPv4 address`;
  if (host !== "" && !/^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_.])?$/.test(host) && parseAddress(host) === undefined) {
    return `'${host}' is neither an address nor a host name`;
  }
  return withPort(host, port);
}

function withPort(host: string, port: string | undefined): Endpoint | string {
  if (port === undefined) return { host, port: undefined };
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) return `port '${port}' is not a number from 0 to 65535`;
  return { host, port: Number(port) };
}
