/** A run made by arithmetic: a path with a queue, losses in bursts, copies, overtaking, and a far clock that drifts. */
import type { Output, OutputPlugin, RunInfo } from "../../core/plugin.ts";
import { createRecord, ProbeFlag, type ProbeRecord } from "../../core/record.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { createStats } from "../../core/stats/stats.ts";
import { filled, runWith } from "../outputs/fixture.ts";

const START = 1_795_183_810;
const INTERVAL = 10e6;

/** The same numbers every time: a linear congruence (Numerical Recipes), from 0 to 1. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
}

export interface MadeRun {
  readonly run: RunInfo;
  readonly summary: Snapshot;
  /** Calls back for each record, in order; the record is used again. */
  replay(each: (probe: ProbeRecord) => void): void;
}

/** `count` probes, 10 ms apart. */
export function madeRun(count: number, calm = false): MadeRun {
  const run = runWith({
    local: "198.51.100.7:20000",
    remote: "192.0.2.1:862",
    count,
    intervalNs: INTERVAL,
    protocol: "stamp",
    profile: "fixed:padding=0",
  }, { startedAt: new Date(START * 1000).toISOString() });
  const replay = (each: (probe: ProbeRecord) => void) => {
    const random = randomFrom(7);
    const record = createRecord();
    for (let seq = 0; seq < count; seq++) {
      const place = seq / count;
      const busy = Math.max(0, Math.sin(place * 9) - 0.3) ** 2 * (calm ? 0 : 1);
      const tail = -Math.log(1 - random());
      const spike = random() < 0.002 ? 40e6 * random() : 0;
      const forward = 4.1e6 + 0.12e6 * tail + busy * 6e6 * (0.6 + random()) + spike;
      const backward = 3.9e6 - Math.log(1 - random()) * 0.1e6 + (place > 0.62 ? 0.9e6 : 0);
      const isLost = !calm && (place > 0.41 && place < 0.43 ? random() < 0.5 : busy > 0.3 && random() < 0.02);
      const offset = 1.25e6 + 12e-6 * seq * INTERVAL;
      const t1 = seq * INTERVAL + 1000;
      Object.assign(record, {
        seq,
        flags: isLost ? ProbeFlag.LOST : ProbeFlag.RECEIVED | ProbeFlag.T1_KERNEL | ProbeFlag.T4_KERNEL,
        reflectorSeq: isLost ? NaN : seq,
        size: 44,
        replySize: isLost ? NaN : 44,
        ttlForward: isLost ? NaN : 58,
        forward: isLost ? NaN : forward + offset,
        backward: isLost ? NaN : backward - offset,
        rtt: isLost ? NaN : forward + backward,
        residence: isLost ? NaN : 21e3,
      });
      const times = isLost
        ? [t1]
        : [t1, t1 + forward + offset, t1 + forward + offset + 21e3, t1 + forward + backward + 21e3];
      record.stamps.fill(0);
      times.forEach((ns, i) => {
        record.stamps[2 * i] = START + Math.floor(ns / 1e9);
        record.stamps[2 * i + 1] = Math.floor(ns % 1e9);
      });
      if (!isLost && !calm && random() < 0.001) record.flags |= ProbeFlag.REORDERED;
      each(record);
      if (isLost || calm || random() > 0.0004) continue;
      record.flags = (record.flags & ~(ProbeFlag.RECEIVED | ProbeFlag.REORDERED)) | ProbeFlag.DUPLICATE;
      each(record);
    }
  };
  const stats = createStats({ stamps: { t1: "kernel", t4: "kernel" } });
  replay((probe) => stats.record(probe));
  const summary = stats.snapshot({
    counters: {
      sent: count,
      malformed: 0,
      unexpected: 0,
      forged: 0,
      reflectedVerified: 0,
      reflectedAltered: 0,
      unfinished: 0,
      latestDeparture: 0,
      t3Corrected: 0,
      t3Refused: 0,
      longestHeld: 0,
    },
    peer: { errorEstimateNs: 15e3, synchronized: true, timestampFormat: "ptp", findings: [] },
    durationNs: count * INTERVAL,
    sendErrors: 0,
    lostInHost: 0,
    synchronized: true,
    notes: [],
  });
  return { run, summary, replay };
}

/** What an output writes of runs, each a session. */
export async function written(
  plugin: OutputPlugin,
  options: Record<string, string | number | boolean>,
  ...runs: MadeRun[]
) {
  let text = "";
  const sink = { write: (chunk: string) => void (text += chunk), close: () => Promise.resolve() };
  const all = filled(plugin, options);
  const group = runs.length > 1 && plugin.createGroup
    ? plugin.createGroup(all, sink)
    : { session: () => plugin.create(all, sink) };
  const outputs: Output[] = runs.map((_, i) => group.session(i + 1));
  for (const [i, { run, replay }] of runs.entries()) {
    const number = runs.length > 1 ? { index: i + 1, of: runs.length } : undefined;
    outputs[i].begin?.({ ...run, session: { ...run.session, number } });
    replay((probe) => outputs[i].probe?.(probe));
  }
  for (const [i, { summary }] of runs.entries()) await outputs[i].end(summary);
  await (group as { end?(): void | Promise<void> }).end?.();
  return text;
}
