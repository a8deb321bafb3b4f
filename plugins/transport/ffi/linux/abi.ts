/**
 * Numbers and layouts of Linux on 64-bit little-endian processors (the same for x64 and arm64, glibc and musl).
 *
 * @module
 */
import { errorName, errorText } from "../errors.ts";

export const AF_INET = 2;
export const AF_INET6 = 10;
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_NONBLOCK = 0x800;
export const SOCK_CLOEXEC = 0x80000;

export const SOL_SOCKET = 1;
export const SO_TYPE = 3;
export const SO_SNDBUF = 7;
export const SO_RCVBUF = 8;
export const SO_PRIORITY = 12;
export const SO_REUSEPORT = 15;
export const SO_BINDTODEVICE = 25;
export const SO_ACCEPTCONN = 30;
export const SO_SNDBUFFORCE = 32;
export const SO_RCVBUFFORCE = 33;
export const SO_TIMESTAMPING = 37;
export const SO_RXQ_OVFL = 40;
export const SO_BUSY_POLL = 46;
/** Nine counters of a socket's memory; the first is what waits to be read, the last how many datagrams it dropped. */
export const SO_MEMINFO = 55;
export const MEMINFO_SIZE = 36;
/** What has been sent and has not left yet. */
export const MEMINFO_QUEUED = 2;
export const MEMINFO_DROPS = 8;

/** The number that the stamp of a datagram comes back with (Linux 6.13). */
export const SCM_TS_OPT_ID = 81;

export const IPPROTO_IP = 0;
export const IP_TOS = 1;
export const IP_TTL = 2;
export const IP_PKTINFO = 8;
export const IP_MTU_DISCOVER = 10;
export const IP_RECVERR = 11;
export const IP_RECVTTL = 12;
export const IP_RECVTOS = 13;

export const IPPROTO_IPV6 = 41;
export const IPV6_UNICAST_HOPS = 16;
export const IPV6_MTU_DISCOVER = 23;
export const IPV6_RECVERR = 25;
export const IPV6_V6ONLY = 26;
export const IPV6_RECVPKTINFO = 49;
export const IPV6_PKTINFO = 50;
export const IPV6_RECVHOPLIMIT = 51;
export const IPV6_HOPLIMIT = 52;
export const IPV6_DONTFRAG = 62;
export const IPV6_RECVTCLASS = 66;
export const IPV6_TCLASS = 67;

/** Of IP_MTU_DISCOVER and IPV6_MTU_DISCOVER: DF never, DF always. */
export const PMTUDISC_DONT = 0;
export const PMTUDISC_DO = 2;

export const IPPROTO_TCP = 6;
/** The headers of a connection's SYN: to be kept, of a listener; what they were, of the connection. */
export const TCP_SAVE_SYN = 27;
export const TCP_SAVED_SYN = 28;

export const TIMESTAMPING = {
  TX_HARDWARE: 1,
  TX_SOFTWARE: 2,
  RX_HARDWARE: 4,
  RX_SOFTWARE: 8,
  SOFTWARE: 16,
  RAW_HARDWARE: 64,
  OPT_ID: 128,
  OPT_TSONLY: 2048,
  OPT_TX_SWHW: 16384,
} as const;

export const SIOCETHTOOL = 0x8946;
export const SIOCSHWTSTAMP = 0x89b0;
export const SIOCGHWTSTAMP = 0x89b1;
export const ETHTOOL_GET_TS_INFO = 0x41;
/** `struct ifreq`: a name (16), then what it is about: here a pointer. */
export const IFREQ = { SIZE: 40, NAME: 16, DATA: 16 };
/** `struct ethtool_ts_info`, in words of 32 bits. */
export const TS_INFO = { SIZE: 44, CMD: 0, TIMESTAMPING: 1, PHC: 2, TX_TYPES: 3, RX_FILTERS: 7 };
/** `struct hwtstamp_config`, in words: flags, and one of the types and filters. */
export const HWTSTAMP = { SIZE: 12, TX: 1, RX: 2 };
export const HWTSTAMP_TX_OFF = 0;
export const HWTSTAMP_TX_ON = 1;
export const HWTSTAMP_FILTER_ALL = 1;

export const O_RDONLY = 0;
export const O_CLOEXEC = 0x80000;

export const MSG_TRUNC = 0x20;
export const MSG_DONTWAIT = 0x40;
export const MSG_ERRQUEUE = 0x2000;

export const POLLIN = 1;
export const POLLOUT = 4;
export const POLLERR = 8;
/** `struct pollfd`: its words, and which of them has the events and what they were. */
export const POLLFD = { WORDS: 2, EVENTS: 1 };

export const EPOLL_CTL_ADD = 1;
export const EPOLL_CTL_DEL = 2;

export const CLOCK_REALTIME = 0;
export const CLOCK_MONOTONIC = 1;

export const F_SETFL = 4;
export const F_SETOWN = 8;
export const O_NONBLOCK = 0x800;
/** SIGIO when something comes. */
export const O_ASYNC = 0x2000;

export const PR_SET_TIMERSLACK = 29;
export const PR_GET_TIMERSLACK = 30;

/** `struct sockaddr_in` and `sockaddr_in6`. */
export const SOCKADDR_IN = 16;
export const SOCKADDR_IN6 = 28;

/** `struct mmsghdr`: offsets in words of 32 bits. */
export const MMSGHDR = {
  SIZE: 64,
  NAME: 0,
  NAMELEN: 2,
  IOV: 4,
  IOVLEN: 6,
  CONTROL: 8,
  CONTROLLEN: 10,
  FLAGS: 12,
  LEN: 14,
};
/** `struct iovec`, in words. */
export const IOVEC = { SIZE: 16, BASE: 0, LEN: 2 };
/** `struct cmsghdr`: length (8 octets), level, type; its data follows, all aligned to 8. */
export const CMSGHDR = { SIZE: 16, LEVEL: 8, TYPE: 12, DATA: 16 };

/** `struct sock_extended_err`: errno (4), origin (1), type, code, pad, info (4), data (4). */
export const EXTENDED_ERR = { ORIGIN: 4, TYPE: 5, INFO: 8, DATA: 12 };
export const SO_EE_ORIGIN_LOCAL = 1;
export const SO_EE_ORIGIN_ICMP = 2;
export const SO_EE_ORIGIN_ICMP6 = 3;
export const SO_EE_ORIGIN_TIMESTAMPING = 4;

/** Types of ICMP and ICMPv6: a router had to forward a packet whose TTL was used up. */
export const ICMP_TIME_EXCEEDED = 11;
export const ICMPV6_TIME_EXCEEDED = 3;

/** Errors that are told apart. */
export const Errno = {
  EPERM: 1,
  ENOENT: 2,
  EINTR: 4,
  EAGAIN: 11,
  EACCES: 13,
  ENODEV: 19,
  EINVAL: 22,
  ENFILE: 23,
  EMFILE: 24,
  ERANGE: 34,
  ENOSYS: 38,
  EMSGSIZE: 90,
  ENOPROTOOPT: 92,
  EOPNOTSUPP: 95,
  EAFNOSUPPORT: 97,
  EADDRINUSE: 98,
  EADDRNOTAVAIL: 99,
  ENETUNREACH: 101,
  ENOBUFS: 105,
  ECONNREFUSED: 111,
  EHOSTUNREACH: 113,
} as const;

/** `EADDRINUSE`; `errno 5` for what has no name here. */
export function errnoName(errno: number): string {
  return errorName(Errno, errno);
}

/** What happened, in words. */
export function errnoText(errno: number): string {
  return errorText(Errno, errno);
}
