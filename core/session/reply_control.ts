/**
 * What a Reflected Test Packet Control TLV gets (RFC 10052): a reply of the length that was asked for, and several of
 * them, within what the host allows; C where that is less.
 *
 * @module
 */
import type { Batch } from "../batch.ts";
import type { TlvHost } from "../tlv.ts";
import { TLV_EXTRA_PADDING, TLV_HEADER, TlvFlag } from "../wire/tlv.ts";

/** Octets of the TLVs at `at` to `end`, Extra Padding left out; they are whole. */
function lengthWithoutPadding(view: DataView, at: number, end: number): number {
  let length = 0;
  while (at < end) {
    const size = TLV_HEADER + view.getUint16(at + 2);
    if (view.getUint8(at + 1) !== TLV_EXTRA_PADDING) length += size;
    at += size;
  }
  return length;
}

/** Takes Extra Padding out of the TLVs at `at` to `end`; returns where they end now. */
function dropPadding(view: DataView, bytes: Uint8Array, at: number, end: number): number {
  let to = at;
  while (at < end) {
    const next = at + TLV_HEADER + view.getUint16(at + 2);
    if (view.getUint8(at + 1) !== TLV_EXTRA_PADDING) {
      if (to !== at) bytes.copyWithin(to, at, next);
      to += next - at;
    }
    at = next;
  }
  return to;
}

/**
 * Makes the reply in `slot` as long as the TLV whose value is at `control` asks, by Extra Padding at its end; returns how
 * many replies there shall be. All its TLVs are whole. `amplification`: octets that may be sent for one of the probe;
 * `room`: whether more than one reply can be had.
 */
export function controlReply(
  batch: Batch,
  slot: number,
  base: number,
  control: number,
  { maxReply }: TlvHost,
  amplification: number,
  room: boolean,
): number {
  const { view, bytes, length, stride } = batch;
  const start = slot * stride;
  const probe = length[slot];
  const least = base + lengthWithoutPadding(view, start + base, start + probe);
  const asked = (view.getUint16(control) + 3) & ~3;
  let count = view.getUint16(control + 2);
  let want = asked > least ? asked : least;
  const most = Math.min(maxReply, stride);
  const limit = probe * amplification;
  let conforms = true;
  // What has no room once has none again.
  if (want > most && (want > least || count > 1)) {
    want = most > least ? most : least;
    conforms = false;
  }
  if (want * count > limit || (count > 1 && !room)) conforms = false;
  if (!conforms) {
    count = 1;
    if (want > limit) want = probe;
  }
  // Padding is a TLV, so one to three octets of it cannot be had.
  const padding = want - least;
  if (padding > 0 && padding < TLV_HEADER && conforms) {
    conforms = false;
    count = 1;
  }
  const at = dropPadding(view, bytes, start + base, start + probe);
  if (padding >= TLV_HEADER) {
    view.setUint8(at, 0);
    view.setUint8(at + 1, TLV_EXTRA_PADDING);
    view.setUint16(at + 2, padding - TLV_HEADER);
    bytes.fill(0, at + TLV_HEADER, start + want);
    length[slot] = want;
  } else length[slot] = least;
  if (!conforms) markControl(view, start + base, start + length[slot]);
  return count;
}

/** Sets C in the first Reflected Test Packet Control TLV that was followed; it may have moved. */
function markControl(view: DataView, at: number, end: number): void {
  for (; at < end; at += TLV_HEADER + view.getUint16(at + 2)) {
    if (view.getUint8(at + 1) !== CONTROL || view.getUint8(at) & TlvFlag.U) continue;
    view.setUint8(at, view.getUint8(at) | TlvFlag.C);
    return;
  }
}
/** The type of Reflected Test Packet Control. */
const CONTROL = 12;
