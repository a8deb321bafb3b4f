/**
 * Return Path (RFC 9503 section 4): where replies shall go, or that there shall be none. A reflector follows it only
 * where its host allows, because it lets a sender have replies sent to somebody else (section 6).
 *
 * @module
 */
import { isMappedIpv4, parseAddress } from "../../core/address.ts";
import { type Batch, PEER_SIZE } from "../../core/batch.ts";
import { OptionError } from "../../core/errors.ts";
import type { PluginOptions, TlvPlugin } from "../../core/plugin.ts";
import type { TlvAnswer, TlvContext } from "../../core/tlv.ts";
import { putTlvHeader, TLV_HEADER, TlvFlag } from "../../core/wire/tlv.ts";
import { RETURN_PATH_VALUE, ReturnSub, TlvType } from "../../core/wire/tlv_layouts.ts";
import { isLoopback, isUnicast, putAddress } from "./octets.ts";
import { isChain, subEnd } from "./sub_tlv.ts";

const SAME_LINK = 1;

function lengthOk(type: number, length: number): boolean {
  switch (type) {
    case ReturnSub.CONTROL_CODE:
      return length === 4;
    case ReturnSub.ADDRESS:
      return length === 4 || length === 16;
    case ReturnSub.SR_MPLS:
      return length > 0 && length % 4 === 0;
    case ReturnSub.SRV6:
      return length > 0 && length % 16 === 0;
  }
  return true;
}

const answer: TlvAnswer = {
  type: TlvType.RETURN_PATH,
  reflect(context, batch, slot, at, length) {
    if (context.returnPathAt >= 0) return TlvFlag.U; // the first alone is looked at
    const { view } = batch;
    const end = at + length;
    if (length < TLV_HEADER || !isChain(view, at, end, lengthOk)) return TlvFlag.M;
    context.returnPathAt = at;
    if (!context.host.allowReturnPath) return TlvFlag.U;
    // A control code has all else ignored (section 4.1.1).
    const code = findSub(view, at, end, ReturnSub.CONTROL_CODE);
    if (code >= 0) return followCode(context, view, code);
    const address = findSub(view, at, end, ReturnSub.ADDRESS);
    if (address < 0 || !isOnlySub(view, at, end, address)) return TlvFlag.U;
    return followAddress(context, batch, slot, address);
  },
};

function findSub(view: DataView, at: number, end: number, type: number): number {
  for (; at < end; at = subEnd(view, at)) if (view.getUint8(at + 1) === type) return at;
  return -1;
}

/** A segment list besides the address would have to be followed too. */
function isOnlySub(view: DataView, at: number, end: number, sub: number): boolean {
  return at === sub && subEnd(view, sub) === end;
}

function followCode(context: TlvContext, view: DataView, sub: number): number {
  if (view.getUint32(sub + TLV_HEADER) & SAME_LINK) {
    if (!context.host.sameLink) return TlvFlag.U;
    view.setUint32(sub + TLV_HEADER, SAME_LINK); // all other bits are reserved
  } else if (context.controlAt >= 0) {
    // No reply, and several: neither (RFC 10052).
    view.setUint8(context.controlAt - TLV_HEADER, TlvFlag.U);
    context.controlAt = -1;
    context.controlDrop = false;
    return TlvFlag.U;
  } else context.noReply = true;
  view.setUint8(sub, 0);
  return 0;
}

function followAddress(context: TlvContext, batch: Batch, slot: number, sub: number): number {
  const { view, peer } = batch;
  const size = view.getUint16(sub + 2);
  const at = slot * PEER_SIZE;
  if ((size === 4) !== isMappedIpv4(peer, at)) return TlvFlag.U;
  const value = sub + TLV_HEADER;
  const { host, returnTo } = context;
  putAddress(view, value, size, returnTo, 0);
  // An IPv4 address in the form of an IPv6 one is of the other family, and no address of IPv6.
  if (!isUnicast(returnTo, 0) || isMappedIpv4(returnTo, 0) !== (size === 4)) return TlvFlag.U;
  // To others this host's own loopback is no way.
  if (isLoopback(returnTo, 0) && !isLoopback(peer, at)) return TlvFlag.U;
  if (!host.mayReturnTo(returnTo, 0)) return TlvFlag.U;
  context.redirected = true;
  view.setUint8(sub, 0);
  return 0;
}

type Sub = readonly [type: number, value: Uint8Array];

/** The sub-TLVs that the options ask for. */
function subsOf(options: PluginOptions): Sub[] {
  const subs: Sub[] = [];
  const { code, address, mpls, srv6 } = options;
  if (code !== undefined) subs.push([ReturnSub.CONTROL_CODE, Uint8Array.of(0, 0, 0, code === "same-link" ? 1 : 0)]);
  if (address !== undefined) subs.push([ReturnSub.ADDRESS, octetsOf("address", String(address))]);
  if (mpls !== undefined) subs.push([ReturnSub.SR_MPLS, labelsOf(String(mpls))]);
  if (srv6 !== undefined) subs.push([ReturnSub.SRV6, segmentsOf(String(srv6))]);
  if (subs.length === 0) throw new OptionError("the return-path TLV is empty: give code, address, mpls or srv6");
  if (code !== undefined && subs.length > 1) {
    throw new OptionError(`code ${code} of the return-path TLV goes with nothing else: leave the others out`);
  }
  if (mpls !== undefined && srv6 !== undefined) {
    throw new OptionError("mpls and srv6 of the return-path TLV are one list of segments each: give one");
  }
  return subs;
}

function octetsOf(option: string, text: string): Uint8Array {
  const address = parseAddress(text);
  if (address === undefined) throw new OptionError(`${option} '${text}' of the return-path TLV is no address`);
  return address.family === 4 ? address.octets.slice(12) : address.octets;
}

/** Label stack entries: the label in 20 bits, S on the last, TTL 255. */
function labelsOf(text: string): Uint8Array {
  const labels = text.split("+");
  return Uint8Array.from(labels.flatMap((label, i) => {
    const value = Number(label);
    if (!/^\d+$/.test(label) || value >= 2 ** 20) {
      throw new OptionError(`mpls '${text}' of the return-path TLV is no list of labels: write 16001+16002`);
    }
    return [value >> 12, (value >> 4) & 0xff, ((value & 15) << 4) | (i === labels.length - 1 ? 1 : 0), 255];
  }));
}

function segmentsOf(text: string): Uint8Array {
  return Uint8Array.from(
    text.split("+").flatMap((segment) => {
      const octets = octetsOf("srv6", segment);
      if (octets.length === 4) throw new OptionError(`srv6 '${segment}' of the return-path TLV is no IPv6 address`);
      return [...octets];
    }),
  );
}

export const returnPath: TlvPlugin = {
  api: 1,
  kind: "tlv",
  name: "return-path",
  type: TlvType.RETURN_PATH,
  summary: "Return Path: where replies shall go; the responder needs --allow-return-path",
  options: [
    { name: "code", type: "string", choices: ["no-reply", "same-link"], summary: "no reply, or on the same link" },
    { name: "address", type: "string", summary: "address that replies go to, with the port of the sender" },
    { name: "mpls", type: "string", summary: "SR-MPLS labels, the first on top: 16001+16002" },
    { name: "srv6", type: "string", summary: "SRv6 segments: 2001:db8::1+2001:db8::2" },
  ],
  create(options) {
    const subs = subsOf(options);
    return {
      type: TlvType.RETURN_PATH,
      name: "return-path",
      layout: RETURN_PATH_VALUE,
      length: subs.reduce((sum, [, value]) => sum + TLV_HEADER + value.length, 0),
      write(view, at) {
        for (const [type, value] of subs) {
          putTlvHeader(view, at, type, value.length);
          at += TLV_HEADER;
          for (let i = 0; i < value.length; i++) view.setUint8(at++, value[i]);
        }
      },
    };
  },
  answer,
};
