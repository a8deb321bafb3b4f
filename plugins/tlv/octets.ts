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

/** Puts the address of `size` octets at `at` of `view` to `to` of `octets`, in 16. */
export function putMapped(view: DataView, at: number, size: number, octets: Uint8Array, to: number): void {
  for (let i = 0; i < 10; i++) octets[to + i] = 0;
  octets[to + 10] = octets[to + 11] = 0xff;
  for (let i = 0; i < size; i++) octets[to + 16 - size + i] = view.getUint8(at + i);
}

/** The 16 octets, IPv4-mapped, of the address of `size` octets at `at` of `view`. */
export function mappedAt(view: DataView, at: number, size: number): Uint8Array {
  const octets = new Uint8Array(16);
  putMapped(view, at, size, octets, 0);
  return octets;
}
