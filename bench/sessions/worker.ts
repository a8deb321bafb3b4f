/**
 * One side of many sessions in one thread. `reflector N`: N sockets, each with a loop of its own, on one port of as many
 * addresses; says the port. `sender N PORT COUNT`: a session to each of them, and what came of it as JSON.
 *
 * @module
 */
import process from "node:process";
import { createReflector, createSender, createStats, driveReflector, driveSender } from "../../mod.ts";
import type { ProbeRecord } from "../../core/record.ts";
import { createFfiTransport } from "../../plugins/transport/ffi/mod.ts";
import { quantile } from "../support/numbers.ts";

/** Between the probes of a session. */
const INTERVAL_NS = 10e6;
/** Probes of each session that are not looked at: what is compiled while they pass. */
const WARM_UP = 50;
const TIMEOUT_NS = 1e9;
const SIZE = 41;

export interface Outcome {
  readonly sent: number;
  readonly lost: number;
  /** Nanoseconds. */
  readonly rtt: readonly [median: number, p99: number];
  readonly residence: readonly [median: number, p99: number];
  /** Departures after the best one's grid, nanoseconds; of the latest the most of all sessions. */
  readonly late: readonly [median: number, p99: number, latest: number];
  /** Milliseconds of this process a second, from the first probe to the last. */
  readonly cpu: number;
}

const transport = createFfiTransport();
const clock = transport.clock();
const [role, words, port, count] = process.argv.slice(2);
const sessions = Number(words);
const never = new AbortController().signal;
const address = (n: number) => `127.1.${n >> 8}.${n & 255}`;

if (role === "reflector") await reflect();
else console.log(JSON.stringify(await send(Number(port), Number(count))));

async function reflect(): Promise<void> {
  let port = 0;
  for (let n = 1; n <= sessions; n++) {
    const socket = await transport.openDatagram({ hostname: address(n), port });
    port = socket.address.port;
    const session = createReflector({
      mode: "stateful",
      protocol: "auto",
      strictSize: false,
      sessions: 4,
      wait: 900e9,
      hashSeed: n,
    });
    void driveReflector(session, socket, clock, never);
  }
  console.log(`ready at :${port}`);
  // Ends with who started it.
  process.stdin.resume().on("end", () => process.exit());
}

async function send(port: number, count: number): Promise<Outcome> {
  const [trips, residences, lateness]: number[][] = [[], [], []];
  let [sent, lost, latest] = [0, 0, 0];
  const from = performance.now();
  const cpu = process.cpuUsage();
  const runs = Array.from({ length: sessions }, async (_, n) => {
    const socket = await transport.openDatagram({ hostname: "127.0.0.1", port: 0, txStamps: true });
    // They are spread over an interval.
    let gap = INTERVAL_NS * n / sessions;
    const session = createSender({
      protocol: "twamp",
      ssid: 0,
      peer: socket.peer(address(n + 1), port),
      traffic: {
        name: "bench",
        maxSize: SIZE,
        size: () => SIZE,
        fill: (bytes, at, end) => void bytes.fill(0, at, end),
      },
      schedule: {
        name: "bench",
        next() {
          const now = gap;
          gap = INTERVAL_NS;
          return now;
        },
      },
      count,
      timeout: TIMEOUT_NS,
      window: 1024,
    });
    const departures: number[] = [];
    const stats = createStats({ reflectorCounts: true });
    await driveSender(session, socket, clock, never, (probe) => {
      stats.record(probe);
      if (probe.seq < WARM_UP || !(probe.flags & 1)) return;
      trips.push(probe.rtt);
      residences.push(probe.residence);
      departures.push(departure(probe) - probe.seq * INTERVAL_NS);
    });
    sent += session.counters.sent;
    latest = Math.max(latest, session.counters.latestDeparture);
    const best = departures.reduce((a, b) => Math.min(a, b), Infinity);
    for (const one of departures) lateness.push(one - best);
    socket.close();
  });
  await Promise.all(runs);
  lost = sent - trips.length - WARM_UP * sessions;
  const { user, system } = process.cpuUsage(cpu);
  return {
    sent,
    lost,
    rtt: [quantile(trips, 0.5), quantile(trips, 0.99)],
    residence: [quantile(residences, 0.5), quantile(residences, 0.99)],
    late: [quantile(lateness, 0.5), quantile(lateness, 0.99), latest],
    cpu: (user + system) / (performance.now() - from),
  };
}

/** This program's own T1; of its seconds those that a double keeps to the nanosecond. */
function departure({ stamps, txLag }: Readonly<ProbeRecord>): number {
  return (stamps[0] % 1e5) * 1e9 + stamps[1] - (Number.isNaN(txLag) ? 0 : txLag);
}
