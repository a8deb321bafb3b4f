/**
 * Reflected Test Packet Control (RFC 10052): how long replies shall be, how many to a probe, and how far apart. How much
 * of that is done is decided when the rest of the packet is known: `core/session/reply_control.ts`.
 *
 * @module
 */
import { isMappedIpv4 } from "../../core/address.ts";
import { type Batch, LOCAL_SIZE } from "../../core/batch.ts";
import { OptionError } from "../../core/errors.ts";
import type { TlvPlugin } from "../../core/plugin.ts";
import type { TlvHost } from "../../core/tlv.ts";
import { TLV_HEADER, TlvFlag } from "../../core/wire/tlv.ts";
import { CONTROL_VALUE, ControlSub, TlvType } from "../../core/wire/tlv_layouts.ts";
import { isUnknown } from "./octets.ts";
import { isChain, subEnd } from "./sub_tlv.ts";

const FIXED = 8;
/** The least that the text allows: the fixed fields and the header of an empty sub-TLV. Older senders stop at 8. */
const LENGTH = 12;

function lengthOk(type: number, length: number): boolean {
  if (type === ControlSub.LAYER2_GROUP) return length === 4 || length === 12 || length === 16;
  if (type === ControlSub.LAYER3_GROUP) return length === 8 || length === 20;
  return true;
}

/** Whether this host is of the group in the value of `length` octets at `at`: prefix length, three zeros, prefix. */
function isInGroup(host: TlvHost, batch: Batch, slot: number, at: number, length: number): boolean {
  if (matches(batch.view, at, length, batch.local, slot * LOCAL_SIZE)) return true;
  if (!isUnknown(host.address, 0)) return matches(batch.view, at, length, host.address, 0);
  for (let i = 0; i < host.addresses.length; i += 16) {
    if (matches(batch.view, at, length, host.addresses, i)) return true;
  }
  return false;
}

function matches(view: DataView, at: number, length: number, octets: Uint8Array, from: number): boolean {
  const size = length - 4;
  const bits = view.getUint8(at);
  if (bits > size * 8 || (size === 4) !== isMappedIpv4(octets, from)) return false;
  for (let bit = 0; bit < bits; bit += 8) {
    const i = bit >> 3;
    const mask = bits - bit >= 8 ? 0xff : (0xff00 >> (bits - bit)) & 0xff;
    if ((view.getUint8(at + 4 + i) ^ octets[from + 16 - size + i]) & mask) return false;
  }
  return true;
}

function wholeNumber(option: string, value: unknown, least: number, most: number): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw new OptionError(`${option} ${value} of the control TLV is out of range: give ${least} to ${most}`);
}

export const control: TlvPlugin = {
  api: 1,
  kind: "tlv",
  name: "control",
  type: TlvType.CONTROL,
  summary: "Reflected Test Packet Control: how long, how many, how far apart; the responder needs --allow-control",
  options: [
    { name: "length", type: "size", default: 0, summary: "octets of a reply; 0: no more than it needs" },
    { name: "count", type: "number", default: 1, summary: "replies to a probe" },
    { name: "interval", type: "duration", default: "0", summary: "between them" },
  ],
  create(options) {
    const length = wholeNumber("length", options.length, 0, 65_507);
    const count = wholeNumber("count", options.count, 0, 65_535);
    const interval = wholeNumber("interval", options.interval, 0, 0xffff_ffff);
    return {
      type: TlvType.CONTROL,
      name: "control",
      layout: CONTROL_VALUE,
      length: LENGTH,
      asksSeveral: count > 1,
      write(view, at) {
        view.setUint16(at, length);
        view.setUint16(at + 2, count);
        view.setUint32(at + 4, interval);
      },
      read(view, at, length, out) {
        if (length < FIXED) return;
        out["control.length"] = view.getUint16(at);
        out["control.count"] = view.getUint16(at + 2);
        out["control.interval"] = view.getUint32(at + 4);
      },
    };
  },
  answer: {
    type: TlvType.CONTROL,
    reflect(context, batch, slot, at, length) {
      const { host } = context;
      const { view } = batch;
      if (!host.allowControl || context.controlAt >= 0) return TlvFlag.U;
      if ((length < LENGTH && length !== FIXED) || !isChain(view, at + FIXED, at + length, lengthOk)) return TlvFlag.M;
      if (context.noReply) {
        // No reply, and several: neither.
        view.setUint8(context.returnPathAt - TLV_HEADER, TlvFlag.U);
        context.noReply = false;
        return TlvFlag.U;
      }
      for (let sub = at + FIXED; sub < at + length; sub = subEnd(view, sub)) {
        const type = view.getUint8(sub + 1);
        // A UDP socket does not know its MAC addresses: of no group of them.
        if (type === ControlSub.LAYER2_GROUP) context.controlDrop = true;
        else if (type === ControlSub.LAYER3_GROUP) {
          if (!isInGroup(host, batch, slot, sub + TLV_HEADER, view.getUint16(sub + 2))) context.controlDrop = true;
        } else if (type !== 0) view.setUint8(sub, TlvFlag.U);
        if (type === ControlSub.LAYER3_GROUP) view.setUint8(sub, 0);
      }
      if (view.getUint16(at + 2) === 0) context.controlDrop = true;
      context.controlAt = at;
      return 0;
    },
  },
};
