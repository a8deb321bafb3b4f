/**
 * Socket addresses of a system to and from the 24 octets of `Batch.peer`.
 *
 * @module
 */
import { parseAddress } from "../../../../core/address.ts";
import { PEER_PORT, PEER_SIZE } from "../../../../core/batch.ts";
import { TransportError } from "../../../../core/errors.ts";
import { fixedMemory } from "../native.ts";
import type { Calls, Layout, System } from "./system.ts";

/** The same on every system. */
export const AF_INET = 2;
export const SOCKADDR_IN = 16;
export const SOCKADDR_IN6 = 28;

/** Octets of a peer's scope, in network order like its port. */
const PEER_SCOPE = PEER_PORT + 2;

type Form = Layout["sockaddr"];

/** Writes the peer whose name is at `at` of `name` to `to` of `peer`. */
export function readName(form: Form, name: Uint8Array, at: number, peer: Uint8Array, to: number): void {
  peer[to + PEER_PORT] = name[at + 2];
  peer[to + PEER_PORT + 1] = name[at + 3];
  if (name[form.hasLength ? at + 1 : at] === AF_INET) {
    for (let i = 0; i < 10; i++) peer[to + i] = 0;
    peer[to + 10] = peer[to + 11] = 0xff;
    for (let i = 0; i < 4; i++) peer[to + 12 + i] = name[at + 4 + i];
    for (let i = PEER_SCOPE; i < PEER_SIZE; i++) peer[to + i] = 0;
    return;
  }
  for (let i = 0; i < 16; i++) peer[to + i] = name[at + 8 + i];
  for (let i = 0; i < 4; i++) peer[to + PEER_SCOPE + i] = name[at + 27 - i];
}

/** Writes the peer at `from` of `peer` as a name of `family` to `at` of `name`. */
export function writeName(
  form: Form,
  family: number,
  peer: Uint8Array,
  from: number,
  name: Uint8Array,
  at: number,
): void {
  name[at] = form.hasLength ? nameSize(family) : family;
  name[at + 1] = form.hasLength ? family : 0;
  name[at + 2] = peer[from + PEER_PORT];
  name[at + 3] = peer[from + PEER_PORT + 1];
  if (family === AF_INET) {
    for (let i = 0; i < 4; i++) name[at + 4 + i] = peer[from + 12 + i];
    return;
  }
  for (let i = 0; i < 16; i++) name[at + 8 + i] = peer[from + i];
  for (let i = 0; i < 4; i++) name[at + 27 - i] = peer[from + PEER_SCOPE + i];
}

/** Octets of a name of `family`. */
export function nameSize(family: number): number {
  return family === AF_INET ? SOCKADDR_IN : SOCKADDR_IN6;
}

/** The family that a socket for `host` has. */
export function familyOf(system: System, host: string): number {
  return host.includes(":") ? system.layout.sockaddr.inet6 : AF_INET;
}

/** The octets of a peer, the number of its zone among them. `host` is a literal address. */
export function peerOf(system: System, calls: Calls, host: string, port: number): Uint8Array {
  const address = parseAddress(host);
  if (address === undefined) {
    throw new TransportError("unresolved", `'${host}' is not an address: look the name up first`);
  }
  const peer = new Uint8Array(PEER_SIZE);
  peer.set(address.octets);
  const view = new DataView(peer.buffer);
  view.setUint16(PEER_PORT, port);
  if (address.zone !== undefined) view.setUint32(PEER_SCOPE, interfaceIndex(system, calls, address.zone));
  return peer;
}

/** The number of an interface, by name or already as one. */
export function interfaceIndex(system: System, calls: Calls, name: string): number {
  const index = /^\d{1,9}$/.test(name) ? Number(name) : calls.interfaceIndex(name);
  if (index !== 0) return index;
  throw new TransportError("not-local", `interface '${name}' does not exist: ${system.interfaces} lists those that do`);
}

/** `text` with a zero behind it. */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  const octets = new TextEncoder().encode(text);
  const out = fixedMemory(octets.length + 1);
  out.set(octets);
  return out;
}
