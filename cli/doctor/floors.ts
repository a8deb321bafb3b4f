/**
 * Each transport's own floor: what it reports of loopback, through the sessions of a real measurement. Both ends are in
 * this process.
 *
 * @module
 */
import { parsePluginOptions } from "../../core/plugin_options.ts";
import { driveReflector, driveSender } from "../../core/drive.ts";
import { ProbeFlag } from "../../core/record.ts";
import { createReflector } from "../../core/session/reflector.ts";
import { createSender } from "../../core/session/sender.ts";
import { windowFor } from "../../core/session/window.ts";
import { createStats } from "../../core/stats/stats.ts";
import type { DatagramSocket, StampSource, Transport } from "../../core/transport.ts";
import { testFormat } from "../../core/wire/format.ts";
import { SCHEDULES } from "../../plugins/schedule/mod.ts";
import { TRAFFIC } from "../../plugins/traffic/mod.ts";
import { TRANSPORTS } from "../../plugins/transport/mod.ts";
import { UNKNOWN } from "../../outputs/units.ts";
import type { FloorFacts } from "./facts.ts";
import { grid, section, span } from "./layout.ts";

const HOST = "127.0.0.1";
const PROBES = 200;
/** Sent before them, and not counted: code that runs for the first time is slow. */
const WARM_UP = 50;
const INTERVAL_NS = 1e6;
const TIMEOUT_NS = 200e6;
/** One that does not come to an end is ended. */
const LIMIT_MS = 1500;

const UNMEASURED = { sent: null, received: null, minNs: null, p50Ns: null, p99Ns: null, t1: null, t4: null };

/** One after the other, those that do not work here too. */
export async function readFloors(): Promise<FloorFacts[]> {
  const floors: FloorFacts[] = [];
  for (const { name, create } of TRANSPORTS) {
    try {
      const transport = create({});
      floors.push(
        transport.probe() === undefined
          ? { transport: name, works: false, error: "not on this runtime", ...UNMEASURED }
          : await floorOf(transport),
      );
    } catch (error) {
      floors.push({ transport: name, works: false, error: (error as Error).message, ...UNMEASURED });
    }
  }
  return floors;
}

async function floorOf(transport: Transport): Promise<FloorFacts> {
  const far = await transport.openDatagram({ hostname: HOST, port: 0 });
  const stop = new AbortController();
  const session = createReflector({
    mode: "stateful",
    protocol: "twamp",
    strictSize: false,
    sessions: 1,
    wait: Infinity,
    hashSeed: 0,
  });
  const reflecting = driveReflector(session, far, transport.clock(), stop.signal);
  try {
    const near = await transport.openDatagram({ hostname: HOST, port: 0, txStamps: true });
    try {
      return await measureFloor(transport, near, far.address.port);
    } finally {
      near.close();
    }
  } finally {
    stop.abort();
    await reflecting;
    far.close();
  }
}

async function measureFloor(transport: Transport, near: DatagramSocket, port: number): Promise<FloorFacts> {
  const seed = new Uint8Array(16);
  const format = testFormat({ mode: "open" });
  const packet = { family: 4, protocol: "twamp", base: format.senderSize, onesize: format.onesize, seed } as const;
  const traffic = parsePluginOptions("--profile", "fixed", TRAFFIC);
  const schedule = parsePluginOptions("--schedule", "fixed", SCHEDULES);
  const count = WARM_UP + PROBES;
  const sender = createSender({
    protocol: "twamp",
    ssid: 0,
    peer: near.peer(HOST, port),
    traffic: traffic.plugin.create(traffic.options, packet),
    schedule: schedule.plugin.create(schedule.options, INTERVAL_NS, seed),
    count,
    timeout: TIMEOUT_NS,
    window: windowFor(TIMEOUT_NS, INTERVAL_NS, count),
    ttl: undefined,
  });
  const { txStamp: t1, rxStamp: t4 } = near.capabilities;
  const stats = createStats({ reflectorCounts: true, stamps: { t1, t4 } });
  // What every reply had.
  let stamps = ~0;
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), LIMIT_MS);
  try {
    await driveSender(sender, near, transport.clock(), limit.signal, (probe) => {
      if (probe.seq < WARM_UP) return;
      stats.record(probe);
      if (probe.flags & ProbeFlag.RECEIVED) stamps &= probe.flags;
    });
  } finally {
    clearTimeout(timer);
  }
  const { rtt, received, lost } = stats.snapshot({
    counters: sender.counters,
    peer: sender.peerReport(),
    durationNs: 0,
    sendErrors: near.sendErrors,
    lostInHost: near.lostInHost,
    notes: [],
  });
  return {
    transport: transport.name,
    works: true,
    error: null,
    sent: received + lost,
    received,
    minNs: rtt.min,
    p50Ns: rtt.p50,
    p99Ns: rtt.p99,
    t1: received === 0 ? null : sourceOf(stamps, ProbeFlag.T1_HARDWARE, ProbeFlag.T1_KERNEL),
    t4: received === 0 ? null : sourceOf(stamps, ProbeFlag.T4_HARDWARE, ProbeFlag.T4_KERNEL),
  };
}

function sourceOf(flags: number, hardware: number, kernel: number): StampSource {
  return flags & hardware ? "hardware" : flags & kernel ? "kernel" : "user";
}

/** As text. */
export function floorLines(floors: readonly FloorFacts[]): string[] {
  const rows = floors.map((one) =>
    one.sent === null ? [one.transport, "", "", "", "", one.error ?? UNKNOWN] : [
      one.transport,
      span(one.minNs),
      span(one.p50Ns),
      span(one.p99Ns),
      one.received === null ? UNKNOWN : String(one.sent - one.received),
      `T1 ${one.t1 ?? UNKNOWN}, T4 ${one.t4 ?? UNKNOWN}`,
    ]
  );
  return section(
    `Transports: the round trip each reports of loopback, ${PROBES} probes at 1 ms`,
    grid([["", "min", "median", "p99", "lost", "stamps"], ...rows], [1, 2, 3, 4]),
  );
}
