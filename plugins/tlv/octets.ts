/**
 * Addresses in values: 4 octets or 16, where a batch has 16, IPv4-mapped.
 *
 * @module
 */
import { isMappedIpv4 } from "../../core/address.ts";

/** Whether the address of `size` octets at `at` of `view` is the one at `from` of `octets`. */
export function isSame(view: DataView, at: number, size: number, octets: Uint8Array, from: number): boolean {
  if ((size === 4) !== isMappedIpv4(octets, from)) return false;
  for (let i = 0; i < size; i++) if (view.getUint8(at + i) !== octets[from + 16 - size + i]) return false;
  return true;
}

/** Whether 16 octets at `at` are all zero: nobody said. */
export function isUnknown(octets: Uint8Array, at: number): boolean {
  for (let i = 0; i < 16; i++) if (octets[at + i] !== 0) return false;
  return true;
}

/** Whether the 16 octets at `at` are an address that means the host that uses it: 127.0.0.0/8, ::1. */
export function isLoopback(octets: Uint8Array, at: number): boolean {
  if (isMappedIpv4(octets, at)) return octets[at + 12] === 127;
  for (let i = 0; i < 15; i++) if (octets[at + i] !== 0) return false;
  return octets[at + 15] === 1;
}

/** Whether the 16 octets at `at` are of one host: not everybody, not a group, not nobody. */
export function isUnicast(octets: Uint8Array, at: number): boolean {
  if (isMappedIpv4(octets, at)) return octets[at + 12] !== 0 && octets[at + 12] < 224;
  return octets[at] !== 0xff && !isUnknown(octets, at);
}

/** Puts the address of `size` octets at `at` of `view` to `to` of `octets`, in 16. */
export function putAddress(view: DataView, at: number, size: number, octets: Uint8Array, to: number): void {
  for (let i = 0; i < 10; i++) octets[to + i] = 0;
  octets[to + 10] = octets[to + 11] = 0xff;
  for (let i = 0; i < size; i++) octets[to + 16 - size + i] = view.getUint8(at + i);
}

/** The 16 octets, IPv4-mapped, of the address of `size` octets at `at` of `view`. */
export function mappedAt(view: DataView, at: number, size: number): Uint8Array {
  const octets = new Uint8Array(16);
  putAddress(view, at, size, octets, 0);
  return octets;
}
