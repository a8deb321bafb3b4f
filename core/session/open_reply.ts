/**
 * What replies of TWAMP Light and STAMP in open mode are known by, and how the padding of probes makes room for them.
 *
 * @module
 */
import { REFLECTOR, SHORTEST_REPLY } from "../wire/test_packet.ts";

/** Reserved octets behind the Session-Sender Error Estimate. */
export const REFLECTOR_MBZ = REFLECTOR.SENDER_ERROR + 2;
/** The octet after Session-Sender TTL; reserved ones follow it in STAMP. */
export const SENDER_TTL_END = REFLECTOR.SENDER_TTL + 1;

/**
 * Whether a datagram is itself a reply: a Receive Timestamp within a second of its Timestamp stands where probes have
 * zeros or padding, and the reserved octets of a reply are zero. Two reflectors, set on each other by one forged
 * datagram, would otherwise answer without end.
 */
export function isReply(view: DataView, at: number, size: number): boolean {
  if (size < SHORTEST_REPLY) return false;
  const received = view.getUint32(at + REFLECTOR.RECEIVED);
  if (received === 0 || (view.getUint32(at + REFLECTOR.TIME) - received) >>> 0 > 1) return false;
  // Replies cut off before their second reserved field have the first one; STAMP has the SSID there.
  return view.getUint16(at + (size < REFLECTOR_MBZ + 2 ? REFLECTOR.SSID : REFLECTOR_MBZ)) === 0;
}

/** A copy of less than this is done by hand: the call costs more than the octets. */
const SMALL = 128;

/** Moves `size` octets at `from` back to `to`, which may be among them. */
export function pushBack(view: DataView, bytes: Uint8Array, from: number, to: number, size: number): void {
  if (size > SMALL) {
    bytes.copyWithin(to, from, from + size);
    return;
  }
  let left = size;
  for (; left >= 4; left -= 4) view.setUint32(to + left - 4, view.getUint32(from + left - 4));
  while (--left >= 0) bytes[to + left] = bytes[from + left];
}
