/**
 * macOS: its numbers, the same on x64 and arm64.
 *
 * @module
 */
import { BSD_BUFFER, BSD_ERRORS, BSD_MESSAGE } from "./bsd.ts";
import { loadPosix } from "./posix.ts";
import { type ControlRow, type System, Told } from "./single/system.ts";

const SOL_SOCKET = 0xffff;
const IP = 0;
const IPV6 = 41;

const told: readonly ControlRow[] = [
  { level: IP, type: 24, tells: Told.TTL, at: 0 }, // IP_RECVTTL, one octet
  { level: IP, type: 27, tells: Told.TOS, at: 0 }, // IP_RECVTOS, one octet
  { level: IP, type: 26, tells: Told.LOCAL_IPV4, at: 8 }, // IP_PKTINFO: the kernel leaves ipi_spec_dst 0
  { level: IPV6, type: 47, tells: Told.TTL, at: 0 }, // IPV6_HOPLIMIT
  { level: IPV6, type: 36, tells: Told.TOS, at: 0 }, // IPV6_TCLASS
  { level: IPV6, type: 46, tells: Told.LOCAL_IPV6, at: 0 }, // IPV6_PKTINFO
  { level: SOL_SOCKET, type: 2, tells: Told.STAMP_MICRO, at: 0 }, // SCM_TIMESTAMP: a timeval
];

/** macOS 11 and later. */
export const macos: System = {
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
    bindInterface: true,
    sharePort: false,
    precise: true,
  },
  layout: {
    sockaddr: { hasLength: true, inet6: 30 },
    message: BSD_MESSAGE,
    buffer: BSD_BUFFER,
    control: { level: 4, type: 8, data: 12, align: 4 },
    truncated: 0x10,
  },
  options: {
    ipv6Only: [IPV6, 27],
    always: [],
    told: {
      ipv4: [[IP, 24, 1], [IP, 27, 1]], // IP_RECVTTL, IP_RECVTOS
      ipv6: [[IPV6, 37, 1], [IPV6, 35, 1]], // IPV6_RECVHOPLIMIT, IPV6_RECVTCLASS
    },
    local: { ipv4: [IP, 26, 1], ipv6: [IPV6, 61, 1] }, // IP_RECVPKTINFO, IPV6_RECVPKTINFO
    tos: { ipv4: [IP, 3], ipv6: [IPV6, 36] }, // IP_TOS, IPV6_TCLASS
    ttl: { ipv4: [IP, 4], ipv6: [IPV6, 4] }, // IP_TTL, IPV6_UNICAST_HOPS
    dontFragment: { ipv4: [IP, 28, 1, 0], ipv6: [IPV6, 62, 1, 0] }, // IP_DONTFRAG, IPV6_DONTFRAG
    stamps: [[SOL_SOCKET, 0x400, 1]], // SO_TIMESTAMP
    interface: { ipv4: [IP, 25], ipv6: [IPV6, 125] }, // IP_BOUND_IF, IPV6_BOUND_IF
    receiveBuffer: [SOL_SOCKET, 0x1002],
    sendBuffer: [SOL_SOCKET, 0x1001],
  },
  told,
  source: {
    ipv4: { level: IP, type: 26, size: 12, at: 4 }, // IP_PKTINFO: ipi_spec_dst
    ipv6: { level: IPV6, type: 46, size: 20, at: 0 },
    // The kernel hands such a datagram to IPv4, which knows IP_PKTINFO alone.
    mapped: "ipv4",
  },
  ipv4OnIpv6: false,
  errors: BSD_ERRORS,
  // Both count microseconds, and CLOCK_MONOTONIC is the wall clock less the time of the start.
  clock: { skewNs: 5000, drift: 100e-6, stepNs: 50_000 },
  interfaces: "'ifconfig -l'",
  load: (native) =>
    loadPosix(native, {
      libraries: ["libSystem.B.dylib"],
      errno: "__error",
      adjtime: "ntp_adjtime",
      realtime: 0,
      monotonic: 6,
      socketType: 2,
      dontWait: 0x80,
      wait: "select",
    }),
};
