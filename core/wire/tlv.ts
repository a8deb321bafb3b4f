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
  /** In a reply: the reflector could not do as it was asked (Reflected Test Packet Control, RFC 10052). */
  C: 0x10,
} as const;

/** Extra Padding (RFC 8972 section 4.1): a value of any length that means nothing. */
export const TLV_EXTRA_PADDING = 1;
/** HMAC (RFC 8972 section 4.8). */
export const TLV_HMAC = 8;
/** Octets of its value. */
export const TLV_HMAC_LENGTH = 16;

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

/** Writes the header of a TLV at `at`, as a sender does, for a value of `length` octets. */
export function putTlvHeader(view: DataView, at: number, type: number, length: number): void {
  view.setUint8(at, TlvFlag.U);
  view.setUint8(at + 1, type);
  view.setUint16(at + 2, length);
}

/** Writes one Extra Padding header at `at` for a value of `length` octets. */
export function putExtraPadding(view: DataView, at: number, length: number): void {
  putTlvHeader(view, at, TLV_EXTRA_PADDING, length);
}

/**
 * Where the HMAC TLV starts among those at `at` to `end`; `end` if there is none. -1 if it is not whole, or stands where
 * it may not: all TLVs precede it but Extra Padding (RFC 8972 section 4.8).
 */
export function findHmacTlv(view: DataView, at: number, end: number): number {
  let found = end;
  while (end - at >= TLV_HEADER) {
    const type = view.getUint8(at + 1);
    const length = view.getUint16(at + 2);
    const next = at + TLV_HEADER + length;
    if (type === TLV_HMAC) {
      if (found !== end || length !== TLV_HMAC_LENGTH || next > end) return -1;
      found = at;
    } else if (found !== end && type !== TLV_EXTRA_PADDING) return -1;
    at = next;
  }
  return found;
}

/** Whether one Extra Padding TLV is all there is at `at` to `end`: it needs no HMAC TLV (RFC 8972 section 4.8). */
export function isPaddingAlone(view: DataView, at: number, end: number): boolean {
  return end - at >= TLV_HEADER && view.getUint8(at + 1) === TLV_EXTRA_PADDING &&
    at + TLV_HEADER + view.getUint16(at + 2) === end;
}
