/**
 * Which protocol a probe speaks, read off its octets. TWAMP Light and STAMP senders share a port and say nothing of
 * themselves, but a STAMP base packet is 44 octets with 28 reserved ones (RFC 8762 section 4.2.1, RFC 8972 section 3).
 *
 * @module
 */
import { STAMP_SIZE } from "./test_packet.ts";
import { isSenderTlvChain } from "./tlv.ts";

/** True if a probe of `length` octets at `at` is STAMP: its reserved octets are zero, and nothing or TLVs follow. */
export function isStampProbe(view: DataView, at: number, length: number): boolean {
  if (length < STAMP_SIZE) return false;
  for (let word = 16; word < STAMP_SIZE; word += 4) {
    if (view.getUint32(at + word) !== 0) return false;
  }
  return isSenderTlvChain(view, at + STAMP_SIZE, at + length);
}
