/**
 * Windows: the numbers of Winsock, the same on x64 and arm64.
 *
 * @module
 */
import { type ControlRow, type System, Told } from "./single/system.ts";
import { loadWinsock } from "./winsock.ts";

const SOL_SOCKET = 0xffff;
const IP = 0;
const IPV6 = 41;
const SO_REUSEADDR = 4;

const told: readonly ControlRow[] = [
  { level: IP, type: 4, tells: Told.TTL, at: 0 }, // IP_TTL
  { level: IP, type: 21, tells: Told.TTL, at: 0 }, // IP_HOPLIMIT
  { level: IP, type: 3, tells: Told.TOS, at: 0 }, // IP_TOS
  { level: IP, type: 39, tells: Told.TOS, at: 0 }, // IP_TCLASS
  { level: IP, type: 19, tells: Told.LOCAL_IPV4, at: 0 }, // IP_PKTINFO: the address is first here
  { level: IPV6, type: 21, tells: Told.TTL, at: 0 }, // IPV6_HOPLIMIT
  { level: IPV6, type: 39, tells: Told.TOS, at: 0 }, // IPV6_TCLASS
  { level: IPV6, type: 19, tells: Told.LOCAL_IPV6, at: 0 }, // IPV6_PKTINFO
];

/** Windows 10 and later. */
export const windows: System = {
  capabilities: {
    batch: 1,
    rxStamp: "user",
    txStamp: "user",
    ipHeader: true,
    // setsockopt accepts a TOS and the system sends 0 all the same, unless an administrator has set otherwise.
    setTos: false,
    setTtl: true,
    setHopLimit: true,
    setBothTtl: true,
    dontFragment: true,
    bindInterface: false,
    sharePort: false,
    precise: true,
  },
  layout: {
    sockaddr: { hasLength: false, inet6: 23 },
    message: {
      size: 56,
      name: 0,
      nameLength: 8,
      buffers: 16,
      bufferCount: 24,
      control: 40,
      controlLength: 32,
      flags: 48,
    },
    buffer: { base: 8, length: 0 },
    control: { level: 8, type: 12, data: 16, align: 8 },
    truncated: 0x100,
  },
  options: {
    ipv6Only: [IPV6, 27],
    always: [[SOL_SOCKET, ~SO_REUSEADDR, 1]], // SO_EXCLUSIVEADDRUSE: nobody else takes the port from us
    told: {
      ipv4: [[IP, 21, 1], [IP, 40, 1]], // IP_RECVTTL, IP_RECVTOS
      ipv6: [[IPV6, 21, 1], [IPV6, 40, 1]], // IPV6_HOPLIMIT, IPV6_RECVTCLASS
    },
    local: { ipv4: [IP, 19, 1], ipv6: [IPV6, 19, 1] }, // IP_PKTINFO, IPV6_PKTINFO
    tos: { ipv4: [IP, 3], ipv6: [IPV6, 39] }, // IP_TOS, IPV6_TCLASS
    ttl: { ipv4: [IP, 4], ipv6: [IPV6, 4] }, // IP_TTL, IPV6_UNICAST_HOPS
    dontFragment: { ipv4: [IP, 14, 1, 0], ipv6: [IPV6, 14, 1, 0] }, // IP_DONTFRAGMENT, IPV6_DONTFRAG
    stamps: [],
    receiveBuffer: [SOL_SOCKET, 0x1002],
    sendBuffer: [SOL_SOCKET, 0x1001],
  },
  told,
  source: {
    ipv4: { level: IP, type: 19, size: 8, at: 0 },
    ipv6: { level: IPV6, type: 19, size: 20, at: 0 },
    mapped: "ipv4",
  },
  ipv4OnIpv6: true,
  errors: {
    EINTR: 10004,
    EACCES: 10013,
    EINVAL: 10022,
    EAGAIN: 10035,
    EMSGSIZE: 10040,
    ENOPROTOOPT: 10042,
    EAFNOSUPPORT: 10047,
    EADDRINUSE: 10048,
    EADDRNOTAVAIL: 10049,
    ENETDOWN: 10050,
    ENETUNREACH: 10051,
    ENOBUFS: 10055,
    ECONNREFUSED: 10061,
    EHOSTUNREACH: 10065,
  },
  tooLong: 10040,
  // Time services steer the wall clock alone, and faster than crystals drift.
  clock: { skewNs: 5000, drift: 1e-3, stepNs: 1e6 },
  interfaces: "'netsh interface ipv6 show interfaces'",
  load: loadWinsock,
};
