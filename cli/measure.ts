/**
 * One measurement: a socket, a session, its statistics and outputs, from the first probe to the result.
 *
 * @module
 */
import { hostname } from "node:os";
import { formatAddress, formatEndpoint } from "../core/address.ts";
import { PEER_PORT } from "../core/batch.ts";
import { driveSender } from "../core/drive.ts";
import type { ControlInfo, RunInfo, Schedule, SecurityMode, TrafficProfile } from "../core/plugin.ts";
import type { PacketSeal } from "../core/session/seal.ts";
import { createSender, type SenderOptions, type SenderSession } from "../core/session/sender.ts";
import { windowFor } from "../core/session/window.ts";
import type { JitterAlgorithm, Snapshot } from "../core/snapshot.ts";
import type { Tlv } from "../core/tlv.ts";
import { createStats, type Stats } from "../core/stats/stats.ts";
import type { Nanos } from "../core/time/clock.ts";
import { formatDuration } from "../core/time/duration.ts";
import { ERROR_SYNCHRONIZED, errorNanos } from "../core/wire/error_estimate.ts";
import type { TlvMac } from "../core/tlv.ts";
import type { AbortSignalLike, Capabilities, DatagramSocket, Transport } from "../core/transport.ts";
import { describeJumps, describeSteps } from "./clock_steps.ts";
import type { SessionOutput } from "./outputs.ts";
import { faults } from "./plugins/faults.ts";
import { type Progress, showProgress } from "./progress.ts";
import { plural } from "./plural.ts";
import { isWildcard, sourceAddress, type Target } from "./resolve.ts";
import { tlvNotes } from "./tlv_notes.ts";
import { toHex } from "./values.ts";
import { runtimeName, VERSION } from "./version.ts";

/** How a session was set up, where somebody did. */
export interface Controlled {
  readonly info: ControlInfo;
  readonly mode: SecurityMode;
  /** What its packets are. */
  readonly packets: Pick<SenderOptions, "seal" | "symmetrical" | "monitor" | "reflect">;
  /** TOS that replies are to come with. */
  readonly replyTos: number;
}

/** All that a measurement is told. */
export interface Measurement {
  readonly transport: Transport;
  readonly socket: DatagramSocket;
  readonly remote: Target;
  readonly protocol: "twamp" | "stamp";
  readonly ssid: number;
  readonly needsSsid?: boolean | undefined;
  /** Probes have PTP timestamps. */
  readonly ptp?: boolean | undefined;
  /** Authenticated mode of STAMP. */
  readonly seal?: PacketSeal | undefined;
  /** HMAC TLVs in open mode. */
  readonly tlvMac?: TlvMac | undefined;
  /** STAMP extensions; undefined for none. */
  readonly tlvs?: readonly Tlv[] | undefined;
  readonly tos: number | undefined;
  readonly ttl: number | undefined;
  readonly dontFragment: boolean;
  readonly traffic: TrafficProfile;
  readonly schedule: Schedule;
  readonly count: number;
  readonly intervalNs: Nanos;
  readonly timeoutNs: Nanos;
  readonly jitter: JitterAlgorithm;
  readonly seed: Uint8Array;
  /** 0 for none. */
  readonly statsIntervalNs: Nanos;
  readonly progress: boolean;
  /** Undefined for TWAMP Light and STAMP. */
  readonly control?: Controlled | undefined;
  /** Notes as they are when somebody looks: some come while it runs. */
  readonly notes: () => readonly string[];
  /** Gets what tells how it stands, before the first probe. */
  readonly onProgress?: (progress: () => Progress) => void;
}

/**
 * How long a probe waits for the next reply to say when its own one left: gaps between probes, for some that are lost or
 * later than others (Poisson), and no less than what a host may be held up.
 */
const STAMP_GRACE_GAPS = 5;
const LEAST_STAMP_GRACE_NS = 100e6;

/** Runs it to the end or until `signal` aborts; the outputs have had everything but the summary. */
export async function measure(what: Measurement, outputs: SessionOutput, signal: AbortSignalLike): Promise<Snapshot> {
  const { socket, transport } = what;
  const clock = transport.clock();
  const session = createSender({
    protocol: what.protocol,
    ssid: what.ssid,
    needsSsid: what.needsSsid,
    ptp: what.ptp,
    seal: what.seal,
    tlvMac: what.tlvMac,
    tlvs: what.tlvs,
    peer: socket.peer(what.remote.host, what.remote.port),
    traffic: what.traffic,
    schedule: what.schedule,
    count: what.count,
    timeout: what.timeoutNs,
    window: windowFor(what.timeoutNs, what.intervalNs, what.count),
    ttl: what.ttl,
    stampGrace: Math.max(LEAST_STAMP_GRACE_NS, STAMP_GRACE_GAPS * what.intervalNs),
    ...what.control?.packets,
  });
  const stats = createStats({
    jitter: what.jitter,
    reflectorCounts: what.protocol === "twamp",
    stamps: stampSources(socket.capabilities),
    asksSeveral: what.tlvs?.some(({ asksSeveral }) => asksSeveral) ?? false,
    lateT3: what.tlvs?.some(({ late }) => late !== undefined) ?? false,
    tos: what.tos ?? null,
    replyTos: what.control?.replyTos ?? null,
    reflectedOctets: what.control?.packets.reflect?.octets ?? 0,
  });
  const local = await localAddress(what);
  outputs.begin(describeRun(what, local));
  const started = clock.mono();
  const snapshot = () => snapshotOf(what, session, stats, clock.mono() - started);
  const progress = () => ({ sent: session.counters.sent, ...stats.progress() });
  what.onProgress?.(progress);
  const stopTimers = startTimers(what, outputs, snapshot, progress);
  // A plugin without which it cannot go on: no more probes. Not at once, it may be in the middle of one.
  const forget = faults.onEnd(() =>
    queueMicrotask(() => {
      session.stop();
      socket.wake();
    })
  );
  try {
    await driveSender(session, socket, clock, signal, (probe) => {
      stats.record(probe);
      outputs.probe(probe);
    });
  } finally {
    stopTimers();
    forget();
  }
  return snapshot();
}

function stampSources(can: Capabilities): { t1: Capabilities["txStamp"]; t4: Capabilities["rxStamp"] } {
  return { t1: can.txStamp, t4: can.rxStamp };
}

function startTimers(
  what: Measurement,
  outputs: SessionOutput,
  snapshot: () => Snapshot,
  progress: () => Progress,
): () => void {
  const { count, intervalNs, timeoutNs, statsIntervalNs } = what;
  const hide = what.progress ? showProgress({ count, intervalNs, timeoutNs, now: progress }) : () => {};
  const timer = statsIntervalNs > 0
    ? setInterval(() => outputs.interval(snapshot()), Math.max(1, statsIntervalNs / 1e6))
    : undefined;
  return () => {
    clearInterval(timer);
    hide();
  };
}

/** Later departures than this are no matter of timers. */
const HELD_UP_NS = 50e6;

function snapshotOf(what: Measurement, session: SenderSession, stats: Stats, durationNs: Nanos): Snapshot {
  const { socket } = what;
  const notes = [...what.notes()];
  if (socket.sendErrors > 0) {
    notes.push(`${plural(socket.sendErrors, "probe")} could not be sent (${socket.lastSendError}) and counted as lost`);
  }
  const { latestDeparture, longestHeld } = session.counters;
  if (longestHeld > HELD_UP_NS) {
    notes.push(
      `probes were held in this host for up to ${
        formatDuration(longestHeld)
      } after they were sent: that is in no delay, ` +
        `but makes them late, and replies may count as lost`,
    );
  }
  if (latestDeparture > HELD_UP_NS) {
    notes.push(
      `probes left up to ${formatDuration(latestDeparture)} late and then close together: this host was held up`,
    );
  }
  if (session.counters.unexpected > 0) notes.push(describeUnexpected(session));
  const { count, text } = socket.networkErrors ?? { count: 0, text: "" };
  if (count > 0) notes.push(`the network refused ${plural(count, "probe")}: ${text}`);
  const stepped = describeSteps(what.transport.clock());
  if (stepped !== undefined) {
    notes.push(`${stepped} during the run: round trips are corrected for it, one-way delays before and after differ`);
  }
  const jumped = describeJumps(socket);
  if (jumped !== undefined) notes.push(jumped);
  if (socket.overflows > 0) {
    notes.push(`${plural(socket.overflows, "datagram")} dropped here unread: this host is too slow for them`);
  }
  const { lostInHost } = socket;
  if (lostInHost !== null && lostInHost > 0) {
    notes.push(`${plural(lostInHost, "datagram")} dropped by this host's kernel for want of room: no loss of the path`);
  }
  const tlvs = session.tlvReport();
  notes.push(...tlvNotes(tlvs));
  return stats.snapshot({
    counters: session.counters,
    peer: session.peerReport(),
    tlvs,
    durationNs,
    sendErrors: socket.sendErrors,
    lostInHost,
    synchronized: (what.transport.clock().errorEstimate & ERROR_SYNCHRONIZED) !== 0,
    notes,
  });
}

/** That something came which is no reply, and from where: a reflector that answers from elsewhere is seen here. */
function describeUnexpected({ counters, stranger }: SenderSession): string {
  const what = `${plural(counters.unexpected, "datagram")} came that answer no probe of this run`;
  if (stranger === undefined) return `${what}, from the far end itself`;
  const port = (stranger[PEER_PORT] << 8) | stranger[PEER_PORT + 1];
  return `${what}, the first from ${
    formatEndpoint(formatAddress(stranger), port)
  }: replies must come from where probes go`;
}

/** Where probes leave from, as far as the system says. */
async function localAddress(what: Measurement): Promise<string> {
  const { socket, remote } = what;
  const { hostname } = socket.address;
  if (!isWildcard(hostname)) return hostname;
  return socket.localFor?.(socket.peer(remote.host, remote.port)) ?? await sourceAddress(remote) ?? hostname;
}

function describeClock(claim: number): RunInfo["clock"] {
  const errorNs = errorNanos(claim);
  return { synchronized: (claim & ERROR_SYNCHRONIZED) !== 0, errorNs: Number.isNaN(errorNs) ? null : errorNs };
}

function describeRun(what: Measurement, local: string): RunInfo {
  return {
    tool: { name: "twampede", version: VERSION, runtime: runtimeName(), transport: what.transport.name },
    session: {
      protocol: what.protocol,
      mode: what.control?.mode ?? what.seal?.mode ?? "open",
      local: formatEndpoint(local, what.socket.address.port),
      remote: formatEndpoint(what.remote.host, what.remote.port),
      ssid: what.ssid,
      tos: what.tos ?? null,
      ttl: what.ttl ?? null,
      dontFragment: what.dontFragment,
      profile: what.traffic.name,
      schedule: what.schedule.name,
      count: what.count === Infinity ? null : what.count,
      intervalNs: what.intervalNs,
      timeoutNs: what.timeoutNs,
      jitter: what.jitter,
      seed: toHex(what.seed),
      control: what.control?.info,
    },
    host: hostname(),
    clock: describeClock(what.transport.clock().errorEstimate),
    card: what.socket.card && { interface: what.socket.card.interface, phc: what.socket.card.phc },
    startedAt: new Date().toISOString(),
  };
}
