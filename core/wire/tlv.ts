/**
 * The frame of STAMP extensions (RFC 8972 section 4): flags, type, length, value, one after another behind the base
 * packet. Walked in place; no length is trusted.
 *
 * @module
 */

/** Octets before a value. */
export const TLV_HEADER = 4;

/** The flags octet; bit 0 of the RFC is the most significant. */
export const TlvFlag = {
  /** Unrecognized: the sender sets it, a reflector that understood the TLV clears it. */
  U: 0x80,
  /** Malformed. */
  M: 0x40,
  /** Integrity check failed. */
  I: 0x20,
} as const;

/** Extra Padding (RFC 8972 section 4.1): a value of any length that means nothing. */
export const TLV_EXTRA_PADDING = 1;

/**
 * Whether octets `at` to `end` are a chain of TLVs as a sender makes it: each whole, each with U set.
 * An empty chain is one.
 */
export function isSenderTlvChain(view: DataView, at: number, end: number): boolean {
  while (at < end) {
    if (end - at < TLV_HEADER || (view.getUint8(at) & TlvFlag.U) === 0) return false;
    at += TLV_HEADER + view.getUint16(at + 2);
  }
  return at === end;
}

/**
 * Answers the TLVs at `at` to `end` in place, as a reflector that knows Extra Padding alone: that type comes back with
 * U clear, every other with U set; one that runs over the end gets M besides, and ends the walk (RFC 8972 section 4).
 * Only flags are written: values, and a rest too short for a TLV, go back as they came.
 */
export function reflectTlvs(view: DataView, at: number, end: number): void {
  while (end - at >= TLV_HEADER) {
    const next = at + TLV_HEADER + view.getUint16(at + 2);
    const flags = view.getUint8(at + 1) === TLV_EXTRA_PADDING ? 0 : TlvFlag.U;
    view.setUint8(at, next > end ? flags | TlvFlag.M : flags);
    at = next;
  }
}

/** Writes one Extra Padding header at `at` for a value of `length` octets. */
export function putExtraPadding(view: DataView, at: number, length: number): void {
  view.setUint8(at, TlvFlag.U);
  view.setUint8(at + 1, TLV_EXTRA_PADDING);
  view.setUint16(at + 2, length);
}
