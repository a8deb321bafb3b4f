/**
 * Sub-TLVs within a value: the same header again (RFC 8972 section 4.2.1).
 *
 * @module
 */
import { TLV_HEADER, TlvFlag } from "../../core/wire/tlv.ts";

/** What stands at `at` of a chain that ends at `end`. */
export function subEnd(view: DataView, at: number): number {
  return at + TLV_HEADER + view.getUint16(at + 2);
}

/**
 * Whether the chain at `at` to `end` is whole, each of a length that `lengthOk` says its type can have. If not, the first
 * that is not gets M, if there is room for its flags.
 */
export function isChain(
  view: DataView,
  at: number,
  end: number,
  lengthOk: (type: number, length: number) => boolean,
): boolean {
  while (at < end) {
    if (end - at < TLV_HEADER || subEnd(view, at) > end || !lengthOk(view.getUint8(at + 1), view.getUint16(at + 2))) {
      view.setUint8(at, TlvFlag.M);
      return false;
    }
    at = subEnd(view, at);
  }
  return true;
}
