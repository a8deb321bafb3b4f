/** What tests need to ask a session's statistics. */
import { createReflector, type ReflectorOptions } from "../../core/session/reflector.ts";
import type { SenderSession } from "../../core/session/sender.ts";
import type { SenderCounters, Snapshot } from "../../core/snapshot.ts";
import type { Stats } from "../../core/stats/stats.ts";

/** A snapshot of a finished session. */
export function finish(session: SenderSession, stats: Stats): Snapshot {
  return stats.snapshot({
    counters: session.counters,
    peer: session.peerReport(),
    durationNs: 0,
    sendErrors: 0,
    lostInHost: 0,
    notes: [],
  });
}

/** Counters of a sender in which nothing has happened, but for `changes`. */
export function counters(changes: Partial<SenderCounters> = {}): SenderCounters {
  return {
    sent: 0,
    malformed: 0,
    unexpected: 0,
    forged: 0,
    reflectedVerified: 0,
    reflectedAltered: 0,
    unfinished: 0,
    latestDeparture: 0,
    longestHeld: 0,
    t3Corrected: 0,
    t3Refused: 0,
    ...changes,
  };
}

/** A reflector with the usual options. */
export function reflector(options: Partial<ReflectorOptions> = {}) {
  return createReflector({
    mode: "stateful",
    protocol: "auto",
    strictSize: false,
    sessions: 64,
    wait: 900e9,
    hashSeed: 1,
    ...options,
  });
}
