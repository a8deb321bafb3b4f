/**
 * `server`: TWAMP Server and Session-Reflector, until interrupted.
 *
 * @module
 */
import { formatEndpoint } from "../../core/address.ts";
import { OptionError, TransportError } from "../../core/errors.ts";
import { createRandom } from "../../core/random.ts";
import type { Prefix } from "../../core/session/access.ts";
import type { StreamListener } from "../../core/stream.ts";
import type { Nanos } from "../../core/time/clock.ts";
import type { SocketOptions, StampSource, Transport } from "../../core/transport.ts";
import { Mode } from "../../core/wire/control.ts";
import { listenStreams } from "../../plugins/transport/stream.ts";
import { createTraceTransport } from "../../plugins/transport/trace.ts";
import { descriptors, SPARE } from "../../plugins/transport/stream_listener.ts";
import { AccessLog } from "../control/access_log.ts";
import { type Budget, withinFiles } from "../control/budget.ts";
import { randomOctets } from "../control/derive.ts";
import { describeModes } from "../control/client_link.ts";
import { isKeyed, parseModes, SECURITY } from "../control/modes.ts";
import { Service } from "../control/service.ts";
import { warmSeal } from "../control/warm_seal.ts";
import { SessionPool } from "../control/session_pool.ts";
import { describeRange, type PortRange, TestPorts } from "../control/test_ports.ts";
import { Exit, explain } from "../exit.ts";
import { readKeyFile, type Secrets } from "../key_file.ts";
import { type Log, openLog } from "../log.ts";
import { plural } from "../plural.ts";
import { tellServiceManager } from "../service_manager.ts";
import { isWildcard, resolveEndpoint, type Target, wildcard } from "../resolve.ts";
import { onInterrupt } from "../signals.ts";
import { withStampInterface } from "../stamp_interface.ts";
import { chooseTransport, degraded } from "../transports.ts";
import { warmUp } from "../warm_up.ts";

/** Options as the command line gives them, checked. */
export interface ServerFlags {
  readonly family: 4 | 6 | undefined;
  readonly controlPort: number;
  readonly testPorts: PortRange;
  /** Undefined for all there can be. */
  readonly modes: string | undefined;
  readonly keyFile: string | undefined;
  readonly allow: readonly Prefix[];
  readonly deny: readonly Prefix[];
  readonly strictPeer: boolean;
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  readonly maxSessions: number;
  readonly maxSessionsPerAddress: number;
  readonly maxPadding: number;
  /** Infinity for none. */
  readonly maxLife: Nanos;
  readonly maxTimeout: Nanos;
  readonly setupTimeout: Nanos;
  readonly servwait: Nanos;
  readonly refwait: Nanos;
  readonly iterations: number;
  readonly drain: Nanos;
  readonly ttl: number | undefined;
  readonly transport: string;
  readonly stamps: StampSource | undefined;
  readonly interface: string | undefined;
  readonly logfile: string | undefined;
  readonly level: Log["level"];
}

/** The Session-Reflector should send with the highest TTL there is (RFC 5357 section 4.2.1). */
const TTL = 255;
/** Connections that have not been set up, at once. */
const SILENT = 256;
const BACKLOG = 128;

/** Runs `server`; resolves to the exit status. */
export async function runServer(localText: string, flags: ServerFlags): Promise<number> {
  const log = openLog(flags.level, flags.logfile);
  const secrets: Secrets = flags.keyFile === undefined ? new Map() : readKeyFile(flags.keyFile);
  const local = await resolveEndpoint(
    "local",
    localText,
    { host: wildcard(flags.family ?? 6), port: 0 },
    flags.family,
  );
  const isWildcard6 = local.host === "::";
  const dualStack = isWildcard6 && flags.family !== 6;
  const explicit: SocketOptions = {
    hostname: local.host,
    port: local.port,
    dualStack: dualStack && local.port !== 0,
    ttl: flags.ttl,
    stamps: flags.stamps,
    interface: flags.interface,
  };
  const chosen = chooseTransport(flags.transport, explicit);
  const transport: Transport = flags.level === "debug"
    ? createTraceTransport(chosen, (line) => log.debug(line))
    : chosen;
  const can = chosen.probe()!;
  const modes = offeredModes(flags, secrets, can.ipHeader);
  const socket = await withStampInterface(
    { ...explicit, ttl: flags.ttl ?? (can.setTtl ? TTL : undefined) },
    local,
    undefined,
  );
  await warmUp(chosen, socket);
  if (secrets.size > 0) warmSeal();
  const access = new AccessLog(log);
  const { budget, note: fewer } = budgetOf(flags, local.port !== 0);
  const pool = new SessionPool({
    transport,
    socket,
    ports: new TestPorts(flags.testPorts),
    refwait: flags.refwait,
    strictPeer: flags.strictPeer,
    anywhere: isWildcard(local.host),
    // Those that were stopped still answer what is in transit.
    sessions: Math.min(16_384, 2 * budget.sessions),
    onFailure: (error) => log.note(explain(error).line),
    hashSeed: createRandom(randomOctets(16), "hash").next32(),
  });
  const service = new Service({
    pool,
    log: access,
    control: {
      modes,
      count: flags.iterations,
      startTime: Uint32Array.of(Math.floor(Date.now() / 1000), (Date.now() % 1000) * 1e6),
      random: randomOctets,
      setUpTimeout: flags.setupTimeout,
      messageTimeout: flags.setupTimeout,
      servwait: flags.servwait,
      sessions: budget.sessions,
    },
    limits: {
      padding: flags.maxPadding,
      timeoutNs: flags.maxTimeout,
      setTos: can.setTos && (local.port === 0 || can.perPacketTos === true),
      sessions: budget.sessions,
      perAddress: flags.maxSessionsPerAddress,
      lifeNs: flags.maxLife,
    },
    secretOf: (keyId) => secrets.get(keyId),
  }, {
    connections: budget.connections,
    perAddress: flags.maxConnectionsPerAddress,
    silent: budget.silent,
    allow: flags.allow,
    deny: flags.deny,
  });
  const stop = new AbortController();
  let undo = () => {};
  let listener: StreamListener | undefined;
  try {
    const shared = local.port === 0 ? undefined : await pool.share({
      hostname: local.host,
      port: local.port,
      dualStack,
    });
    if (shared === undefined) await tryOut(chosen, socket, dualStack ? wildcard(4) : local.host);
    listener = await listen(local, flags, budget, dualStack, (stream) => service.accept(stream));
    undo = onInterrupt(() => stop.abort());
    for (const note of [...degraded(flags.transport, chosen), ...fewer]) log.note(`note: ${note}`);
    const { hostname, port } = listener.address;
    const tests = shared === undefined ? describeRange(flags.testPorts) : `test port ${shared.address.port}`;
    log.note(
      `server on ${formatEndpoint(hostname, port)} (${tests}, modes ${
        describeModes(modes)
      }, ${transport.name} transport); Ctrl-C ends it`,
    );
    tellServiceManager("READY=1");
    await aborted(stop.signal);
    tellServiceManager("STOPPING=1");
    listener.close();
    if (service.testing > 0 && flags.drain > 0) {
      log.note(`no new sessions; those that run have ${flags.drain / 1e9} s to end, Ctrl-C ends them at once`);
    }
    await service.drain(flags.drain / 1e6);
    access.close();
    log.note(`${plural(service.taken, "connection")}, ${plural(pool.opened, "session")}`);
  } finally {
    listener?.close();
    await pool.close();
    await log.close();
    undo();
  }
  return Exit.DONE;
}

/** What can be had of what was asked for, and a note where that is less. Sessions on one port share a file. */
function budgetOf(flags: ServerFlags, isShared: boolean): { budget: Budget; note: string[] } {
  const wanted = { connections: flags.maxConnections, silent: SILENT, sessions: flags.maxSessions };
  const files = descriptors() - BACKLOG - SPARE;
  const budget = withinFiles({ ...wanted, sessions: isShared ? 1 : wanted.sessions }, files);
  const needed = wanted.connections + 2 * SILENT + (isShared ? 1 : wanted.sessions) + BACKLOG + 2 * SPARE;
  if (budget === undefined) {
    throw new OptionError(`too few files may be open here for a server: raise the limit (ulimit -n ${needed})`);
  }
  const got = isShared ? { ...budget, sessions: wanted.sessions } : budget;
  const { connections, sessions } = got;
  if (connections === wanted.connections && sessions === wanted.sessions) return { budget: got, note: [] };
  return {
    budget: got,
    note: [
      `so few files may be open here that there can be ${connections} of ${wanted.connections} connections and ` +
      `${sessions} of ${wanted.sessions} sessions: raise the limit (ulimit -n ${needed})`,
    ],
  };
}

/** What no session could have is said now, and not to each client. */
async function tryOut(transport: Transport, options: SocketOptions, hostname: string): Promise<void> {
  (await transport.openDatagram({ ...options, hostname, port: 0 })).close();
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve());
  });
}

/** All that there is, or what is left of it by `--modes`: keyed ones need keys, and DSCP monitoring the IP header. */
function offeredModes({ modes: text }: ServerFlags, secrets: Secrets, ipHeader: boolean): number {
  const wanted = parseModes(text ?? Object.keys(SECURITY).join(","));
  const canBe = (mode: number) => !isKeyed(mode) || secrets.size > 0;
  const named = text?.split(",").map((name) => name.trim().toLowerCase()) ?? [];
  for (const [name, mode] of Object.entries(SECURITY)) {
    if (named.includes(name) && !canBe(mode)) {
      throw new OptionError(`--modes '${text}': ${name} needs keys: add --key-file FILE`);
    }
  }
  if (named.includes("monitor") && !ipHeader) {
    throw new OptionError(
      `--modes '${text}': this transport cannot read the DSCP of arriving packets: leave monitor out`,
    );
  }
  const security = Object.values(SECURITY).filter((mode) => (wanted & mode) !== 0 && canBe(mode));
  if (security.length === 0) {
    throw new OptionError(`--modes '${text}' leaves no mode without keys: add --key-file FILE`);
  }
  const extensions = wanted & ~(Mode.OPEN | Mode.AUTHENTICATED | Mode.ENCRYPTED | Mode.MIXED);
  return security.reduce<number>((all, mode) => all | mode, 0) | (ipHeader ? extensions : extensions & ~Mode.MONITOR);
}

/** A host without IPv6 still has all its IPv4 addresses. */
async function listen(
  local: Target,
  flags: ServerFlags,
  budget: Budget,
  dualStack: boolean,
  accept: Parameters<typeof listenStreams>[1],
): Promise<StreamListener> {
  const options = {
    host: local.host,
    port: flags.controlPort,
    dualStack,
    backlog: BACKLOG,
    most: budget.connections + 2 * budget.silent,
    keepDscp: true,
  };
  try {
    return await listenStreams(options, accept);
  } catch (error) {
    const noIpv6 = error instanceof TransportError && (error.code === "unsupported" || error.code === "not-local");
    if (!dualStack || flags.family !== undefined || !noIpv6) throw error;
    return await listenStreams({ ...options, host: wildcard(4), dualStack: false }, accept);
  }
}
