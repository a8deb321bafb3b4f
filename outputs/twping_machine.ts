/**
 * `twping -M`: a name, a tab and a value a line, histograms in tags. Times in seconds.
 *
 * The percentiles are ours, finer than the buckets that twping takes its own from. What is not known has no line, as there.
 *
 * @module
 */
import type { RunInfo } from "../core/plugin.ts";
import type { Distribution, Snapshot } from "../core/snapshot.ts";
import { general, parts, seconds, sid, timeSpan, timestamp } from "./twping_text.ts";
import type { Watch } from "./twping_watch.ts";

type Line = readonly [name: string, value: string | number | null];

/** The end of the buckets that are counted: a delay of a day is none. */
const MOST_BUCKETS = 1e6;

/** Seconds and nanoseconds of the start, where no probe told one. */
function startWords(run: RunInfo, afterNs: number): number[] {
  const ms = Date.parse(run.startedAt) + afterNs / 1e6;
  return Number.isNaN(ms) ? [0, 0] : [Math.floor(ms / 1000), Math.round((ms % 1000) * 1e6)];
}

function times(run: RunInfo, s: Snapshot, watch: Watch): Line[] {
  const [first, last] = departures(run, s, watch);
  return [["START_TIME", timestamp(first)], ["END_TIME", timestamp(last)]];
}

/** When the first and the last probe left. */
export function departures(run: RunInfo, s: Snapshot, watch: Watch): readonly [ArrayLike<number>, ArrayLike<number>] {
  if (watch.first[0] !== 0) return [watch.first, watch.last];
  return [startWords(run, 0), startWords(run, s.durationNs)];
}

/** Octets behind the base packet of the largest probe, as the profile says, or as they were seen. */
function padding({ session: { profile, protocol, mode } }: RunInfo, { largest }: Watch): number | null {
  const said = /\bpadding=(\d+)/.exec(profile)?.[1];
  if (said !== undefined) return Number(said);
  const base = protocol === "stamp" ? 44 : mode === "open" || mode === "mixed" ? 14 : 48;
  return largest > base ? largest - base : null;
}

function facts(run: RunInfo, s: Snapshot, watch: Watch, bucketNs: number): Line[] {
  const { session, host } = run;
  const [from, fromPort] = parts(session.local);
  const [to, toPort] = parts(session.remote);
  const planned = session.count ?? s.sent;
  return [
    ["SUMMARY", "3.00"],
    ["SID", sid(run)],
    ["FROM_HOST", host],
    ["FROM_ADDR", from],
    ["FROM_PORT", fromPort],
    ["TO_HOST", to],
    ["TO_ADDR", to],
    ["TO_PORT", toPort],
    ...times(run, s, watch),
    ["DSCP", session.tos === null ? null : `0x${(session.tos >> 2).toString(16).padStart(2, "0")}`],
    ["LOSS_TIMEOUT", Number.isNaN(session.timeoutNs) ? null : timeSpan(session.timeoutNs)],
    ["PACKET_PADDING", padding(run, watch)],
    ["SESSION_PACKET_COUNT", planned],
    ["SAMPLE_PACKET_COUNT", planned],
    ["BUCKET_WIDTH", seconds(bucketNs)],
    ["SESSION_FINISHED", s.sent >= planned && s.unfinished === 0 ? 1 : 0],
  ];
}

/** How wrong a delay can be by what the clocks claim: of T1 to T4 for a round trip, of two of them for one way. */
export function claimedError(run: RunInfo, s: Snapshot): number | null {
  const ours = run.clock?.errorNs ?? null;
  const theirs = s.peer.errorEstimateNs;
  return ours === null || theirs === null ? null : ours + theirs;
}

/** Whether both clocks claim to be kept right. */
export function isSynchronized(run: RunInfo, s: Snapshot): boolean {
  return (run.clock?.synchronized ?? s.clock?.synchronized.local ?? false) && s.peer.synchronized === true;
}

/** What twping calls jitter: from the median to the 95th percentile. */
export function variation({ p95, p50 }: Distribution): number | null {
  return p95 === null || p50 === null ? null : p95 - p50;
}

function results(run: RunInfo, s: Snapshot, watch: Watch): Line[] {
  const error = claimedError(run, s);
  const known = (ns: number | null) => ns === null ? null : seconds(ns);
  const outbound = Math.min(watch.copiedOutbound, s.duplicates);
  const both = (name: string, read: (d: Distribution) => number | null): Line[] => [
    [name, known(read(s.rtt))],
    [`${name}_FWD`, known(read(s.forward))],
    [`${name}_BCK`, known(read(s.backward))],
  ];
  return [
    ["SENT", s.sent],
    ["SYNC", isSynchronized(run, s) ? 1 : 0],
    ["MAXERR", known(error === null ? null : 2 * error)],
    ["MAXERR_FWD", known(error)],
    ["MAXERR_BCK", known(error)],
    ["DUPS_FWD", outbound],
    ["DUPS_BCK", s.duplicates - outbound],
    ["LOST", s.lost],
    ...both("MIN", ({ min }) => min),
    ["MIN_PROC", known(s.residence.min)],
    ...both("MEDIAN", ({ p50 }) => p50),
    ...both("MAX", ({ max }) => max),
    ["MAX_PROC", known(s.residence.max)],
    ...both("PDV", variation),
  ];
}

/** Counts by bucket: the `n`th ends at `n` widths. What lies further out than could be counted is in the last ones. */
function buckets(s: Snapshot, bucketNs: number): string {
  const counts = new Map<number, number[]>();
  [s.rtt, s.forward, s.backward].forEach(({ histogram }, column) => {
    for (const [from, to, count] of histogram) {
      const wanted = Math.ceil((from + (to - from - 1) / 2) / bucketNs);
      const bucket = Math.min(Math.max(wanted, -MOST_BUCKETS), MOST_BUCKETS) || 0;
      const row = counts.get(bucket) ?? [0, 0, 0];
      row[column] += count;
      counts.set(bucket, row);
    }
  });
  if (counts.size === 0) return "";
  const lines = [...counts].sort(([a], [b]) => a - b).map(([bucket, row]) => `\t${bucket}\t${row.join("\t")}\n`);
  return `<BUCKETS>\n${lines.join("")}</BUCKETS>\n`;
}

/** Lowest and highest TTL that came, and how many did. */
export function ttlRange(counts: Float64Array): { least: number; most: number; kinds: number } | undefined {
  const seen = [...counts.keys()].filter((ttl) => counts[ttl] > 0);
  return seen.length === 0 ? undefined : { least: seen[0], most: seen[seen.length - 1], kinds: seen.length };
}

function ttls({ forward, backward }: Watch): string {
  const [there, here] = [ttlRange(forward), ttlRange(backward)];
  if (there === undefined || here === undefined) return "";
  const range = lines([
    ["MINTTL_FWD", there.least],
    ["MAXTTL_FWD", there.most],
    ["MINTTL_BCK", here.least],
    ["MAXTTL_BCK", here.most],
  ]);
  const rows = [...forward.keys()].filter((ttl) => forward[ttl] + backward[ttl] > 0)
    .map((ttl) => `\t${ttl}\t${general(forward[ttl], 15)}\t${general(backward[ttl], 15)}\n`);
  return `${range}<TTLBUCKETS>\n${rows.join("")}</TTLBUCKETS>\n`;
}

function lines(all: readonly Line[]): string {
  return all.filter(([, value]) => value !== null).map(([name, value]) => `${name}\t${value}\n`).join("");
}

/** The whole of `twping -M`. */
export function machineText(run: RunInfo, s: Snapshot, watch: Watch, bucketNs: number): string {
  return lines([...facts(run, s, watch, bucketNs), ...results(run, s, watch)]) + buckets(s, bucketNs) +
    ttls(watch) + "\n";
}
