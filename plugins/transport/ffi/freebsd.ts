/**
 * FreeBSD on 64-bit processors.
 *
 * @module
 */
import { BSD_BUFFER, BSD_ERRORS, BSD_MESSAGE } from "./bsd.ts";
import { loadPosix } from "./posix.ts";
import { type ControlRow, type System, Told } from "./single/system.ts";

const SOL_SOCKET = 0xffff;
const IP = 0;
const IPV6 = 41;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0x10000000;
const SOCK_NONBLOCK = 0x20000000;

const told: readonly ControlRow[] = [
  { level: IP, type: 65, tells: Told.TTL, at: 0 }, // IP_RECVTTL, one octet
  { level: IP, type: 68, tells: Told.TOS, at: 0 }, // IP_RECVTOS, one octet
  { level: IP, type: 7, tells: Told.LOCAL_IPV4, at: 0 }, // IP_RECVDSTADDR: an address alone
  { level: IPV6, type: 47, tells: Told.TTL, at: 0 }, // IPV6_HOPLIMIT
  { level: IPV6, type: 61, tells: Told.TOS, at: 0 }, // IPV6_TCLASS
  { level: IPV6, type: 46, tells: Told.LOCAL_IPV6, at: 0 }, // IPV6_PKTINFO
  { level: SOL_SOCKET, type: 5, tells: Told.STAMP_NANO, at: 0 }, // SCM_REALTIME: a timespec
  { level: SOL_SOCKET, type: 2, tells: Told.STAMP_MICRO, at: 0 }, // SCM_TIMESTAMP, where SO_TS_CLOCK is not
];

/** FreeBSD 12 and later. */
export const freebsd: System = {
  capabilities: {
    batch: 1,
    rxStamp: "kernel",
    txStamp: "user",
    ipHeader: true,
    setTos: true,
    setTtl: true,
    setHopLimit: true,
    setBothTtl: true,
    setBoth: false,
    dontFragment: true,
    bindInterface: false,
    sharePort: true,
    precise: true,
  },
  layout: {
    sockaddr: { hasLength: true, inet6: 28 },
    message: BSD_MESSAGE,
    buffer: BSD_BUFFER,
    control: { level: 4, type: 8, data: 16, align: 8 },
    truncated: 0x10,
  },
  options: {
    ipv6Only: [IPV6, 27],
    always: [],
    told: {
      ipv4: [[IP, 65, 1], [IP, 68, 1]], // IP_RECVTTL, IP_RECVTOS
      ipv6: [[IPV6, 37, 1], [IPV6, 57, 1]], // IPV6_RECVHOPLIMIT, IPV6_RECVTCLASS
    },
    local: { ipv4: [IP, 7, 1], ipv6: [IPV6, 36, 1] }, // IP_RECVDSTADDR, IPV6_RECVPKTINFO
    tos: { ipv4: [IP, 3], ipv6: [IPV6, 61] }, // IP_TOS, IPV6_TCLASS
    ttl: { ipv4: [IP, 4], ipv6: [IPV6, 4] }, // IP_TTL, IPV6_UNICAST_HOPS
    dontFragment: { ipv4: [IP, 67, 1, 0], ipv6: [IPV6, 62, 1, 0] }, // IP_DONTFRAG, IPV6_DONTFRAG
    stamps: [[SOL_SOCKET, 0x400, 1], [SOL_SOCKET, 0x1017, 2]], // SO_TIMESTAMP, SO_TS_CLOCK: the wall clock in ns
    sharePort: [SOL_SOCKET, 0x10000, 1], // SO_REUSEPORT_LB: without LB the last socket gets all
    receiveBuffer: [SOL_SOCKET, 0x1002],
    sendBuffer: [SOL_SOCKET, 0x1001],
  },
  told,
  source: {
    ipv4: { level: IP, type: 7, size: 4, at: 0 }, // IP_SENDSRCADDR
    ipv6: { level: IPV6, type: 46, size: 20, at: 0 },
    mapped: "ipv6",
  },
  ipv4OnIpv6: false,
  errors: BSD_ERRORS,
  // One discipline steers both; readings on two cores may differ by a microsecond.
  clock: { skewNs: 1000, drift: 0, stepNs: 0 },
  interfaces: "'ifconfig -l'",
  load: (native) =>
    loadPosix(native, {
      libraries: ["libc.so.7"],
      errno: "__error",
      adjtime: "ntp_adjtime",
      realtime: 0,
      monotonic: 4,
      socketType: SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
      dontWait: 0x80,
      wait: "ppoll",
    }),
};
