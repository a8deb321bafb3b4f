/**
 * What the captures at both ends say about each probe, and how far what the program reported is from it.
 *
 * @module
 */
import { readFileSync } from "node:fs";

/** What one end saw: when probe and reply with this number passed, in nanoseconds since the epoch. */
export interface Sight {
  readonly probes: ReadonlyMap<number, bigint>;
  readonly replies: ReadonlyMap<number, bigint>;
}

/** What bench/wire/capture.c wrote. A capture with holes is no truth. */
export function readSight(path: string): Sight {
  const probes = new Map<number, bigint>();
  const replies = new Map<number, bigint>();
  for (const line of readFileSync(path, "utf8").trim().split("\n")) {
    const [what, seq, value] = line.split(" ");
    if (what === "lost" && value !== "0") throw new Error(`the capture has lost ${value} frames`);
    if (what === "lost") continue;
    const seen = what === "p" ? probes : replies;
    if (!seen.has(Number(seq))) seen.set(Number(seq), BigInt(value));
  }
  return { probes, replies };
}

/** A line of `--output ndjson`, as far as it is read. */
interface Line {
  readonly type: string;
  readonly seq: number;
  readonly status: string;
  readonly rttNs: number | null;
  readonly t1: string | null;
  readonly t2: string | null;
  readonly t3: string | null;
  readonly t4: string | null;
  readonly stamps: Readonly<Record<"t1" | "t2" | "t3" | "t4", string | null>>;
}

/** Nanoseconds, a number a probe. */
export interface Comparison {
  /** Reported less true. */
  readonly errors: number[];
  /** The true round trip, without the time in the reflector; and that time. */
  readonly trips: number[];
  readonly residences: number[];
  /** Each of T1 to T4 less when the datagram was captured: an early T1 and a late T4 make a round trip longer. */
  readonly stamps: readonly [number[], number[], number[], number[]];
  /** Where T1 and T4 are from, as the summary has it. */
  source: string;
  /** Where T3 is from, the same: null if the far end does not tell. */
  t3: string | null;
  /** Replies at the sender's end for which there is no line, or a line without what it needs. */
  missing: number;
}

export function newComparison(): Comparison {
  return { errors: [], trips: [], residences: [], stamps: [[], [], [], []], source: "", t3: null, missing: 0 };
}

/** Adds a run's probes to `to`. */
export function compare(to: Comparison, near: Sight, far: Sight, ndjson: string): void {
  const lines = new Map<number, Line>();
  for (const text of ndjson.trim().split("\n")) {
    const line: Line = JSON.parse(text);
    if (line.type === "summary") {
      to.source = `${line.stamps.t1}/${line.stamps.t4}`;
      to.t3 = line.stamps.t3;
    }
    if (line.type === "probe" && line.status === "ok") lines.set(line.seq, line);
  }
  for (const [seq, arrived] of near.replies) {
    const line = lines.get(seq);
    const times = [near.probes.get(seq), far.probes.get(seq), far.replies.get(seq), arrived];
    if (line?.rttNs == null || times.includes(undefined)) {
      to.missing++;
      continue;
    }
    const [left, there, away, back] = times as bigint[];
    const residence = Number(away - there);
    const trip = Number(back - left) - residence;
    to.errors.push(line.rttNs - trip);
    to.trips.push(trip);
    to.residences.push(residence);
    [line.t1, line.t2, line.t3, line.t4].forEach((stamp, i) => {
      if (stamp !== null) to.stamps[i].push(Number(BigInt(stamp) - times[i]!));
    });
  }
}

/** How late each probe left, against the grid of `interval` that starts so that the earliest of them is on time. */
export function lateness({ probes }: Sight, interval: number): number[] {
  const first = probes.values().next().value ?? 0n;
  const offsets = [...probes].map(([seq, time]) => Number(time - first) - seq * interval);
  const least = offsets.reduce((a, b) => Math.min(a, b), Infinity);
  return offsets.map((offset) => offset - least);
}
