/**
 * Fields that several TWAMP-Control messages have: octets, addresses, times.
 *
 * @module
 */
import type { Layout } from "./layout.ts";
import { ntpFraction, ntpNanos, ntpSeconds, putNtp } from "./timestamp.ts";

const NANOS_PER_S = 1e9;
const LAST_SECOND = 0xffff_ffff;

/**
 * Where the field `name` of `layout` starts.
 *
 * @throws Error if there is none: the codecs ask once, when they are loaded
 */
export function offsetOf(layout: Layout, name: string): number {
  const field = layout.fields.find((field) => field.name === name);
  if (field === undefined) throw new Error(`${layout.name} has no field ${name}`);
  return field.at;
}

/** A message of zeros, and a view of it. */
export function blank(size: number): { octets: Uint8Array; view: DataView } {
  const octets = new Uint8Array(size);
  return { octets, view: new DataView(octets.buffer) };
}

/** A copy of `size` octets at `at`. */
export function readOctets(view: DataView, at: number, size: number): Uint8Array {
  const octets = new Uint8Array(size);
  for (let i = 0; i < size; i++) octets[i] = view.getUint8(at + i);
  return octets;
}

/**
 * The address in the 16 octets at `at`, in the form of `core/address.ts`. With IPVN 4 the last 12 octets are not looked
 * at (RFC 4656 section 3.5). An address of zeros stays zeros: that of the control connection is meant (RFC 5357
 * section 3.5).
 */
export function readAddress(view: DataView, at: number, ipVersion: number): Uint8Array {
  if (ipVersion !== 4) return readOctets(view, at, 16);
  const octets = new Uint8Array(16);
  if (view.getUint32(at) === 0) return octets;
  octets[10] = octets[11] = 0xff;
  for (let i = 0; i < 4; i++) octets[12 + i] = view.getUint8(at + i);
  return octets;
}

/** Writes an address as `ipVersion` has it; the room is expected to be zero. */
export function putAddress(octets: Uint8Array, at: number, ipVersion: number, address: Uint8Array): void {
  octets.set(ipVersion === 4 ? address.subarray(12, 16) : address.subarray(0, 16), at);
}

/** The NTP timestamp at `at` as UNIX words; 0 0 for zeros. */
export function readTime(view: DataView, at: number): Uint32Array {
  const words = new Uint32Array(2);
  if (view.getUint32(at) === 0 && view.getUint32(at + 4) === 0) return words;
  const nanos = ntpNanos(view, at);
  const carry = nanos === NANOS_PER_S ? 1 : 0;
  words[0] = ntpSeconds(view, at) + carry;
  words[1] = nanos - carry * NANOS_PER_S;
  return words;
}

/** Writes UNIX words as an NTP timestamp; 0 0 as zeros. */
export function putTime(view: DataView, at: number, words: Uint32Array): void {
  if (words[0] !== 0 || words[1] !== 0) putNtp(view, at, words[0], words[1]);
}

/** The interval at `at`, seconds and units of 2^-32 s, in nanoseconds. */
export function readInterval(view: DataView, at: number): number {
  return view.getUint32(at) * NANOS_PER_S + ntpNanos(view, at);
}

/** Writes an interval; what is negative becomes zero, what is longer than the field (136 years) its longest. */
export function putInterval(view: DataView, at: number, nanos: number): void {
  const seconds = Math.floor(Math.max(0, nanos) / NANOS_PER_S);
  const fits = seconds <= LAST_SECOND;
  view.setUint32(at, fits ? seconds : LAST_SECOND);
  view.setUint32(at + 4, fits ? ntpFraction(Math.max(0, nanos) - seconds * NANOS_PER_S) : LAST_SECOND);
}
