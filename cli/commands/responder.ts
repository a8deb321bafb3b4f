/**
 * `responder`: TWAMP Light and STAMP Session-Reflector, until interrupted.
 *
 * @module
 */
import { formatEndpoint } from "../../core/address.ts";
import { OptionError } from "../../core/errors.ts";
import { createRandom } from "../../core/random.ts";
import type { Prefix } from "../../core/session/access.ts";
import { createSharedSources, type RateLimit } from "../../core/session/rate_limit.ts";
import type { DatagramSocket, SocketOptions, StampSource, Transport } from "../../core/transport.ts";
import { createImpairedTransport, type Impairments } from "../../plugins/transport/impair.ts";
import { createTraceTransport } from "../../plugins/transport/trace.ts";
import { Exit } from "../exit.ts";
import { type Log, openLog } from "../log.ts";
import { describeJumps } from "../clock_steps.ts";
import { addUp, describe, openReflecting, type Plan } from "../reflecting.ts";
import type { TlvPlan } from "../tlv_host.ts";
import { resolveEndpoint, wildcard } from "../resolve.ts";
import { tellServiceManager } from "../service_manager.ts";
import { onInterrupt } from "../signals.ts";
import { withStampInterface } from "../stamp_interface.ts";
import { checkKeyFlags, readStampSecrets } from "../stamp_keys.ts";
import { chooseTransport, degraded, underneath, withDefaults } from "../transports.ts";
import { warmUp } from "../warm_up.ts";
import { Workers } from "../workers.ts";

/** Options as the command line gives them, checked. */
export interface ResponderFlags {
  readonly family: 4 | 6 | undefined;
  readonly protocol: "auto" | "twamp" | "stamp";
  readonly mode: "open" | "authenticated";
  readonly keyFile: string | undefined;
  readonly keyId: string | undefined;
  readonly stateless: boolean;
  readonly strictSize: boolean;
  readonly timer: number;
  readonly tos: number | undefined;
  readonly ttl: number | undefined;
  readonly doNotFragment: boolean;
  readonly allow: readonly Prefix[];
  readonly deny: readonly Prefix[];
  readonly rateLimit: RateLimit | undefined;
  readonly maxSessions: number;
  readonly tlv: TlvPlan;
  /** Threads that answer. */
  readonly workers: number;
  /** Undefined without `--test-mode`. */
  readonly impairments: Impairments | undefined;
  readonly seed: Uint8Array;
  readonly transport: string;
  readonly plugins: readonly string[];
  readonly stamps: StampSource | undefined;
  readonly interface: string | undefined;
  readonly logfile: string | undefined;
  readonly level: Log["level"];
}

const DEFAULTS = { tos: 0x88, ttl: 64, port: 20_001 } as const;
/** Whatever UDP carries is answered. Slots cost memory only as far as datagrams fill them. */
const MAX_DATAGRAM = 65_536;

/** Runs `responder`; resolves to the exit status. */
export async function runResponder(localText: string, flags: ResponderFlags): Promise<number> {
  const log = openLog(flags.level, flags.logfile);
  checkKeyFlags(flags, flags.protocol);
  const keys = flags.keyFile === undefined ? undefined : readStampSecrets(flags.keyFile, flags.keyId);
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
    // For Class of Service TLVs (RFC 8972 section 4.4); it costs some 4 % of a core's rate.
    readTos: flags.protocol !== "twamp",
    // For Follow-Up Telemetry (RFC 8972 section 4.7), which only a stateful reflector can tell.
    txStamps: flags.protocol !== "twamp" && !flags.stateless && flags.stamps !== "user" ? "marked" : false,
    sharePort: flags.workers > 1 ? "first" : undefined,
  };
  const chosen = chooseTransport(flags.transport, explicit);
  const asked = await withStampInterface(explicit, local, undefined);
  const { options, notes } = withDefaults(asked, DEFAULTS, chosen);
  const random = createRandom(flags.seed, "impair");
  // Traced inside the impairments: what is held back is told when it leaves.
  const traced = flags.level === "debug" ? createTraceTransport(chosen, (line) => log.debug(line)) : chosen;
  const impaired = flags.impairments && createImpairedTransport(traced, flags.impairments, random);
  const transport: Transport = impaired ?? traced;
  // A worker makes one of `--plugin` again, options and all.
  const byName = underneath(chosen) === chosen ? chosen.name : flags.transport;
  const plan = { ...planFor(flags, byName, options, wildcard6 && flags.family === undefined), keys };
  // Before the socket is there: what came meanwhile would be stamped late.
  await warmUp(chosen, options, flags.mode);
  const reflecting = await openReflecting(plan, transport);
  const { socket } = reflecting;
  const workers = new Workers(plansOfOthers(plan, socket.address, flags.workers), (line) => log.debug(line));
  const stop = new AbortController();
  let undo = () => {};
  try {
    await workers.bound();
    if (flags.workers > 1) await reflecting.discard();
    await workers.run();
    workers.onDeath = () => stop.abort();
    if (workers.failure !== undefined) stop.abort();
    undo = onInterrupt(() => stop.abort());
    for (const note of [...degraded(flags.transport, chosen), ...notes]) log.note(`note: ${note}`);
    log.note(ready(socket, transport, flags));
    tellServiceManager("READY=1");
    await reflecting.run(stop.signal);
    tellServiceManager("STOPPING=1");
    const tallies = [reflecting.tally(), ...await workers.stop()];
    if (tallies.length > 1) {
      tallies.forEach((tally, at) => {
        log.info(`worker ${at + 1} of ${tallies.length}: ${tally === undefined ? "not known" : describe(tally)}`);
      });
    }
    const sum = addUp(tallies.filter((tally) => tally !== undefined));
    log.note(describe(sum));
    if (sum.clockSteps !== undefined) log.note(`${sum.clockSteps}: stamps jumped with it`);
    const jumped = describeJumps(socket);
    if (jumped !== undefined) log.note(jumped);
    if (impaired !== undefined) {
      const { dropped, duplicated, delayed, reordered } = impaired.counters;
      log.note(`test mode: ${dropped} dropped, ${duplicated} duplicated, ${delayed} delayed, ${reordered} reordered`);
    }
    if (workers.failure !== undefined) throw workers.failure;
  } finally {
    await workers.end();
    socket.close();
    await log.close();
    undo();
  }
  return Exit.DONE;
}

function planFor(
  flags: ResponderFlags,
  transport: string,
  socket: SocketOptions,
  anyFamily: boolean,
): Omit<Plan, "keys"> {
  const { stateless, protocol, strictSize, timer, maxSessions: sessions, allow, deny, rateLimit, tlv, workers, level } =
    flags;
  return {
    transport,
    socket,
    anyFamily,
    mode: stateless ? "stateless" : "stateful",
    protocol,
    security: flags.mode,
    strictSize,
    wait: timer === 0 ? Infinity : timer,
    sessions,
    allow,
    deny,
    rateLimit,
    tokens: rateLimit !== undefined && workers > 1 ? createSharedSources(sessions) : undefined,
    hashSeed: createRandom(crypto.getRandomValues(new Uint8Array(16)), "hash").next32(),
    tlv,
    plugins: flags.plugins,
    debug: level === "debug",
  };
}

/**
 * The main thread answers as well: it has nothing else to do, and it alone sleeps without looking up while nothing
 * comes. The others go where its socket is, which may have chosen the port.
 */
function plansOfOthers(plan: Plan, { hostname, port }: DatagramSocket["address"], workers: number): Plan[] {
  const socket: SocketOptions = { ...plan.socket, hostname, port, sharePort: "another" };
  return Array.from({ length: workers - 1 }, () => ({ ...plan, socket, anyFamily: false }));
}

function ready(socket: DatagramSocket, transport: Transport, flags: ResponderFlags): string {
  const { hostname, port } = socket.address;
  const threads = flags.workers > 1 ? `, ${flags.workers} workers` : "";
  const kind = flags.stateless ? "stateless" : "stateful";
  const card = socket.card === undefined ? "" : ` of ${socket.card.interface} by ${socket.card.phc}`;
  const stamps = `T2 ${socket.capabilities.rxStamp}${card}, T3 user`;
  const packets = flags.mode === "open" ? flags.protocol : "authenticated STAMP";
  const mode = `${kind}, ${packets}, ${transport.name} transport, ${stamps}${threads}`;
  return `responder on ${formatEndpoint(hostname, port)} (${mode}); Ctrl-C ends it`;
}

/** Faults by a seed repeat only if one thread meets all probes: which worker gets a flow is the system's secret. */
export function checkWorkers(workers: number, testMode: boolean): void {
  if (workers > 1 && testMode) {
    throw new OptionError(
      `--workers ${workers} does not go with --test-mode, whose faults could not be repeated: leave one out`,
    );
  }
}

/** Refuses impairments without `--test-mode`: a rate that does nothing would be a false result. */
export function checkImpairments(testMode: boolean, given: readonly string[]): void {
  if (!testMode && given.length > 0) throw new OptionError(`${given[0]} does nothing without --test-mode: add it`);
}

/** Refuses an amplification that nothing would use. */
export function checkControl(allowControl: boolean, maxAmplification: number | undefined): void {
  if (!allowControl && maxAmplification !== undefined) {
    throw new OptionError(`--max-amplification ${maxAmplification} does nothing without --allow-control: add it`);
  }
}
