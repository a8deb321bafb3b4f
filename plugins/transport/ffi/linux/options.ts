/**
 * What is set on a socket before it is bound: a table of socket options and what to say if the system refuses one.
 *
 * @module
 */
import { TransportError } from "../../../../core/errors.ts";
import type { SocketOptions } from "../../../../core/transport.ts";
import {
  AF_INET6,
  Errno,
  errnoText,
  IP_MTU_DISCOVER,
  IP_PKTINFO,
  IP_RECVERR,
  IP_RECVTOS,
  IP_RECVTTL,
  IP_TOS,
  IP_TTL,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_DONTFRAG,
  IPV6_MTU_DISCOVER,
  IPV6_RECVERR,
  IPV6_RECVHOPLIMIT,
  IPV6_RECVPKTINFO,
  IPV6_RECVTCLASS,
  IPV6_TCLASS,
  IPV6_UNICAST_HOPS,
  IPV6_V6ONLY,
  PMTUDISC_DO,
  PMTUDISC_DONT,
  SO_BINDTODEVICE,
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SO_REUSEPORT,
  SO_SNDBUF,
  SO_SNDBUFFORCE,
  SOL_SOCKET,
} from "./abi.ts";
import type { Libc } from "./libc.ts";
import { cString } from "./sockaddr.ts";

/** Octets of the buffers asked for: what arrives while a runtime collects its garbage must have room. */
const BUFFER = 4 * 2 ** 20;

type Setting = readonly [level: number, name: number, value: number];

/** Sets `options` of a socket of `family`; `errors` asks for what the network says of our datagrams. */
export function setOptions(libc: Libc, fd: number, family: number, options: SocketOptions, errors: boolean): void {
  const isIpv6 = family === AF_INET6;
  if (isIpv6) must(libc, fd, [IPPROTO_IPV6, IPV6_V6ONLY, options.dualStack === false ? 1 : 0], "take IPv6 alone");
  // An IPv6 socket speaks IPv4 as well; IPv4 has its own options there.
  libc.setInt(fd, IPPROTO_IP, IP_RECVTTL, 1);
  if (isIpv6) libc.setInt(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
  if (options.readTos) {
    libc.setInt(fd, IPPROTO_IP, IP_RECVTOS, 1);
    if (isIpv6) libc.setInt(fd, IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
  }
  if (isWildcard(options.hostname)) {
    // Of IPv4 on an IPv6 socket both are told; IPv4's own comes last, and knows what to answer a broadcast from.
    if (isIpv6) libc.setInt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
    libc.setInt(fd, IPPROTO_IP, IP_PKTINFO, 1);
  }
  if (errors) {
    libc.setInt(fd, IPPROTO_IP, IP_RECVERR, 1);
    if (isIpv6) libc.setInt(fd, IPPROTO_IPV6, IPV6_RECVERR, 1);
  }
  if (options.sharePort === "another") sharePort(libc, fd);
  if (options.tos !== undefined) {
    must(libc, fd, [IPPROTO_IP, IP_TOS, options.tos], `set TOS ${options.tos}`);
    if (isIpv6) must(libc, fd, [IPPROTO_IPV6, IPV6_TCLASS, options.tos], `set traffic class ${options.tos}`);
  }
  if (options.ttl !== undefined) {
    must(libc, fd, [IPPROTO_IP, IP_TTL, options.ttl], `set TTL ${options.ttl}`);
    if (isIpv6) must(libc, fd, [IPPROTO_IPV6, IPV6_UNICAST_HOPS, options.ttl], `set hop limit ${options.ttl}`);
  }
  setDontFragment(libc, fd, isIpv6, options.dontFragment);
  if (options.interface !== undefined) bindInterface(libc, fd, options.interface);
  setBuffer(libc, fd, SO_RCVBUFFORCE, SO_RCVBUF);
  setBuffer(libc, fd, SO_SNDBUFFORCE, SO_SNDBUF);
}

/**
 * Before it is bound, a socket joins others that share; after that, others of the same user may join it. With the option
 * on both sides of its bind, the first socket would silently share with another program that did the same.
 */
export function sharePort(libc: Libc, fd: number): void {
  must(libc, fd, [SOL_SOCKET, SO_REUSEPORT, 1], "share a port");
}

/** An address that stands for all of this host's. */
export function isWildcard(hostname: string): boolean {
  return hostname === "0.0.0.0" || /^[0:]+$/.test(hostname);
}

function must(libc: Libc, fd: number, setting: Setting, what: string): void {
  const errno = libc.setInt(fd, ...setting);
  if (errno !== 0) throw new TransportError("unsupported", `the system refuses to ${what}: ${errnoText(errno)}`);
}

/** Off means that DF is clear; the system would set it by itself otherwise. */
function setDontFragment(libc: Libc, fd: number, isIpv6: boolean, on: boolean | undefined): void {
  if (on === undefined) return;
  const how = on ? PMTUDISC_DO : PMTUDISC_DONT;
  must(libc, fd, [IPPROTO_IP, IP_MTU_DISCOVER, how], "set Don't Fragment");
  if (!isIpv6) return;
  must(libc, fd, [IPPROTO_IPV6, IPV6_MTU_DISCOVER, how], "set Don't Fragment");
  if (on) must(libc, fd, [IPPROTO_IPV6, IPV6_DONTFRAG, 1], "set Don't Fragment");
}

function bindInterface(libc: Libc, fd: number, name: string): void {
  const octets = cString(name);
  if (libc.setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, octets, octets.length) === 0) return;
  const errno = libc.errno();
  if (errno === Errno.ENODEV || errno === Errno.EINVAL) {
    throw new TransportError("not-local", `--interface '${name}' does not exist: 'ip link' lists those that do`);
  }
  if (errno === Errno.EPERM) {
    throw new TransportError("permission", `--interface '${name}' is not allowed to this user: it needs CAP_NET_RAW`);
  }
  throw new TransportError("unsupported", `--interface '${name}' cannot be used: ${errnoText(errno)}`);
}

/** With the privilege as large as asked, else as large as the system allows; a smaller one is no error. */
function setBuffer(libc: Libc, fd: number, force: number, name: number): void {
  const now = libc.getInt(fd, SOL_SOCKET, name) ?? 0;
  if (now >= 2 * BUFFER) return;
  if (libc.setInt(fd, SOL_SOCKET, force, BUFFER) !== 0) libc.setInt(fd, SOL_SOCKET, name, BUFFER);
}
