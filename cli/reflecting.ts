/**
 * What one thread of a responder does: a socket, a session, what came of it. The plan is plain data, so that a worker
 * can be given it.
 *
 * @module
 */
import { driveReflector } from "../core/drive.ts";
import { TransportError } from "../core/errors.ts";
import { createAccess, type Prefix } from "../core/session/access.ts";
import type { RateLimit } from "../core/session/rate_limit.ts";
import { createReflector, type ReflectorCounters } from "../core/session/reflector.ts";
import type { AbortSignalLike, DatagramSocket, SocketOptions, Transport } from "../core/transport.ts";
import { ERROR_SYNCHRONIZED } from "../core/wire/error_estimate.ts";
import { describeSteps } from "./clock_steps.ts";
import { registry } from "./plugins/registry.ts";
import { wildcard } from "./resolve.ts";
import { stampKeys, type StampSecrets } from "./stamp_keys.ts";
import { describeHost, type TlvPlan } from "./tlv_host.ts";

/** Datagrams from before the start are not waited for longer than this, however many keep coming. */
const DISCARD_NS = 20e6;

/** How to reflect. */
export interface Plan {
  /** By name: a worker opens its own. */
  readonly transport: string;
  readonly socket: SocketOptions;
  /** The address stands for all of this host's: IPv4 alone will do where there is no IPv6. */
  readonly anyFamily: boolean;
  readonly mode: "stateless" | "stateful";
  readonly protocol: "auto" | "twamp" | "stamp";
  /** Whether STAMP packets are sealed with the keys, or their TLVs alone. */
  readonly security: "open" | "authenticated";
  readonly keys: StampSecrets | undefined;
  readonly strictSize: boolean;
  readonly wait: number;
  /** Sessions that a thread remembers. */
  readonly sessions: number;
  readonly allow: readonly Prefix[];
  readonly deny: readonly Prefix[];
  readonly rateLimit: RateLimit | undefined;
  /** Of the rate limit, with workers. */
  readonly tokens: Float64Array | undefined;
  readonly hashSeed: number;
  readonly tlv: TlvPlan;
  /** Files of plugins: a worker loads them again. */
  readonly plugins: readonly string[];
  /** Every packet goes to the log. */
  readonly debug: boolean;
}

/** What a thread has done. */
export interface Tally {
  readonly counters: ReflectorCounters;
  /** Probes answered whose TLVs were not, because their HMAC did not verify. */
  readonly tlvsForged: number;
  /** Of those reflected, with TLVs that could not be. */
  readonly malformedTlvs: number;
  /** Null when stateless. */
  readonly sessions: { readonly active: number; readonly evicted: number } | null;
  readonly overflows: number;
  readonly sendErrors: number;
  readonly lastSendError: string | undefined;
  /** What the kernel dropped for want of room; null where nobody tells. */
  readonly lostInHost: number | null;
  /** How the wall clock was set, in words. */
  readonly clockSteps: string | undefined;
}

/** A socket that answers. */
export interface Reflecting {
  readonly socket: DatagramSocket;
  /** Throws away what has come so far. */
  discard(): Promise<void>;
  run(signal: AbortSignalLike): Promise<void>;
  tally(): Tally;
}

/** Binds the socket; `transport` is the plan's, or one around it. */
export async function openReflecting(plan: Plan, transport: Transport): Promise<Reflecting> {
  const { allow, deny, rateLimit: rate, tokens, sessions, hashSeed } = plan;
  const keys = plan.keys && stampKeys(plan.keys);
  const socket = await openAnywhere(transport, plan.socket, plan.anyFamily);
  const clock = transport.clock();
  const session = createReflector({
    mode: plan.mode,
    protocol: plan.protocol,
    authenticated: plan.security === "open" ? undefined : keys,
    tlvKeys: keys,
    strictSize: plan.strictSize,
    sessions,
    wait: plan.wait,
    hashSeed,
    access: createAccess({ allow, deny, rate, seed: hashSeed, sources: sessions, tokens }),
    tlvs: registry.tlvAnswers,
    host: describeHost(socket, plan.socket.interface !== undefined, plan, plan.tlv),
    synchronized: (clock.errorEstimate & ERROR_SYNCHRONIZED) !== 0,
  });
  return {
    socket,
    async discard() {
      const batch = socket.createBatch();
      const until = clock.mono() + DISCARD_NS;
      while (await socket.receive(batch, 0) > 0 && clock.mono() < until);
    },
    run: (signal) => driveReflector(session, socket, clock, signal),
    tally: () => ({
      counters: session.counters,
      tlvsForged: session.tlvCounters.forged,
      malformedTlvs: session.tlvCounters.malformed,
      sessions: session.sessions(clock.mono()),
      overflows: socket.overflows,
      sendErrors: socket.sendErrors,
      lastSendError: socket.lastSendError,
      lostInHost: socket.lostInHost,
      clockSteps: describeSteps(clock),
    }),
  };
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

/** All threads as one. */
export function addUp(tallies: readonly Tally[]): Tally {
  const [first, ...others] = tallies;
  return others.reduce((sum, one) => ({
    counters: addCounters(sum.counters, one.counters),
    tlvsForged: sum.tlvsForged + one.tlvsForged,
    malformedTlvs: sum.malformedTlvs + one.malformedTlvs,
    sessions: sum.sessions && one.sessions && {
      active: sum.sessions.active + one.sessions.active,
      evicted: sum.sessions.evicted + one.sessions.evicted,
    },
    overflows: sum.overflows + one.overflows,
    sendErrors: sum.sendErrors + one.sendErrors,
    lastSendError: sum.lastSendError ?? one.lastSendError,
    lostInHost: sum.lostInHost === null || one.lostInHost === null ? null : sum.lostInHost + one.lostInHost,
    // Every thread saw the same clock being set.
    clockSteps: sum.clockSteps ?? one.clockSteps,
  }), first);
}

function addCounters(a: ReflectorCounters, b: ReflectorCounters): ReflectorCounters {
  const sum = { ...a };
  for (const name of Object.keys(sum) as (keyof ReflectorCounters)[]) sum[name] += b[name];
  return sum;
}

/** What became of the datagrams, by reason; reasons that did not occur are left out. */
export function describe(tally: Tally): string {
  const c = tally.counters;
  const reasons: [number, string][] = [
    [c.tooShort, "too short"],
    [c.truncated, "too long"],
    [c.wouldGrow, "smaller than their reply (--strict-size)"],
    [c.looped, "replies of another reflector"],
    [c.badMac, "without a right MAC"],
    [c.noKey, "of sessions without a key"],
    [c.denied, "not allowed"],
    [c.rateLimited, "over the rate limit"],
    [c.unwanted, "without a reply as their TLVs ask"],
    [tally.overflows, "dropped unread"],
    [tally.lostInHost ?? 0, "dropped by the kernel for want of room"],
    [tally.sendErrors, `replies not sent (${tally.lastSendError})`],
  ];
  const dropped = reasons.filter(([count]) => count > 0).map(([count, why]) => `, ${count} ${why}`).join("");
  const more = c.repeated > 0 ? `, ${c.repeated} more replies asked for` : "";
  const malformed = tally.malformedTlvs > 0 ? `, ${tally.malformedTlvs} with malformed TLVs` : "";
  const table = tally.sessions === null
    ? ""
    : `; sessions: ${tally.sessions.active} remembered, ${tally.sessions.evicted} forgotten early`;
  const forged = tally.tlvsForged > 0 ? `, ${tally.tlvsForged} with TLVs that do not verify` : "";
  const odd = `${malformed}${forged}`;
  return `${c.received} received, ${c.reflected} reflected (${c.stamp} as STAMP${odd})${more}${dropped}${table}`;
}
