/**
 * What `twping` prints for people. Times of day are in UTC, where twping has those of this host's zone.
 *
 * @module
 */
import type { RunInfo } from "../core/plugin.ts";
import type { Distribution, Snapshot } from "../core/snapshot.ts";
import { claimedError, departures, isSynchronized, ttlRange, variation } from "./twping_machine.ts";
import { general, parts, sid } from "./twping_text.ts";
import type { Watch } from "./twping_watch.ts";

/** Milliseconds, as `%.3g`. */
function ms(ns: number | null): string {
  return ns === null ? "nan" : general(ns / 1e6, 3);
}

function time(words: ArrayLike<number>): string {
  if (Number.isNaN(words[0] + words[1])) return "unknown";
  return new Date(words[0] * 1000 + Math.floor(words[1] / 1e6)).toISOString().slice(0, -1);
}

function delay(name: string, { min, p50, max }: Distribution, error: string): string {
  return `${name} min/median/max = ${ms(min)}/${ms(p50)}/${ms(max)} ms, (${error})\n`;
}

/** What systems begin with. */
const BEGINNINGS = [64, 128, 255];

/**
 * Hops from the TTL that is left. twping takes it that all began with 255 (RFC 5357 section 4.1.2); here it is what was
 * set on probes, and of replies the least usual beginning that is not below.
 */
function hops(name: string, counts: Float64Array, set: number | null): string {
  const range = ttlRange(counts);
  if (range === undefined) return `${name} TTL not reported\n`;
  const begun = [...(set === null ? [] : [set]), ...BEGINNINGS].find((ttl) => ttl >= range.most) ?? 255;
  const [least, most] = [begun - range.most, begun - range.least];
  if (range.kinds === 1) return `${name} hops = ${least} (consistently)\n`;
  return `${name} hops takes ${range.kinds} values; min hops = ${least}, max hops = ${most}\n`;
}

/** The whole of `twping`. */
export function summaryText(run: RunInfo, s: Snapshot, watch: Watch): string {
  const claimed = isSynchronized(run, s) ? claimedError(run, s) : null;
  const error = (times: number) => claimed === null ? "unsync" : `err=${ms(times * claimed)} ms`;
  const [from, fromPort] = parts(run.session.local);
  const [to, toPort] = parts(run.session.remote);
  const [first, last] = departures(run, s, watch);
  const outbound = Math.min(watch.copiedOutbound, s.duplicates);
  const loss = s.sent === 0 ? 0 : 100 * s.lost / s.sent;
  const isOff = (s.forward.min ?? 0) < 0 || (s.backward.min ?? 0) < 0;
  return (isOff ? "\nDirectional delays may be inaccurate due to out of sync clocks!\n" : "") +
    `\n--- twping statistics from [${from}]:${fromPort} to [${to}]:${toPort} ---\nSID:\t${sid(run)}\n` +
    `first:\t${time(first)}\nlast:\t${time(last)}\n` +
    `${s.sent} sent, ${s.lost} lost (${loss.toFixed(3)}%), ${outbound} send duplicates, ` +
    `${s.duplicates - outbound} reflect duplicates\n` +
    delay("round-trip time", s.rtt, error(2)) +
    delay("send time", s.forward, error(1)) +
    delay("reflect time", s.backward, error(1)) +
    `reflector processing time min/max = ${ms(s.residence.min)}/${ms(s.residence.max)} ms\n` +
    `two-way jitter = ${ms(variation(s.rtt))} ms (P95-P50)\n` +
    `send jitter = ${ms(variation(s.forward))} ms (P95-P50)\n` +
    `reflect jitter = ${ms(variation(s.backward))} ms (P95-P50)\n` +
    hops("send", watch.forward, run.session.ttl) + hops("reflect", watch.backward, null) + "\n";
}
