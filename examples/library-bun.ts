/**
 * twampede as a library, under Bun: asks a STAMP reflector of its own over loopback where its probes came from (the
 * Location TLV of RFC 8972), and prints what it says.
 *
 *     bun examples/library-bun.ts
 */
import {
  createReflector,
  createSender,
  createStats,
  driveReflector,
  driveSender,
  NO_HOST,
  parsePluginOptions,
  SCHEDULES,
  TLV_ANSWERS,
  TLVS,
  tlvSize,
  TRAFFIC,
  windowFor,
} from "../mod.ts";
import { TRANSPORTS } from "../plugins/transport/mod.ts";

const MS = 1e6;
const HERE = { hostname: "127.0.0.1", port: 0 };

const transport = TRANSPORTS.find(({ name }) => name === "bun")!.create({});
const clock = transport.clock();
const far = await transport.openDatagram(HERE);
const near = await transport.openDatagram(HERE);

const reflector = createReflector({
  mode: "stateful",
  protocol: "stamp",
  strictSize: false,
  sessions: 1,
  wait: Infinity,
  hashSeed: 0,
  tlvs: TLV_ANSWERS,
  host: { ...NO_HOST, port: far.address.port },
});
const stop = new AbortController();
const reflecting = driveReflector(reflector, far, clock, stop.signal);

// Plugins by the name and the options that the command line has for them.
const named = parsePluginOptions("--tlv", "location:mac=no", TLVS);
const tlvs = [named.plugin.create(named.options)];
const seed = crypto.getRandomValues(new Uint8Array(16));
const packet = { family: 4, protocol: "stamp", base: 44 + tlvSize(tlvs), onesize: 0, seed } as const;
const sender = createSender({
  protocol: "stamp",
  ssid: 1,
  tlvs,
  peer: near.peer(HERE.hostname, far.address.port),
  traffic: TRAFFIC[0].create({ padding: 0, fill: "zeros" }, packet),
  schedule: SCHEDULES[1].create({}, 10 * MS, seed),
  count: 20,
  timeout: 1000 * MS,
  window: windowFor(1000 * MS, 10 * MS),
});
const stats = createStats({ reflectorCounts: false });
const { signal } = new AbortController();
await driveSender(sender, near, clock, signal, (probe) => stats.record(probe));
stop.abort();
await reflecting;
near.close();
far.close();

for (const { name, returned, values } of sender.tlvReport()) {
  console.log(`${name}: ${returned} of ${sender.counters.sent} came back, ${JSON.stringify(values)}`);
}
