/**
 * `controller`: TWAMP Control-Client and Session-Sender in one: sets sessions up, measures with them, and stops them.
 *
 * @module
 */
import { parseAddress } from "../../core/address.ts";
import { DEFAULT_STRIDE } from "../../core/batch.ts";
import { octetsOfSid, sidText } from "../../core/control/session_id.ts";
import { OptionError } from "../../core/errors.ts";
import { deriveTestKeys, Seal } from "../../core/session/seal.ts";
import type { Schedule, TrafficProfile } from "../../core/plugin.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { Nanos } from "../../core/time/clock.ts";
import type { DatagramSocket, SocketOptions, Transport } from "../../core/transport.ts";
import { Accept, acceptText, Mode, type SessionRequest } from "../../core/wire/control.ts";
import { testFormat } from "../../core/wire/format.ts";
import { createTraceTransport } from "../../plugins/transport/trace.ts";
import { connect, type Connected, type ControlFlags, credentials } from "../control/connect.ts";
import { type Accepted, ClientLink } from "../control/client_link.ts";
import { longExtensionNames, securityName } from "../control/modes.ts";
import { testMode } from "../control/session_request.ts";
import { resolveEnds } from "../ends.ts";
import { Exit } from "../exit.ts";
import { type Log, openLog } from "../log.ts";
import { type Controlled, measure, type Measurement } from "../measure.ts";
import { OutputSet } from "../outputs.ts";
import { plural } from "../plural.ts";
import { showProgress } from "../progress.ts";
import { isWildcard, type Target } from "../resolve.ts";
import { onInterrupt } from "../signals.ts";
import { withStampInterface } from "../stamp_interface.ts";
import { createSchedule, createTraffic, refuseTooManyInFlight } from "../traffic.ts";
import { chooseTransport, degraded, withDefaults } from "../transports.ts";
import { verdict } from "../verdict.ts";
import { createVerboseOutput } from "../verbose.ts";
import { warmUp } from "../warm_up.ts";
import { SENDER_DEFAULTS, type SenderFlags } from "./sender.ts";

/** Options as the command line gives them, checked. */
export interface ControllerFlags
  extends ControlFlags, Omit<SenderFlags, "protocol" | "ssid" | "tos" | "padding" | "profile"> {
  readonly sessions: number;
  /** In turn for the sessions; empty for the default. */
  readonly tos: readonly number[];
  readonly padding: readonly number[];
  readonly profile: readonly string[];
  readonly nat: boolean;
  /** RFC 6038: octets of padding that are to come back; undefined for none. */
  readonly reflectOctets: number | undefined;
  readonly symmetrical: boolean;
}

/** What is to be reflected for the server's sake: a mark of ours in the request, which comes back in its answer. */
const OCTETS_TO_REFLECT = 0x7477;
const NO_ADDRESS = new Uint8Array(16);

/** A session that is set up. */
interface Ready {
  readonly socket: DatagramSocket;
  readonly options: SocketOptions;
  readonly notes: readonly string[];
  readonly traffic: TrafficProfile;
  readonly sid: string;
  readonly port: number;
  readonly control: Controlled;
}

/** Runs `controller`; resolves to the exit status. */
export async function runController(serverText: string, localText: string, flags: ControllerFlags): Promise<number> {
  const log = openLog(flags.level, flags.logfile);
  const outputs = new OutputSet({
    output: flags.output,
    telegraf: flags.telegraf,
    responses: flags.printResponses,
    intervals: flags.statsInterval > 0,
  }, log);
  if (flags.level === "verbose" || flags.level === "debug") outputs.add("verbose", () => createVerboseOutput(log));
  const count = flags.count === 0 ? Infinity : flags.count;
  refuseTooManyInFlight(flags, count);
  const keys = credentials(flags);
  const { remote, local } = await resolveEnds(serverText, localText, flags.family);
  const stop = new AbortController();
  const undo = onInterrupt(() => stop.abort());
  outputs.onClosed = () => stop.abort();
  const sockets: DatagramSocket[] = [];
  let link: ClientLink | undefined;
  try {
    const house = await prepare(flags, remote, local, log);
    const needs = { required: required(flags), several: flags.sessions > 1 };
    const clock = house.transport.clock();
    const connected = await connect(flags, keys, remote, local, clock, needs, stop.signal, log);
    link = connected.link;
    const sessions: Ready[] = [];
    let refused = 0;
    for (let index = 0; index < flags.sessions; index++) {
      const ready = await open(house, connected, flags, keys.key?.id ?? null, index, sockets);
      if (typeof ready === "object") sessions.push(ready);
      else {
        refused++;
        log.note(refusal(connected.server, index, flags.sessions, ready));
      }
    }
    if (sessions.length === 0) return Exit.NOT_MADE;
    const running = new Set(await link.start());
    connected.keep();
    for (const [sid, accept] of link.notStarted) {
      log.note(`server ${connected.server} did not start session ${sid} (Accept ${accept}: ${acceptText(accept)})`);
    }
    const started = sessions.filter(({ sid }) => running.has(sid));
    refused += sessions.length - started.length;
    if (started.length === 0) return Exit.NOT_MADE;
    outputs.open(started.length);
    const summaries = await measureAll(started, house, flags, count, outputs, link, stop.signal);
    await link.stop();
    await outputs.end(...summaries);
    for (const note of gathered(summaries)) log.note(`note: ${note}`);
    if (outputs.failed) return Exit.NOT_MADE;
    const verdicts = summaries.map((summary, i) =>
      verdict(summary, stop.signal.aborted, { ...remote, port: started[i].port }, log)
    );
    return Math.max(...verdicts, refused > 0 ? Exit.NOT_MADE : Exit.DONE);
  } catch (error) {
    if (stop.signal.aborted) return Exit.INTERRUPTED;
    throw error;
  } finally {
    link?.close();
    for (const socket of sockets) socket.close();
    await log.close();
    undo();
  }
}

/** Extensions without which what the user asked for cannot be. */
function required({ reflectOctets, symmetrical }: ControllerFlags): number {
  return (reflectOctets === undefined ? 0 : Mode.REFLECT) | (symmetrical ? Mode.SYMMETRICAL : 0);
}

/** What sessions have in common. */
interface House {
  readonly transport: Transport;
  readonly local: Target;
  readonly remote: Target;
  socketOptions(index: number, host: string, stride: number): Promise<{ options: SocketOptions; notes: string[] }>;
  readonly notes: readonly string[];
}

async function prepare(flags: ControllerFlags, remote: Target, local: Target, log: Log): Promise<House> {
  const explicit: SocketOptions = {
    hostname: local.host,
    port: local.port,
    tos: flags.tos[0],
    ttl: flags.ttl,
    dontFragment: flags.doNotFragment,
    stamps: flags.stamps,
    txStamps: flags.stamps !== "user",
    readTos: true,
    interface: flags.interface,
    precise: flags.precise,
  };
  const chosen = chooseTransport(flags.transport, explicit);
  await warmUp(chosen, explicit);
  return {
    transport: flags.level === "debug" ? createTraceTransport(chosen, (line) => log.debug(line)) : chosen,
    local,
    remote,
    notes: degraded(flags.transport, chosen),
    async socketOptions(index, host, stride) {
      const own: SocketOptions = {
        ...explicit,
        hostname: host,
        port: local.port === 0 ? 0 : local.port + index,
        tos: inTurn(flags.tos, index),
        stride: Math.max(DEFAULT_STRIDE, Math.ceil(stride / 64) * 64),
      };
      if (own.port > 65_535) {
        throw new OptionError(
          `local port ${local.port} and ${plural(flags.sessions, "session")} go beyond 65535: give a lower one`,
        );
      }
      return withDefaults(await withStampInterface(own, local, remote), SENDER_DEFAULTS, chosen);
    },
  };
}

/** The value of session `index`; undefined without any. */
function inTurn<T>(values: readonly T[], index: number): T | undefined {
  return values.length === 0 ? undefined : values[index % values.length];
}

/** Binds a socket and asks the server for a session with it; the server's word if it refuses. */
async function open(
  house: House,
  { link, near, server }: Connected,
  flags: ControllerFlags,
  keyId: string | null,
  index: number,
  sockets: DatagramSocket[],
): Promise<Ready | Accept> {
  const { remote, local } = house;
  const { mode } = link;
  const sealing = testMode(mode);
  const [symmetrical, monitor] = [(mode & Mode.SYMMETRICAL) !== 0, (mode & Mode.MONITOR) !== 0];
  const format = { mode: sealing, symmetrical, monitor };
  const octets = flags.reflectOctets;
  const { senderSize: base, onesize } = testFormat(format);
  const traffic = createTraffic(
    { padding: inTurn(flags.padding, index), profile: inTurn(flags.profile, index) },
    { family: remote.address.family, protocol: "twamp", base, onesize: onesize + (octets ?? 0), seed: flags.seed },
  );
  const padding = traffic.maxSize - base;
  // Probes leave from the address that the server sees: any other it would not know.
  const host = isWildcard(local.host) ? near : local.host;
  const { options, notes } = await house.socketOptions(index, host, traffic.maxSize);
  const socket = await house.transport.openDatagram(options);
  sockets.push(socket);
  const tos = options.tos ?? 0;
  const request: SessionRequest = {
    ipVersion: remote.address.family,
    confSender: 0,
    confReceiver: 0,
    slots: 0,
    packets: 0,
    senderPort: socket.address.port,
    receiverPort: remote.port === 0 ? 0 : Math.min(remote.port + index, 65_535),
    senderAddress: flags.nat ? NO_ADDRESS : parseAddress(host)!.octets,
    receiverAddress: flags.nat ? NO_ADDRESS : remote.address.octets,
    sid: NO_ADDRESS,
    padding,
    startTime: new Uint32Array(2),
    timeoutNs: flags.packetTimeout,
    typeP: ((tos >> 2) << 24) >>> 0,
    octetsToReflect: octets === undefined ? 0 : OCTETS_TO_REFLECT,
    paddingToReflect: octets ?? 0,
  };
  const answer = await link.request(request);
  if (typeof answer === "number") return answer;
  return {
    socket,
    options,
    notes,
    traffic,
    sid: sidText(answer.sid),
    port: answer.port,
    control: controlled(link, answer, server, octets, tos, keyId),
  };
}

function controlled(
  { mode, keys }: ClientLink,
  answer: Accepted,
  server: string,
  octets: number | undefined,
  tos: number,
  keyId: string | null,
): Controlled {
  const sealing = testMode(mode);
  const sid = sidText(answer.sid);
  const security = securityName(mode);
  return {
    mode: security,
    info: {
      server,
      sid,
      keyId: security === "open" ? null : keyId,
      modes: longExtensionNames(mode) as Controlled["info"]["modes"],
    },
    packets: {
      seal: keys === undefined || sealing === "open"
        ? undefined
        : new Seal(sealing, deriveTestKeys(keys.aes, keys.hmac, octetsOfSid(sid))),
      symmetrical: (mode & Mode.SYMMETRICAL) !== 0,
      monitor: (mode & Mode.MONITOR) !== 0,
      reflect: octets === undefined ? undefined : { octets, serverOctets: answer.serverOctets },
    },
    replyTos: tos & 0xfc,
  };
}

function refusal(server: string, index: number, of: number, accept: Accept): string {
  const which = of === 1 ? "the session" : `session ${index + 1} of ${of}`;
  return `server ${server} refused ${which} (Accept ${accept}: ${acceptText(accept)})`;
}

/** Measures with all sessions at once; what the control connection comes to meanwhile is a note of each. */
async function measureAll(
  sessions: readonly Ready[],
  house: House,
  flags: ControllerFlags,
  count: number,
  outputs: OutputSet,
  link: ClientLink,
  signal: AbortSignal,
): Promise<Snapshot[]> {
  const snapshots: (() => Snapshot)[] = [];
  const shows = flags.level === "normal" && !outputs.streams;
  const runs = sessions.map((session, index) => {
    const { socket, options, traffic, port, control, notes } = session;
    const what: Measurement = {
      transport: house.transport,
      socket,
      remote: { ...house.remote, port },
      protocol: "twamp",
      ssid: 0,
      tos: options.tos,
      ttl: options.ttl,
      dontFragment: flags.doNotFragment,
      traffic,
      schedule: shifted(
        createSchedule(flags.schedule, flags.interval, flags.seed),
        flags.interval * index / sessions.length,
      ),
      count,
      intervalNs: flags.interval,
      timeoutNs: flags.packetTimeout,
      jitter: flags.jitter,
      seed: flags.seed,
      statsIntervalNs: flags.statsInterval,
      progress: shows && sessions.length === 1,
      control,
      notes: () => [...house.notes, ...notes, ...(link.broken === undefined ? [] : [`${link.broken}: measured on`])],
      onSnapshot: (snapshot) => snapshots[index] = snapshot,
    };
    return measure(what, outputs.session(index + 1), signal);
  });
  const { interval: intervalNs, packetTimeout: timeoutNs } = flags;
  const hide = shows && sessions.length > 1
    ? showProgress(...sessions.map((_, i) => ({ count, intervalNs, timeoutNs, snapshot: () => snapshots[i]() })))
    : () => {};
  try {
    return await Promise.all(runs);
  } finally {
    hide();
  }
}

/** Begins later: sessions of one interval would else send all at once, and measure one another. */
function shifted(schedule: Schedule, by: Nanos): Schedule {
  let left = by;
  return {
    name: schedule.name,
    next() {
      const gap = schedule.next() + left;
      left = 0;
      return gap;
    },
  };
}

/** The notes of all sessions, those that differ in nothing but numbers once. */
function gathered(summaries: readonly Snapshot[]): string[] {
  const kinds = new Map<string, { first: string; sessions: number }>();
  for (const { notes } of summaries) {
    for (const note of notes) {
      const kind = note.replace(/\d+(\.\d+)?/g, "0");
      const known = kinds.get(kind);
      if (known === undefined) kinds.set(kind, { first: note, sessions: 1 });
      else known.sessions++;
    }
  }
  return [...kinds.values()].map(({ first, sessions }) =>
    sessions === 1 ? first : `${first} (and the like in ${plural(sessions - 1, "other session")})`
  );
}
