/**
 * Which protocol a probe speaks, read off its octets. TWAMP Light and STAMP senders share a port and say nothing of
 * themselves, but a STAMP base packet is 44 octets with 28 reserved ones (RFC 8762 section 4.2.1, RFC 8972 section 3).
 *
 * @module
 */
import { STAMP_SIZE } from "./test_packet.ts";
import { isSenderTlvChain, TlvFlag } from "./tlv.ts";

/** True if a probe of `length` octets at `at` is STAMP: its reserved octets are zero, and nothing or TLVs follow. */
export function isStampProbe(view: DataView, at: number, length: number): boolean {
  return length >= STAMP_SIZE && isReservedZero(view, at) && isSenderTlvChain(view, at + STAMP_SIZE, at + length);
}

/**
 * Whether a probe that is no such STAMP still can be one, whose TLVs are malformed: the reserved octets are zero, and
 * the first flags have U. TWAMP padding of zeros is not that; any other hardly has all of those zeros. Only of a sender that
 * has shown to speak STAMP it is worth asking.
 */
export function mayBeMalformedStamp(view: DataView, at: number, length: number): boolean {
  return length > STAMP_SIZE && (view.getUint8(at + STAMP_SIZE) & TlvFlag.U) !== 0 && isReservedZero(view, at);
}

function isReservedZero(view: DataView, at: number): boolean {
  for (let word = 16; word < STAMP_SIZE; word += 4) {
    if (view.getUint32(at + word) !== 0) return false;
  }
  return true;
}
