/**
 * twampede as a library, under Deno: measures to a reflector of its own over loopback, and prints percentiles.
 *
 *     deno run --allow-all --unstable-net examples/library-deno.ts
 */
import {
  createReflector,
  createSender,
  createStats,
  driveReflector,
  driveSender,
  SCHEDULES,
  TRAFFIC,
  windowFor,
} from "../mod.ts";
import { TRANSPORTS } from "../plugins/transport/mod.ts";

const MS = 1e6;
const HERE = { hostname: "127.0.0.1", port: 0 };

const transport = TRANSPORTS.find(({ name }) => name === "deno")!.create({});
const clock = transport.clock();
const far = await transport.openDatagram(HERE);
const near = await transport.openDatagram(HERE);

// The reflector answers until it is told to stop.
const reflector = createReflector({
  mode: "stateful",
  protocol: "auto",
  strictSize: false,
  sessions: 1,
  wait: Infinity,
  hashSeed: 0,
});
const stop = new AbortController();
const reflecting = driveReflector(reflector, far, clock, stop.signal);

// The sender ends when each of its probes has been answered, or has timed out.
const seed = crypto.getRandomValues(new Uint8Array(16));
const packet = { family: 4, protocol: "twamp", base: 14, onesize: 27, seed } as const;
const sender = createSender({
  protocol: "twamp",
  ssid: 0,
  peer: near.peer(HERE.hostname, far.address.port),
  traffic: TRAFFIC[0].create({ padding: 27, fill: "zeros" }, packet),
  schedule: SCHEDULES[0].create({}, 10 * MS, seed),
  count: 20,
  timeout: 1000 * MS,
  window: windowFor(1000 * MS, 10 * MS),
});
const stats = createStats({ reflectorCounts: true });
const { signal } = new AbortController();
await driveSender(sender, near, clock, signal, (probe) => stats.record(probe));
stop.abort();
await reflecting;
near.close();
far.close();

const { sent, received, rtt } = stats.snapshot({
  counters: sender.counters,
  peer: sender.peerReport(),
  durationNs: 0,
  sendErrors: near.sendErrors,
  lostInHost: near.lostInHost,
  synchronized: false,
  notes: [],
});
console.log(`${received} of ${sent} probes came back`);
for (const name of ["min", "p50", "p99", "max"] as const) console.log(`${name.padEnd(3)} ${rtt[name]! / MS} ms`);
