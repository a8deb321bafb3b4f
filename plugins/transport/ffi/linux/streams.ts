/**
 * TCP sockets of the runtime, by their ends: descriptors of this process are asked who they are.
 *
 * @module
 */
import { readdirSync } from "node:fs";
import { PEER_PORT } from "../../../../core/batch.ts";
import type { StreamAddress } from "../../../../core/stream.ts";
import { fixedMemory } from "../native.ts";
import {
  AF_INET,
  IP_TOS,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPV6_TCLASS,
  SO_ACCEPTCONN,
  SO_TYPE,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOCKADDR_IN6,
  SOL_SOCKET,
  TCP_SAVE_SYN,
  TCP_SAVED_SYN,
} from "./abi.ts";
import type { Libc } from "./libc.ts";
import { peerOf, readName } from "./sockaddr.ts";

/** The headers of a SYN: of IPv6 with its options, and of TCP. */
const SYN_SIZE = 512;
/** Octets of a peer that say which: address and port. */
const ENOUGH = PEER_PORT + 2;
/** The DSCP in a TOS. */
const DSCP = 0xfc;

type AskName = (descriptor: number, name: Uint8Array, size: Uint8Array) => number;

/** Finds sockets, and sets what `node:net` does not. */
export class StreamSockets {
  readonly #libc: Libc;
  readonly #name = fixedMemory(SOCKADDR_IN6);
  readonly #size = fixedMemory(4);
  readonly #syn = fixedMemory(SYN_SIZE);
  readonly #peer = new Uint32Array(6);

  constructor(libc: Libc) {
    this.#libc = libc;
  }

  /** The descriptor of a connection, as long as it is open. */
  find({ local, remote }: { local: StreamAddress; remote: StreamAddress }): number | undefined {
    const { getsockname, getpeername } = this.#libc;
    const [ours, theirs] = [this.#octets(local), this.#octets(remote)];
    const is = (descriptor: number) =>
      this.#has(getpeername, descriptor, theirs) && this.#has(getsockname, descriptor, ours) &&
      this.#libc.getInt(descriptor, SOL_SOCKET, SO_TYPE) === SOCK_STREAM;
    // A new one is the lowest that was free: as a rule it is right below the one that is so now.
    const free = this.#lowestFree();
    for (let descriptor = free - 1; descriptor >= 0; descriptor--) if (is(descriptor)) return descriptor;
    return descriptors().find((descriptor) => descriptor >= free && is(descriptor));
  }

  /** The descriptor that the system would give next; 0 where it gives none. */
  #lowestFree(): number {
    const descriptor = this.#libc.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return 0;
    this.#libc.close(descriptor);
    return descriptor;
  }

  /** Has the listener at `address` keep the SYN of each connection; whether it does. */
  keepSyns(address: StreamAddress): boolean {
    const { getsockname } = this.#libc;
    const ours = this.#octets(address);
    const listener = descriptors().find((descriptor) =>
      this.#libc.getInt(descriptor, SOL_SOCKET, SO_ACCEPTCONN) === 1 && this.#has(getsockname, descriptor, ours)
    );
    return listener !== undefined && this.#libc.setInt(listener, IPPROTO_TCP, TCP_SAVE_SYN, 1) === 0;
  }

  /** The TOS of the SYN that a connection began with, told once; undefined where it was not kept. */
  tosOfSyn(descriptor: number): number | undefined {
    const syn = this.#syn;
    new DataView(this.#size.buffer).setUint32(0, SYN_SIZE, true);
    if (this.#libc.getsockopt(descriptor, IPPROTO_TCP, TCP_SAVED_SYN, syn, this.#size) !== 0) return undefined;
    if (new DataView(this.#size.buffer).getUint32(0, true) < 2) return undefined;
    // Version and traffic class of IPv6 stand across octets.
    return syn[0] >> 4 === 4 ? syn[1] : ((syn[0] & 0xf) << 4) | (syn[1] >> 4);
  }

  /** Sets the DSCP; whether the system took it. A socket for both families has two, and one of IPv4 has no IPv6's. */
  setTos(descriptor: number, tos: number): boolean {
    const ipv4 = this.#libc.setInt(descriptor, IPPROTO_IP, IP_TOS, tos & DSCP);
    const ipv6 = this.#libc.setInt(descriptor, IPPROTO_IPV6, IPV6_TCLASS, tos & DSCP);
    return ipv4 === 0 || ipv6 === 0;
  }

  #octets({ hostname, port }: StreamAddress): Uint8Array {
    return peerOf(this.#libc, hostname.split("%")[0], port);
  }

  /** Whether an end of `descriptor` is `peer`. */
  #has(ask: AskName, descriptor: number, peer: Uint8Array): boolean {
    new DataView(this.#size.buffer).setUint32(0, SOCKADDR_IN6, true);
    this.#name.fill(0);
    if (ask(descriptor, this.#name, this.#size) !== 0) return false;
    readName(new Uint32Array(this.#name.buffer), 0, this.#peer, 0);
    const octets = new Uint8Array(this.#peer.buffer);
    for (let i = 0; i < ENOUGH; i++) if (octets[i] !== peer[i]) return false;
    return true;
  }
}

/** All of this process; none where there is no /proc, or no descriptor left to read it with. */
function descriptors(): number[] {
  try {
    return readdirSync("/proc/self/fd").map(Number);
  } catch {
    return [];
  }
}
