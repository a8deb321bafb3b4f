/**
 * Lines of `ndjson` back into the records they were written of: the reverse of `outputs/fields.ts`.
 *
 * @module
 */
import { ProbeFlag, type ProbeRecord } from "../../core/record.ts";
import { clean, Fields } from "./fields.ts";
import { readTlvValue } from "./document.ts";

const KERNEL = { t1: ProbeFlag.T1_KERNEL, t3: ProbeFlag.T3_KERNEL, t4: ProbeFlag.T4_KERNEL };
const HARDWARE = { t1: ProbeFlag.T1_HARDWARE, t3: ProbeFlag.T3_HARDWARE, t4: ProbeFlag.T4_HARDWARE };
const SOURCES = ["user", "kernel", "hardware"] as const;

/** The flags that say where a stamp is from. */
function sourceFlag(line: Fields, at: "t1" | "t3" | "t4"): number {
  const source = line.choice(`${at}Source`, SOURCES);
  return source === "kernel" ? KERNEL[at] : source === "hardware" ? HARDWARE[at] : 0;
}

/** Digits, nanoseconds since 1970, into two words; 32 bits of seconds end in 2106. */
function readStamp(line: Fields, name: string, stamps: Uint32Array, at: number): void {
  const value = line.raw(name) ?? null;
  stamps[at] = stamps[at + 1] = 0;
  if (value === null) return;
  if (typeof value !== "string" || !/^\d{1,19}$/.test(value)) throw line.wrong(name, value, "a text of digits or null");
  const seconds = Number(value.slice(0, -9));
  if (seconds > 0xffff_ffff) throw line.wrong(name, value, "a time before 2106");
  stamps[at] = seconds;
  stamps[at + 1] = Number(value.slice(-9));
}

/** What a line is of, as flags; undefined for an event that another line tells already, or one of a later version. */
function outcomeFlags(line: Fields): number | undefined {
  if (line.raw("type") === "probe") {
    const status = line.choice("status", ["ok", "lost"]);
    if (status === null) throw line.wrong("status", null, "ok or lost");
    return status === "ok" ? ProbeFlag.RECEIVED : ProbeFlag.LOST;
  }
  switch (line.text("event")) {
    case "duplicate":
      return ProbeFlag.DUPLICATE | (line.boolean("copiedOutbound") ? ProbeFlag.COPIED_OUTBOUND : 0);
    case "late":
      return ProbeFlag.LATE;
    default:
      return undefined;
  }
}

/** Reads a `probe` or `event` line into `record`; false where it is of no record. */
export function readProbe(line: Fields, record: ProbeRecord): boolean {
  const outcome = outcomeFlags(line);
  if (outcome === undefined) return false;
  const seq = line.count("seq");
  if (Number.isNaN(seq)) throw line.wrong("seq", null, "a whole number from 0");
  record.seq = seq;
  record.flags = outcome | (line.boolean("reordered") ? ProbeFlag.REORDERED : 0) | sourceFlag(line, "t1") |
    sourceFlag(line, "t3") | sourceFlag(line, "t4");
  record.reflectorSeq = line.count("reflectorSeq");
  record.size = line.count("size");
  record.replySize = line.count("replySize");
  record.ttlForward = line.count("ttlForward");
  record.ttlBackward = line.count("ttlBackward");
  record.tosForward = line.count("tosForward");
  record.tosBackward = line.count("tosBackward");
  record.rtt = line.delay("rttNs") ?? NaN;
  record.forward = line.delay("outboundNs") ?? NaN;
  record.backward = line.delay("inboundNs") ?? NaN;
  record.residence = line.delay("residenceNs") ?? NaN;
  readStamp(line, "t1", record.stamps, 0);
  readStamp(line, "t2", record.stamps, 2);
  readStamp(line, "t3", record.stamps, 4);
  readStamp(line, "t4", record.stamps, 6);
  const tlv = line.object("tlv");
  record.tlv = tlv && Object.fromEntries(tlv.names().map((key) => [clean(key), readTlvValue(tlv, key)]));
  return true;
}
