/**
 * twampede as a library: codecs, machines, statistics, the loops that drive them, and the built-in plugins.
 *
 * Nothing here opens a socket by being imported: a transport does so when it is asked to.
 *
 * @example A measurement over loopback
 * ```ts
 * import { createSender, createStats, driveSender, parseAddress, peerOctets, SCHEDULES, TRAFFIC, windowFor } from "./mod.ts";
 * import { createNodeTransport } from "./plugins/transport/node.ts";
 *
 * const transport = createNodeTransport();
 * const socket = await transport.openDatagram({ hostname: "127.0.0.1", port: 0 });
 * const seed = new Uint8Array(16);
 * const session = createSender({
 *   protocol: "twamp",
 *   ssid: 0,
 *   peer: peerOctets(parseAddress("127.0.0.1")!, 20_001),
 *   traffic: TRAFFIC[0].create({ padding: 27, fill: "zeros" }, { family: 4, protocol: "twamp", base: 14, onesize: 27, seed }),
 *   schedule: SCHEDULES[0].create({}, 100e6, seed),
 *   count: 10,
 *   timeout: 1e9,
 *   window: windowFor(1e9, 100e6),
 * });
 * const stats = createStats({ reflectorCounts: true });
 * const never = new AbortController().signal;
 * await driveSender(session, socket, transport.clock(), never, (probe) => stats.record(probe));
 * socket.close();
 * ```
 *
 * @module
 */
export * from "./core/address.ts";
export * from "./core/batch.ts";
export { ControlClient, LEAST_COUNT, MOST_COUNT } from "./core/control/client.ts";
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
