/**
 * Several sessions measured at once.
 *
 * @module
 */
import type { Schedule } from "../../core/plugin.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { Nanos } from "../../core/time/clock.ts";
import type { ControllerFlags } from "./controller_flags.ts";
import { measure, type Measurement } from "../measure.ts";
import type { OutputSet } from "../outputs.ts";
import { plural } from "../plural.ts";
import { type Progress, showProgress } from "../progress.ts";
import { createSchedule } from "../traffic.ts";
import type { ClientLink } from "./client_link.ts";
import type { House, Ready } from "./open_session.ts";

/** Measures with all sessions at once; what the control connection comes to meanwhile is a note of each. */
export async function measureAll(
  sessions: readonly Ready[],
  house: House,
  flags: ControllerFlags,
  count: number,
  outputs: OutputSet,
  link: ClientLink,
  signal: AbortSignal,
): Promise<Snapshot[]> {
  const progress: (() => Progress)[] = [];
  // One that fails takes the others along: nobody waits for what nobody will read.
  const stop = new AbortController();
  const leave = () => stop.abort();
  signal.addEventListener("abort", leave);
  if (signal.aborted) leave();
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
      notes: () => [
        ...house.notes,
        ...notes,
        ...(link.failure === undefined ? [] : [`${link.failure.message}: measured on`]),
      ],
      onProgress: (now) => progress[index] = now,
    };
    return measure(what, outputs.session(session.index + 1), stop.signal);
  });
  const { interval: intervalNs, packetTimeout: timeoutNs } = flags;
  const hide = shows && sessions.length > 1
    ? showProgress(...sessions.map((_, i) => ({ count, intervalNs, timeoutNs, now: () => progress[i]() })))
    : () => {};
  try {
    return await Promise.all(runs.map((run) =>
      run.catch((error) => {
        leave();
        throw error;
      })
    ));
  } finally {
    await Promise.allSettled(runs);
    signal.removeEventListener("abort", leave);
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
export function gathered(summaries: readonly Snapshot[]): string[] {
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
