/**
 * What the system says of the addresses of a socket.
 *
 * @module
 */
import { formatAddress } from "../../../../core/address.ts";
import { PEER_SIZE } from "../../../../core/batch.ts";
import { fixedMemory } from "../native.ts";
import { SO_BINDTODEVICE, SOCK_CLOEXEC, SOCK_DGRAM, SOCKADDR_IN6, SOL_SOCKET } from "./abi.ts";
import type { Libc } from "./libc.ts";
import { cString, nameSize, readName, writeName } from "./sockaddr.ts";

/** Where a socket is bound. */
export function nameOf(libc: Libc, descriptor: number): { peer: Uint8Array; port: number } {
  const name = fixedMemory(SOCKADDR_IN6);
  const length = fixedMemory(4);
  length[0] = name.length;
  libc.getsockname(descriptor, name, length);
  const peer = new Uint8Array(PEER_SIZE);
  readName(new Uint32Array(name.buffer), 0, new Uint32Array(peer.buffer), 0);
  return { peer, port: new DataView(name.buffer).getUint16(2) };
}

/**
 * The address that datagrams to `peer` leave from, through `device` where one is given; undefined where there is no way.
 * Asked of a socket that is connected for it: nothing is sent, and the one that measures goes on hearing everybody.
 */
export function sourceTowards(
  libc: Libc,
  family: number,
  device: string | undefined,
  peer: Uint8Array,
): string | undefined {
  const asking: number = libc.socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (asking < 0) return undefined;
  try {
    if (device !== undefined) {
      const octets = cString(device);
      libc.setsockopt(asking, SOL_SOCKET, SO_BINDTODEVICE, octets, octets.length);
    }
    const name = fixedMemory(SOCKADDR_IN6);
    // A copy begins at a word; where the octets of a peer are, is anywhere.
    writeName(family, new Uint32Array(peer.slice().buffer), 0, new Uint32Array(name.buffer), 0);
    if (libc.connect(asking, name, nameSize(family)) !== 0) return undefined;
    return formatAddress(nameOf(libc, asking).peer);
  } finally {
    libc.close(asking);
  }
}
