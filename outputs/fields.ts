/**
 * What is written of one probe: the names, their order and how each is read off the record. ndjson and csv share it, so
 * that a column there is a key here.
 *
 * @module
 */
import { ProbeFlag, type ProbeRecord } from "../core/record.ts";
import type { StampSource } from "../core/transport.ts";

/** One value of a row; null where it is not known. */
export type Cell = string | number | boolean | null;

/** A name and how its value is read off a record. */
export type Field = readonly [name: string, read: (probe: Readonly<ProbeRecord>) => Cell];

/** NaN is how a record says that it does not know. */
export function known(value: number): number | null {
  return Number.isNaN(value) ? null : Math.round(value);
}

/**
 * A stamp as a string of decimal digits: nanoseconds since the UNIX epoch.
 *
 * A string, because a double holds 53 bits and today's nanoseconds need 61: a reader that takes it for a number would
 * change it. Digits, because two of them can be subtracted as they are.
 */
export function stamp(stamps: Uint32Array, at: number): string | null {
  const seconds = stamps[at];
  const nanos = stamps[at + 1];
  if (seconds === 0) return nanos === 0 ? null : String(nanos);
  return String(seconds) + String(nanos).padStart(9, "0");
}

/** RFC 4737 section 3.3 says of a packet that arrived whether it is reordered; of a lost one there is nothing to say. */
function reordered(probe: Readonly<ProbeRecord>): boolean | null {
  return (probe.flags & ProbeFlag.LOST) !== 0 ? null : (probe.flags & ProbeFlag.REORDERED) !== 0;
}

/** Where a stamp of this host was taken; null without a stamp. */
function source(probe: Readonly<ProbeRecord>, at: number, kernel: number, hardware: number): StampSource | null {
  if (stamp(probe.stamps, at) === null) return null;
  return probe.flags & hardware ? "hardware" : probe.flags & kernel ? "kernel" : "user";
}

/** Where T3 was taken, as far as a later reply told it (RFC 8972 section 4.7). */
function t3Source({ flags }: Readonly<ProbeRecord>): StampSource | null {
  return flags & ProbeFlag.T3_HARDWARE ? "hardware" : flags & ProbeFlag.T3_KERNEL ? "kernel" : null;
}

/** What is known of a reply, whatever it counts as. */
export const REPLY_FIELDS: readonly Field[] = [
  ["rttNs", (probe) => known(probe.rtt)],
  ["outboundNs", (probe) => known(probe.forward)],
  ["inboundNs", (probe) => known(probe.backward)],
  ["residenceNs", (probe) => known(probe.residence)],
  ["size", (probe) => known(probe.size)],
  ["replySize", (probe) => known(probe.replySize)],
  ["ttlForward", (probe) => known(probe.ttlForward)],
  ["ttlBackward", (probe) => known(probe.ttlBackward)],
  ["reflectorSeq", (probe) => known(probe.reflectorSeq)],
  ["reordered", reordered],
  ["t1", (probe) => stamp(probe.stamps, 0)],
  ["t2", (probe) => stamp(probe.stamps, 2)],
  ["t3", (probe) => stamp(probe.stamps, 4)],
  ["t4", (probe) => stamp(probe.stamps, 6)],
  ["t1Source", (probe) => source(probe, 0, ProbeFlag.T1_KERNEL, ProbeFlag.T1_HARDWARE)],
  ["t4Source", (probe) => source(probe, 6, ProbeFlag.T4_KERNEL, ProbeFlag.T4_HARDWARE)],
  ["tosForward", (probe) => known(probe.tosForward)],
  ["tosBackward", (probe) => known(probe.tosBackward)],
  ["t3Source", t3Source],
];

/** A finished probe: its number and how it ended, then the rest. */
export const PROBE_FIELDS: readonly Field[] = [
  ["seq", (probe) => probe.seq],
  ["status", (probe) => (probe.flags & ProbeFlag.LOST) !== 0 ? "lost" : "ok"],
  ...REPLY_FIELDS,
];

/** What a record is. Only the first two finish a probe, and a number is finished once. */
export type Outcome = "received" | "lost" | "duplicate" | "late" | "other";

/** DUPLICATE and LATE go first: such a record is no finished probe, whatever else is set in it. */
export function outcome(flags: number): Outcome {
  if ((flags & ProbeFlag.DUPLICATE) !== 0) return "duplicate";
  if ((flags & ProbeFlag.LATE) !== 0) return "late";
  if ((flags & ProbeFlag.LOST) !== 0) return "lost";
  return (flags & ProbeFlag.RECEIVED) !== 0 ? "received" : "other";
}
