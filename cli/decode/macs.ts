/**
 * Checks the HMACs of a STAMP packet: of the base packet in authenticated mode, and of the HMAC TLV in both.
 *
 * @module
 */
import type { StampKeys } from "../../core/session/stamp_seal.ts";
import type { DissectedField, Dissection } from "../../core/wire/dissect.ts";
import { isSealedKind, offsetsOf } from "../../core/wire/guess.ts";
import { STAMP_HMAC } from "../../core/wire/stamp_sealed.ts";
import { findHmacTlv, TLV_HEADER, TlvFlag } from "../../core/wire/tlv.ts";
import type { Packet } from "./packet.ts";

/** What is said of `packet`, with what its HMACs are, as far as there are any, and all that they cover is there. */
export function checkMacs(packet: Packet, found: Dissection, keys: StampKeys): Dissection {
  const { view, at, length, size } = packet;
  const { kind, layout } = found;
  const tlv = kind.startsWith("stamp") ? findHmacTlv(view, at + layout.size, at + length) - at : length;
  const hasTlv = tlv >= layout.size && tlv < length;
  if (length < size || length < layout.size || !(isSealedKind(kind) || hasTlv)) return found;
  const { SSID, SEQ } = offsetsOf(kind);
  const ssid = view.getUint16(at + SSID);
  const seal = keys.of(ssid);
  const warnings: string[] = [];
  const right: number[] = [];
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  if (seal === undefined) warnings.push(`no key of SSID ${ssid} is in the key file: its HMAC is not checked`);
  else {
    if (isSealedKind(kind)) {
      if (seal.isGenuine(bytes, at)) right.push(STAMP_HMAC);
      else warnings.push("the HMAC is wrong: changed on the way, or made with another key");
    }
    if (hasTlv) {
      const macAt = at + tlv + TLV_HEADER;
      if (seal.verify(view, bytes, at + SEQ, at + layout.size, at + tlv, macAt)) right.push(tlv);
      else warnings.push(wrongTlv(kind.endsWith("reflector") ? view.getUint8(at + tlv) : 0));
    }
  }
  const marked = (field: DissectedField) =>
    right.includes(field.at) ? { ...field, value: `${field.value}, right` } : field;
  // First: what else is wrong is what came of it.
  return { ...found, fields: found.fields.map(marked), warnings: [...warnings, ...found.warnings] };
}

/** Why the HMAC TLV of a reply, or of a probe without `flags`, is wrong. */
function wrongTlv(flags: number): string {
  if (flags & TlvFlag.I) return "the HMAC TLV is the probe's, which the reflector found to be wrong";
  if (flags & TlvFlag.U) return "the HMAC TLV is the probe's: the reflector does not understand it";
  return "the HMAC TLV is wrong: TLVs were changed on the way, or it was made with another key";
}
