/** Machines that we made up. */
import type { Facts, FloorFacts, InterfaceFacts } from "../../../cli/doctor/facts.ts";

const SOFTWARE = {
  rxSoftware: true,
  txSoftware: true,
  rxHardware: false,
  txHardware: false,
  rxHardwareAll: false,
  phc: null,
};

const NO_FLOOR = { sent: null, received: null, minNs: null, p50Ns: null, p99Ns: null, t1: null, t4: null };

export function lan(changes: Partial<InterfaceFacts> = {}): InterfaceFacts {
  return { name: "eth0", state: "up", mtu: 1500, speedMbit: 10_000, stamps: SOFTWARE, error: null, ...changes };
}

export const HARDWARE = { ...SOFTWARE, rxHardware: true, txHardware: true, rxHardwareAll: true, phc: 0 };

const floor = (transport: string, p50Ns: number, stamp: "user" | "kernel"): FloorFacts => ({
  transport,
  works: true,
  error: null,
  sent: 200,
  received: 200,
  minNs: p50Ns / 2,
  p50Ns,
  p99Ns: p50Ns * 3,
  t1: stamp,
  t4: stamp,
});

/** Where there is nothing to change. */
export const GOOD: Facts = {
  host: {
    name: "probe1",
    system: "linux",
    release: "6.12.0",
    architecture: "x64",
    runtime: "bun 1.4.5",
    program: "/usr/local/bin/twampede",
    processors: 8,
    load: 0.25,
    virtual: false,
    hypervisor: null,
    governors: ["performance"],
  },
  clocks: {
    readings: [
      { name: "CLOCK_REALTIME", resolutionNs: 1, stepNs: 21, costNs: 22.5 },
      { name: "CLOCK_MONOTONIC", resolutionNs: 1, stepNs: 21, costNs: 22.5 },
      { name: "performance.now()", resolutionNs: null, stepNs: 31, costNs: 35.25 },
      { name: "Date.now()", resolutionNs: 1e6, stepNs: 1e6, costNs: 33 },
    ],
    synchronisation: { synchronized: true, maxErrorNs: 1_250_000, estErrorNs: 18_000 },
    daemons: ["chronyd"],
    systemd: true,
    source: "tsc",
    sources: ["tsc", "hpet", "acpi_pm"],
    steps: 0,
    watchedNs: 2.1e9,
  },
  waiting: [
    { how: "block", slackNs: 50_000, count: 200, p50Ns: 53_000, p99Ns: 61_000, maxNs: 90_000 },
    { how: "block", slackNs: 1, count: 200, p50Ns: 3000, p99Ns: 9000, maxNs: 21_000 },
    { how: "timer", slackNs: null, count: 200, p50Ns: 620_000, p99Ns: 1_100_000, maxNs: 1_300_000 },
    { how: "spin", slackNs: null, count: 200, p50Ns: 20, p99Ns: 400, maxNs: 5000 },
  ],
  interfaces: [lan(), lan({ name: "lo", state: "unknown", mtu: 65_536, speedMbit: null })],
  stampsSeen: { receive: true, transmit: true },
  options: [
    { option: "IP_TOS", what: "TOS, IPv4", works: true, seen: "datagram", error: null },
    { option: "IP_MTU_DISCOVER", what: "Don't Fragment, IPv4", works: true, seen: "socket", error: null },
  ],
  privileges: {
    user: 0,
    capabilities: { CAP_NET_BIND_SERVICE: true, CAP_NET_ADMIN: true, CAP_NET_RAW: true, CAP_SYS_NICE: true },
    unprivilegedPortStart: 1024,
    canBind862: true,
  },
  buffers: {
    rmemMax: 4_194_304,
    rmemDefault: 212_992,
    wmemMax: 4_194_304,
    wmemDefault: 212_992,
    socket: { receiveOctets: 8_388_608, sendOctets: 8_388_608, memoryPerDatagram: 832, datagramOctets: 41 },
    burst: 10_082,
    udp: { received: 1_000_000, receiveBufferErrors: 0, sendBufferErrors: 0 },
  },
  transports: [
    floor("ffi", 5000, "kernel"),
    { transport: "deno", works: false, error: "not on this runtime", ...NO_FLOOR },
    floor("bun", 15_000, "user"),
  ],
  systemUnknown: null,
};

/** Where everything is wrong. */
export const POOR: Facts = {
  ...GOOD,
  host: {
    ...GOOD.host,
    program: "/home/a user/twampede",
    processors: 2,
    load: 3.5,
    virtual: true,
    hypervisor: "KVM",
    governors: ["powersave"],
  },
  clocks: {
    ...GOOD.clocks,
    synchronisation: { synchronized: false, maxErrorNs: null, estErrorNs: null },
    daemons: [],
    source: "acpi_pm",
    sources: ["kvm-clock", "acpi_pm"],
    steps: 2,
  },
  waiting: GOOD.waiting.map((one) => ({ ...one, count: 90, p99Ns: 2e6, maxNs: 30.4e6 })),
  interfaces: [
    lan({ stamps: HARDWARE }),
    lan({ name: "eth1", stamps: { ...HARDWARE, rxHardwareAll: false, txSoftware: false } }),
    lan({ name: "tun0", state: null, mtu: null, speedMbit: null, stamps: null, error: "not supported" }),
  ],
  stampsSeen: { receive: false, transmit: true },
  options: [
    ...GOOD.options!,
    {
      option: "SO_BUSY_POLL",
      what: "polling of the network card",
      works: false,
      seen: null,
      error: "refused: it needs CAP_NET_ADMIN, which this user has not",
    },
  ],
  privileges: {
    user: 1000,
    capabilities: { CAP_NET_BIND_SERVICE: false, CAP_NET_ADMIN: false, CAP_NET_RAW: false, CAP_SYS_NICE: true },
    unprivilegedPortStart: 1024,
    canBind862: false,
  },
  buffers: {
    ...GOOD.buffers,
    rmemMax: 212_992,
    wmemMax: 212_992,
    socket: { receiveOctets: 425_984, sendOctets: 425_984, memoryPerDatagram: 832, datagramOctets: 41 },
    burst: 512,
    udp: { received: 900_000, receiveBufferErrors: 100_000, sendBufferErrors: 3 },
  },
  transports: [{ ...GOOD.transports[0], received: 190 }, { ...GOOD.transports[2] }],
};

/** Another system than Linux: what only a system call or a file of Linux tells is not known. */
export const UNKNOWN: Facts = {
  host: {
    ...GOOD.host,
    name: null,
    system: "win32",
    release: null,
    program: null,
    processors: null,
    load: null,
    virtual: null,
    governors: null,
  },
  clocks: {
    readings: GOOD.clocks.readings.slice(2),
    synchronisation: null,
    daemons: null,
    systemd: null,
    source: null,
    sources: null,
    steps: null,
    watchedNs: 1.5e9,
  },
  waiting: GOOD.waiting.slice(2),
  interfaces: null,
  stampsSeen: null,
  options: null,
  privileges: { user: null, capabilities: null, unprivilegedPortStart: null, canBind862: null },
  buffers: { rmemMax: null, rmemDefault: null, wmemMax: null, wmemDefault: null, socket: null, burst: null, udp: null },
  transports: [{ transport: "ffi", works: false, error: "not on this runtime", ...NO_FLOOR }, GOOD.transports[2]],
  systemUnknown: "this version asks Linux only, not win32",
};
