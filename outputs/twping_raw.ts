/**
 * `twping -R`: a line a probe, sixteen columns with a blank between them:
 *
 * number, T1, S, error, T2, S, error, TTL there, the reflector's number, T3, S, error, T4, S, error, TTL here.
 *
 * Times are NTP timestamps as integers of 64 bits, errors seconds. A lost probe has 0 from T2 on. An error of 0, which no
 * Error Estimate can say (its multiplier is never 0), means that it is not known.
 *
 * @module
 */
import type { RunInfo } from "../core/plugin.ts";
import { ProbeFlag, type ProbeRecord } from "../core/record.ts";
import { outcome } from "./fields.ts";
import { general, timestamp } from "./twping_text.ts";
import { NO_TTL, ttlOf } from "./twping_watch.ts";

const NEVER = `${timestamp([0, 0])} 0 0`;

/** S and error of this host's clock, for every line. */
export function localClock({ clock }: RunInfo): string {
  if (clock === undefined) return "0 0";
  const { synchronized, errorNs } = clock;
  return `${synchronized ? 1 : 0} ${errorNs === null ? "0" : general(errorNs / 1e9)}`;
}

/** The line of a probe; nothing for what finishes none and is no duplicate. */
export function rawLine(probe: Readonly<ProbeRecord>, ours: string): string {
  const { seq, flags, stamps, reflectorSeq, ttlForward, ttlBackward } = probe;
  const what = outcome(flags);
  const sent = `${seq} ${timestamp(stamps, 0)} ${ours}`;
  if (what === "lost") return `${sent} ${NEVER} ${NO_TTL} 0 ${NEVER} ${NEVER} ${NO_TTL}\n`;
  if (what !== "received" && what !== "duplicate") return "";
  const theirs = `${(flags & ProbeFlag.UNSYNCHRONIZED) !== 0 ? 0 : 1} 0`;
  const there = `${timestamp(stamps, 2)} ${theirs} ${ttlOf(ttlForward)}`;
  const number = Number.isNaN(reflectorSeq) ? 0 : reflectorSeq;
  const back = `${number} ${timestamp(stamps, 4)} ${theirs} ${timestamp(stamps, 6)} ${ours} ${ttlOf(ttlBackward)}`;
  return `${sent} ${there} ${back}\n`;
}
