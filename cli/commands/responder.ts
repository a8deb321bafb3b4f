/**
 * `responder`: TWAMP Light and STAMP Session-Reflector, until interrupted.
 *
 * @module
 */
import { formatEndpoint } from "../../core/address.ts";
import { driveReflector } from "../../core/drive.ts";
import { OptionError, TransportError } from "../../core/errors.ts";
import { createRandom } from "../../core/random.ts";
import { createAccess, type Prefix } from "../../core/session/access.ts";
import { createReflector, type ReflectorSession } from "../../core/session/reflector.ts";
import type { DatagramSocket, SocketOptions, StampSource, Transport } from "../../core/transport.ts";
import { createImpairedTransport, type Impairments } from "../../plugins/transport/impair.ts";
import { createTraceTransport } from "../../plugins/transport/trace.ts";
import { Exit } from "../exit.ts";
import { type Log, openLog } from "../log.ts";
import { describeSteps } from "../measure.ts";
import { resolveEndpoint, wildcard } from "../resolve.ts";
import { onInterrupt } from "../signals.ts";
import { chooseTransport, degraded, withDefaults } from "../transports.ts";
import { warmUp } from "../warm_up.ts";

/** Options as the command line gives them, checked. */
export interface ResponderFlags {
  readonly family: 4 | 6 | undefined;
  readonly protocol: "auto" | "twamp" | "stamp";
  readonly stateless: boolean;
  readonly strictSize: boolean;
  readonly timer: number;
  readonly tos: number | undefined;
  readonly ttl: number | undefined;
  readonly doNotFragment: boolean;
  readonly allow: readonly Prefix[];
  readonly deny: readonly Prefix[];
  readonly rateLimit: number | undefined;
  /** Undefined without `--test-mode`. */
  readonly impairments: Impairments | undefined;
  readonly seed: Uint8Array;
  readonly transport: string;
  readonly stamps: StampSource | undefined;
  readonly interface: string | undefined;
  readonly logfile: string | undefined;
  readonly level: Log["level"];
}

const DEFAULTS = { tos: 0x88, ttl: 64, port: 20_001 } as const;
/** Whatever UDP carries is answered. Slots cost memory only as far as datagrams fill them. */
const MAX_DATAGRAM = 65_536;
/** Sessions remembered; 44 octets each. */
const SESSIONS = 8192;

/** Runs `responder`; resolves to the exit status. */
export async function runResponder(localText: string, flags: ResponderFlags): Promise<number> {
  const log = openLog(flags.level, flags.logfile);
  const local = await resolveEndpoint(
    "local",
    localText,
    { host: wildcard(flags.family ?? 6), port: DEFAULTS.port },
    flags.family,
  );
  // The sockets of the runtimes have no word for IPv6 alone: with -6 as well, they take IPv4 on a wildcard address.
  const wildcard6 = local.host === "::";
  const dualStack = wildcard6 && flags.family !== 6;
  const explicit: SocketOptions = {
    hostname: local.host,
    port: local.port,
    dualStack,
    stride: MAX_DATAGRAM,
    tos: flags.tos,
    ttl: flags.ttl,
    dontFragment: flags.doNotFragment ? true : undefined,
    stamps: flags.stamps,
    interface: flags.interface,
  };
  const chosen = chooseTransport(flags.transport, explicit);
  const { options, notes } = withDefaults(explicit, DEFAULTS, chosen);
  const random = createRandom(flags.seed, "impair");
  // Traced inside the impairments: what is held back is told when it leaves.
  const traced = flags.level === "debug" ? createTraceTransport(chosen, (line) => log.debug(line)) : chosen;
  const impaired = flags.impairments && createImpairedTransport(traced, flags.impairments, random);
  const transport: Transport = impaired ?? traced;
  const hashSeed = createRandom(crypto.getRandomValues(new Uint8Array(16)), "hash").next32();
  const admit = createAccess({ allow: flags.allow, deny: flags.deny, rate: flags.rateLimit, seed: hashSeed });
  const session = createReflector({
    mode: flags.stateless ? "stateless" : "stateful",
    protocol: flags.protocol,
    strictSize: flags.strictSize,
    sessions: SESSIONS,
    wait: flags.timer === 0 ? Infinity : flags.timer,
    hashSeed,
    admit,
  });
  const socket = await openAnywhere(transport, options, wildcard6 && flags.family === undefined);
  await warmUp(chosen, options);
  const stop = new AbortController();
  const undo = onInterrupt(() => stop.abort());
  for (const note of [...degraded(flags.transport, chosen), ...notes]) log.note(`note: ${note}`);
  log.note(ready(socket, transport, flags));
  try {
    await driveReflector(session, socket, transport.clock(), stop.signal);
    for (const line of report(session, socket, transport.clock().mono())) log.note(line);
    const stepped = describeSteps(transport.clock());
    if (stepped !== undefined) log.note(`${stepped}: stamps jumped with it`);
    if (impaired !== undefined) {
      const { dropped, duplicated, delayed, reordered } = impaired.counters;
      log.note(`test mode: ${dropped} dropped, ${duplicated} duplicated, ${delayed} delayed, ${reordered} reordered`);
    }
  } finally {
    socket.close();
    await log.close();
    undo();
  }
  return Exit.DONE;
}

/** A host without IPv6 still has all its IPv4 addresses. */
async function openAnywhere(transport: Transport, options: SocketOptions, fallBack: boolean): Promise<DatagramSocket> {
  try {
    return await transport.openDatagram(options);
  } catch (error) {
    const noIpv6 = error instanceof TransportError && (error.code === "unsupported" || error.code === "not-local");
    if (!fallBack || !noIpv6) throw error;
    return await transport.openDatagram({ ...options, hostname: wildcard(4) });
  }
}

function ready(socket: DatagramSocket, transport: Transport, flags: ResponderFlags): string {
  const { hostname, port } = socket.address;
  const stamps = `stamps: ${socket.capabilities.rxStamp} in, user out`;
  const mode = `${
    flags.stateless ? "stateless" : "stateful"
  }, ${flags.protocol}, ${transport.name} transport, ${stamps}`;
  return `responder on ${formatEndpoint(hostname, port)} (${mode}); Ctrl-C ends it`;
}

/** What became of the datagrams, by reason; reasons that did not occur are left out. */
function report(session: ReflectorSession, socket: DatagramSocket, now: number): string[] {
  const c = session.counters;
  const reasons: [number, string][] = [
    [c.tooShort, "too short"],
    [c.truncated, "too long"],
    [c.wouldGrow, "smaller than their reply (--strict-size)"],
    [c.looped, "replies of another reflector"],
    [c.denied, "not allowed"],
    [c.rateLimited, "over the rate limit"],
    [socket.overflows, "dropped unread"],
    [socket.lostInHost ?? 0, "dropped by the kernel for want of room"],
    [socket.sendErrors, `replies not sent (${socket.lastSendError})`],
  ];
  const dropped = reasons.filter(([count]) => count > 0).map(([count, why]) => `, ${count} ${why}`).join("");
  const sessions = session.sessions(now);
  const table = sessions === null
    ? ""
    : `; sessions: ${sessions.active} remembered, ${sessions.evicted} forgotten early`;
  return [`${c.received} received, ${c.reflected} reflected (${c.stamp} as STAMP)${dropped}${table}`];
}

/** Refuses impairments without `--test-mode`: a rate that does nothing would be a false result. */
export function checkImpairments(testMode: boolean, given: readonly string[]): void {
  if (!testMode && given.length > 0) throw new OptionError(`${given[0]} does nothing without --test-mode: add it`);
}
