/**
 * Probes, octet by octet, and what replies have where. Nothing here trusts a length.
 *
 * @module
 */
import { ERROR_PTP } from "../../../core/wire/error_estimate.ts";
import { REFLECTOR, SENDER, STAMP_SIZE, TWAMP_REFLECTOR_SIZE } from "../../../core/wire/test_packet.ts";
import { readTimestamp } from "../../../core/wire/timestamp.ts";
import type { Protocol } from "./evidence.ts";

/** What the fields that a sender fills hold; T1 is written when the probe leaves. */
export interface ProbeFields {
  readonly seq: number;
  readonly errorEstimate: number;
  readonly ssid?: number;
}

/** The base packet that a reply must have, at the least. */
export function replySize(protocol: Protocol): number {
  return protocol === "stamp" ? STAMP_SIZE : TWAMP_REFLECTOR_SIZE;
}

/**
 * A TWAMP probe of `size` octets. Its padding is zeros where a reply has its fields, and behind that no chain of TLVs:
 * a reflector that tells the protocols apart takes it for TWAMP.
 */
export function twampProbe(size: number, fields: ProbeFields): Uint8Array {
  const octets = new Uint8Array(size);
  for (let i = TWAMP_REFLECTOR_SIZE; i < size; i++) octets[i] = (7 * i + 3) & 0x7f | 1;
  return putFields(octets, fields);
}

/** A STAMP probe with `tlvs` behind its base packet. */
export function stampProbe(fields: ProbeFields, tlvs: Uint8Array = new Uint8Array()): Uint8Array {
  const octets = new Uint8Array(STAMP_SIZE + tlvs.length);
  octets.set(tlvs, STAMP_SIZE);
  return putFields(octets, fields);
}

function putFields(octets: Uint8Array, { seq, errorEstimate, ssid = 0 }: ProbeFields): Uint8Array {
  const all = new Uint8Array(Math.max(octets.length, SENDER.SSID + 2));
  all.set(octets);
  const view = new DataView(all.buffer);
  view.setUint32(SENDER.SEQ, seq);
  view.setUint16(SENDER.ERROR, errorEstimate);
  if (ssid !== 0) view.setUint16(SENDER.SSID, ssid);
  return all.slice(0, octets.length);
}

/** A TLV with its header. */
export function tlv(type: number, value: Uint8Array, flags: number, length: number = value.length): Uint8Array {
  return Uint8Array.of(flags, type, length >> 8, length & 0xff, ...value);
}

/** A big-endian number of `size` octets at `at`; undefined where the packet ends before. */
export function field(octets: Uint8Array, at: number, size: 1 | 2 | 4): number | undefined {
  if (at + size > octets.length) return undefined;
  let value = 0;
  for (let i = 0; i < size; i++) value = value * 256 + octets[at + i];
  return value;
}

/** Whether `size` octets at `at` of one are those at `from` of the other. */
export function same(a: Uint8Array, at: number, b: Uint8Array, from: number, size: number): boolean {
  if (at + size > a.length || from + size > b.length) return false;
  for (let i = 0; i < size; i++) if (a[at + i] !== b[from + i]) return false;
  return true;
}

/** Whether `size` octets at `at` are zero. */
export function isZero(octets: Uint8Array, at: number, size: number): boolean {
  return octets.subarray(at, at + size).every((octet) => octet === 0);
}

/** UNIX seconds and nanoseconds of the timestamp at `at`, in the format that the Error Estimate at `error` says. */
export function timestamp(octets: Uint8Array, at: number, error: number): [seconds: number, nanos: number] {
  const out = new Uint32Array(2);
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  readTimestamp(view, at, ((field(octets, error, 2) ?? 0) & ERROR_PTP) !== 0, out, 0);
  return [out[0], out[1]];
}

/** Nanoseconds from one time to another. */
export function span(from: readonly [number, number], to: readonly [number, number]): number {
  return (to[0] - from[0]) * 1e9 + (to[1] - from[1]);
}

/** The four stamps of a probe whose reply has them. */
export function stampsOf(sent: Uint8Array, reply: Uint8Array, t4: readonly [number, number]) {
  return {
    t1: timestamp(sent, SENDER.TIME, SENDER.ERROR),
    t2: timestamp(reply, REFLECTOR.RECEIVED, REFLECTOR.ERROR),
    t3: timestamp(reply, REFLECTOR.TIME, REFLECTOR.ERROR),
    t4,
  };
}
