/**
 * `struct sockaddr_in` and `sockaddr_in6` to and from the 24 octets of `Batch.peer`.
 *
 * @module
 */
import { parseAddress } from "../../../../core/address.ts";
import { PEER_PORT, PEER_SIZE } from "../../../../core/batch.ts";
import { TransportError } from "../../../../core/errors.ts";
import { fixedMemory } from "../native.ts";
import { AF_INET, AF_INET6, SOCKADDR_IN, SOCKADDR_IN6 } from "./abi.ts";
import type { Libc } from "./libc.ts";

/** Octets of a peer's scope, in network order like its port. */
const PEER_SCOPE = PEER_PORT + 2;
/** Octets 8 to 11 of an IPv4-mapped address, as a little-endian word. */
const MAPPED = 0xffff_0000;

/** The other byte order. */
function swapped(word: number): number {
  return ((word & 0xff) << 24 | (word & 0xff00) << 8 | (word >>> 8) & 0xff00 | word >>> 24) >>> 0;
}

/** Writes the name at word `at` of `name` to word `to` of `peer`: a word a step, for it is done for each datagram. */
export function readName(name: Uint32Array, at: number, peer: Uint32Array, to: number): void {
  const head = name[at];
  const port = head >>> 16;
  if ((head & 0xffff) === AF_INET) {
    peer[to] = 0;
    peer[to + 1] = 0;
    peer[to + 2] = MAPPED;
    peer[to + 3] = name[at + 1];
    peer[to + 4] = port;
    peer[to + 5] = 0;
    return;
  }
  peer[to] = name[at + 2];
  peer[to + 1] = name[at + 3];
  peer[to + 2] = name[at + 4];
  peer[to + 3] = name[at + 5];
  // The scope stands across two words: octets 18 to 21.
  const scope = name[at + 6] === 0 ? 0 : swapped(name[at + 6]);
  peer[to + 4] = port | (scope << 16);
  peer[to + 5] = scope >>> 16;
}

/** Writes the peer at word `from` of `peer` as a name of `family` to word `at` of `name`. */
export function writeName(family: number, peer: Uint32Array, from: number, name: Uint32Array, at: number): void {
  name[at] = family | (peer[from + 4] << 16);
  if (family === AF_INET) {
    name[at + 1] = peer[from + 3];
    return;
  }
  name[at + 1] = 0;
  name[at + 2] = peer[from];
  name[at + 3] = peer[from + 1];
  name[at + 4] = peer[from + 2];
  name[at + 5] = peer[from + 3];
  const scope = (peer[from + 4] >>> 16) | (peer[from + 5] << 16);
  name[at + 6] = scope === 0 ? 0 : swapped(scope);
}

/** Octets of a name of `family`. */
export function nameSize(family: number): number {
  return family === AF_INET ? SOCKADDR_IN : SOCKADDR_IN6;
}

/** The octets of a peer, the number of its zone among them. `host` is a literal address. */
export function peerOf(libc: Libc, host: string, port: number): Uint8Array {
  const address = parseAddress(host);
  if (address === undefined) {
    throw new TransportError("unresolved", `'${host}' is not an address: look the name up first`);
  }
  const peer = new Uint8Array(PEER_SIZE);
  peer.set(address.octets);
  const view = new DataView(peer.buffer);
  view.setUint16(PEER_PORT, port);
  if (address.zone !== undefined) view.setUint32(PEER_SCOPE, interfaceIndex(libc, address.zone));
  return peer;
}

/** The number of an interface, by name or already as one. */
export function interfaceIndex(libc: Libc, name: string): number {
  const index = /^\d+$/.test(name) ? Number(name) : libc.if_nametoindex(cString(name));
  if (index === 0) {
    throw new TransportError("not-local", `interface '${name}' does not exist: 'ip link' lists those that do`);
  }
  return index;
}

/** `text` with a zero behind it. */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  const octets = new TextEncoder().encode(text);
  const out = fixedMemory(octets.length + 1);
  out.set(octets);
  return out;
}

/** The family that a socket for `host` has. */
export function familyOf(host: string): number {
  return host.includes(":") ? AF_INET6 : AF_INET;
}
