/** Linux as a system that takes a datagram a call: what runs the machine of macOS, FreeBSD and Windows here. */
import { Errno } from "../../../../plugins/transport/ffi/linux/abi.ts";
import { loadPosix, type Posix } from "../../../../plugins/transport/ffi/posix.ts";
import { type System, Told } from "../../../../plugins/transport/ffi/single/system.ts";

const SOL_SOCKET = 1;
const IP = 0;
const IPV6 = 41;

/** `wait`: the way of FreeBSD or that of macOS. */
export function linuxSystem(wait: Posix["wait"]): System {
  return {
    capabilities: {
      batch: 1,
      rxStamp: "kernel",
      txStamp: "user",
      ipHeader: true,
      setTos: true,
      setTtl: true,
      setHopLimit: true,
      setBothTtl: true,
      dontFragment: true,
      bindInterface: false,
      sharePort: true,
      precise: true,
    },
    layout: {
      sockaddr: { hasLength: false, inet6: 10 },
      message: {
        size: 56,
        name: 0,
        nameLength: 8,
        buffers: 16,
        bufferCount: 24,
        control: 32,
        controlLength: 40,
        flags: 48,
      },
      buffer: { base: 0, length: 8 },
      control: { level: 8, type: 12, data: 16, align: 8 },
      truncated: 0x20,
    },
    options: {
      ipv6Only: [IPV6, 26],
      always: [],
      told: { ipv4: [[IP, 12, 1], [IP, 13, 1]], ipv6: [[IPV6, 51, 1], [IPV6, 66, 1]] },
      local: { ipv4: [IP, 8, 1], ipv6: [IPV6, 49, 1] },
      tos: { ipv4: [IP, 1], ipv6: [IPV6, 67] },
      ttl: { ipv4: [IP, 2], ipv6: [IPV6, 16] },
      dontFragment: { ipv4: [IP, 10, 2, 0], ipv6: [IPV6, 23, 2, 0] },
      // SO_TIMESTAMP, as macOS, or SO_TIMESTAMPNS, which is what FreeBSD tells.
      stamps: [[SOL_SOCKET, wait === "select" ? 29 : 35, 1]],
      sharePort: [SOL_SOCKET, 15, 1],
      receiveBuffer: [SOL_SOCKET, 8],
      sendBuffer: [SOL_SOCKET, 7],
    },
    told: [
      { level: IP, type: 2, tells: Told.TTL, at: 0 },
      { level: IP, type: 1, tells: Told.TOS, at: 0 },
      { level: IP, type: 8, tells: Told.LOCAL_IPV4, at: 4 },
      { level: IPV6, type: 52, tells: Told.TTL, at: 0 },
      { level: IPV6, type: 67, tells: Told.TOS, at: 0 },
      { level: IPV6, type: 50, tells: Told.LOCAL_IPV6, at: 0 },
      { level: SOL_SOCKET, type: 29, tells: Told.STAMP_MICRO, at: 0 },
      { level: SOL_SOCKET, type: 35, tells: Told.STAMP_NANO, at: 0 },
    ],
    source: {
      ipv4: { level: IP, type: 8, size: 12, at: 4 },
      ipv6: { level: IPV6, type: 50, size: 20, at: 0 },
      mapped: "ipv6",
    },
    ipv4OnIpv6: true,
    errors: Errno,
    clock: { skewNs: 1000, drift: 0, stepNs: 0 },
    interfaces: "'ip link'",
    load: (native) =>
      loadPosix(native, {
        libraries: ["libc.so.6", "libc.so"],
        errno: "__errno_location",
        adjtime: "adjtimex",
        realtime: 0,
        monotonic: 1,
        socketType: 2,
        dontWait: 0x40,
        wait,
      }),
  };
}
