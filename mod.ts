/**
 * twampede as a library: codecs, machines, statistics, the loops that drive them, and the built-in plugins.
 *
 * Nothing here opens a socket by being imported: a transport does so when it is asked to.
 *
 * The examples below are run by the tests. In a checkout `@twampede/twampede` is `./mod.ts`, and
 * `@twampede/twampede/transport` is `./plugins/transport/mod.ts`.
 *
 * @example A measurement over loopback, to a reflector in the same program
 * ```ts
 * import {
 *   createReflector, createSender, createStats, driveReflector, driveSender, SCHEDULES, TRAFFIC, windowFor,
 * } from "@twampede/twampede";
 * import { TRANSPORTS } from "@twampede/twampede/transport";
 *
 * // A transport has sockets and their clock. `node` works on every runtime; the first that works is the best.
 * const transport = TRANSPORTS.find(({ name }) => name === "node")!.create({});
 * const clock = transport.clock();
 * const here = { hostname: "127.0.0.1", port: 0 };
 * const [near, far] = [await transport.openDatagram(here), await transport.openDatagram(here)];
 *
 * const reflector = createReflector({
 *   mode: "stateful", protocol: "auto", strictSize: false, sessions: 1, wait: Infinity, hashSeed: 0,
 * });
 * const stop = new AbortController();
 * const reflecting = driveReflector(reflector, far, clock, stop.signal);
 *
 * const seed = new Uint8Array(16);
 * const sender = createSender({
 *   protocol: "twamp",
 *   ssid: 0,
 *   peer: near.peer("127.0.0.1", far.address.port),
 *   traffic: TRAFFIC[0].create({ padding: 27, fill: "zeros" }, { family: 4, protocol: "twamp", base: 14, onesize: 27, seed }),
 *   schedule: SCHEDULES[0].create({}, 5e6, seed),
 *   count: 10,
 *   timeout: 1e9,
 *   window: windowFor(1e9, 5e6),
 * });
 * const stats = createStats({ reflectorCounts: true });
 * await driveSender(sender, near, clock, new AbortController().signal, (probe) => stats.record(probe));
 * stop.abort();
 * await reflecting;
 * near.close();
 * far.close();
 *
 * const { received, rtt } = stats.snapshot({
 *   counters: sender.counters, peer: sender.peerReport(), durationNs: 0, sendErrors: 0, lostInHost: null, notes: [],
 * });
 * if (received !== 10 || rtt.p99 === null) throw new Error(`${received} of 10 came back`);
 * ```
 *
 * @example What is in a packet
 * ```ts
 * import { dissect } from "@twampede/twampede";
 *
 * // The first probe of a TWAMP sender: number 0, a time, and an Error Estimate.
 * const probe = Uint8Array.fromHex("00000000eeaacb019f470fff0101");
 * const { kind, fields } = dissect(new DataView(probe.buffer), 0, probe.length)!;
 * const [{ name, value }] = fields;
 * if (`${kind}: ${name} ${value}` !== "twamp-sender: Sequence Number 0") throw new Error(`${kind}: ${name} ${value}`);
 * ```
 *
 * @example An output of one's own, as `--plugin` loads it
 * ```ts
 * import { type OutputPlugin, parsePluginOptions, pluginFault } from "@twampede/twampede";
 *
 * const loss: OutputPlugin = {
 *   api: 1,
 *   kind: "output",
 *   name: "loss",
 *   summary: "the number of probes lost",
 *   options: [{ name: "label", type: "string", default: "lost", summary: "what stands before it" }],
 *   create: ({ label }, sink) => ({ end: ({ lost }) => sink.write(`${label} ${lost}\n`) }),
 * };
 * if (pluginFault(loss) !== undefined) throw new Error(pluginFault(loss));
 *
 * const { plugin, options } = parsePluginOptions("--output", "loss:label=gone", [loss]);
 * if (plugin !== loss || options.label !== "gone") throw new Error("not as it was asked for");
 * ```
 *
 * @module
 */
export * from "./core/address.ts";
export * from "./core/batch.ts";
export { ControlClient } from "./core/control/client.ts";
export { LEAST_COUNT, MOST_COUNT } from "./core/control/counts.ts";
export type * from "./core/control/client_types.ts";
export { type ControlKeys, makeToken, openToken } from "./core/control/keys.ts";
export { SealedReader, SealedWriter } from "./core/control/sealed_stream.ts";
export { ControlServer } from "./core/control/server.ts";
export type * from "./core/control/server_types.ts";
export { octetsOfSid, sidText } from "./core/control/session_id.ts";
export type { ClientState, ServerState } from "./core/control/table.ts";
export * from "./core/drive.ts";
export * from "./core/errors.ts";
export type * from "./core/plugin.ts";
export { isPlugin, PLUGIN_API, PLUGIN_KINDS, pluginFault } from "./core/plugin_check.ts";
export { parsePluginOptions } from "./core/plugin_options.ts";
export { createRandom, type Random } from "./core/random.ts";
export * from "./core/record.ts";
export { createAccess, parsePrefix } from "./core/session/access.ts";
export { createSharedSources, type RateLimit } from "./core/session/rate_limit.ts";
export {
  type Access,
  createReflector,
  type ReflectorCounters,
  type ReflectorOptions,
  type ReflectorSession,
} from "./core/session/reflector.ts";
export type { ReflectOptions } from "./core/session/reflected_padding.ts";
export { deriveTestKeys, type PacketSeal, Seal, type SealMode, type TestKeys } from "./core/session/seal.ts";
export { StampKeys, StampSeal } from "./core/session/stamp_seal.ts";
export { createSender, type SenderOptions, type SenderSession, type SenderState } from "./core/session/sender.ts";
export { TestSessions, type TestSessionsCounters, type TestSessionsOptions } from "./core/session/test_sessions.ts";
export type {
  TestSession,
  TestSessionCounters,
  TestSessionSpec,
  TestSessionState,
} from "./core/session/test_session.ts";
export { windowFor } from "./core/session/window.ts";
export type * from "./core/snapshot.ts";
export { createStats, type RunState, type Stats, type StatsOptions } from "./core/stats/stats.ts";
export { actualText, describeThreshold, evaluateThresholds, parseThreshold, type Threshold } from "./core/threshold.ts";
export * from "./core/time/clock.ts";
export * from "./core/time/duration.ts";
export type * from "./core/stream.ts";
export * from "./core/tlv.ts";
export { tlvSize } from "./core/session/tlv_writer.ts";
export type * from "./core/transport.ts";
export * from "./core/wire/codec.ts";
/** Messages of TWAMP-Control: layouts, readers, writers, and the numbers in them. */
export * as control from "./core/wire/control.ts";
export * from "./core/wire/dissect.ts";
export * from "./core/wire/error_estimate.ts";
export * from "./core/wire/format.ts";
export * from "./core/wire/layout.ts";
export * from "./core/wire/offsets.ts";
export * from "./core/wire/sealed_packet.ts";
export * from "./core/wire/status.ts";
export * from "./core/wire/test_packet.ts";
export * from "./core/wire/timestamp.ts";
export * from "./core/wire/tlv_layouts.ts";
export { OUTPUTS } from "./outputs/mod.ts";
export { SCHEDULES } from "./plugins/schedule/mod.ts";
export { TLV_ANSWERS, TLVS } from "./plugins/tlv/mod.ts";
export { TRAFFIC } from "./plugins/traffic/mod.ts";
