/**
 * Location (RFC 8972 section 4.2): which addresses and ports a probe arrived with, beyond whatever translates them.
 *
 * @module
 */
import { formatAddress, isMappedIpv4 } from "../../core/address.ts";
import { type Batch, LOCAL_SIZE, PEER_PORT, PEER_SIZE } from "../../core/batch.ts";
import type { TlvPlugin } from "../../core/plugin.ts";
import type { TlvAnswer, TlvValues } from "../../core/tlv.ts";
import { putTlvHeader, TLV_HEADER, TlvFlag } from "../../core/wire/tlv.ts";
import { LOCATION_VALUE, LocationSub, TlvType } from "../../core/wire/tlv_layouts.ts";
import { isUnknown, mappedAt } from "./octets.ts";
import { isChain, subEnd } from "./sub_tlv.ts";

const PORTS = 4;
const MAC = 8;
const IP = 16;

function lengthOk(type: number, length: number): boolean {
  if (type >= LocationSub.SOURCE_MAC && type <= LocationSub.SOURCE_EUI64) return length === MAC;
  if (type >= LocationSub.DESTINATION && type <= LocationSub.SOURCE_IPV6) return length === IP;
  return true;
}

/** Answers the request at `at`, whose value has 16 octets, with the address at `from` of `octets`. */
function putAddress(view: DataView, at: number, octets: Uint8Array, from: number, ipv4: number, ipv6: number): void {
  const isIpv4 = isMappedIpv4(octets, from);
  const size = isIpv4 ? 4 : IP;
  view.setUint8(at + 1, isIpv4 ? ipv4 : ipv6);
  for (let i = 0; i < IP; i++) {
    view.setUint8(at + TLV_HEADER + i, i < size ? octets[from + IP - size + i] : 0);
  }
}

const answer: TlvAnswer = {
  type: TlvType.LOCATION,
  reflect({ host }, batch, slot, at, length) {
    const { view, peer } = batch;
    const end = at + length;
    if (length < PORTS || !isChain(view, at + PORTS, end, lengthOk)) return TlvFlag.M;
    view.setUint16(at, host.port);
    view.setUint16(at + 2, (peer[slot * PEER_SIZE + PEER_PORT] << 8) | peer[slot * PEER_SIZE + PEER_PORT + 1]);
    for (let sub = at + PORTS; sub < end; sub = subEnd(view, sub)) {
      view.setUint8(sub, answerSub(batch, slot, sub, host.address));
      if (host.hideLocation && view.getUint8(sub) === 0) zero(view, sub + TLV_HEADER, subEnd(view, sub));
    }
    if (host.hideLocation) zero(view, at, at + PORTS);
    return 0;
  },
};

function zero(view: DataView, at: number, end: number): void {
  for (; at < end; at++) view.setUint8(at, 0);
}

/** Answers one sub-TLV; returns its flags. */
function answerSub(batch: Batch, slot: number, at: number, own: Uint8Array): number {
  const { view, peer, local } = batch;
  switch (view.getUint8(at + 1)) {
    case LocationSub.SOURCE_MAC:
      // A UDP socket is not told: EUI-64 with zeros is how a probe is answered that has none (section 4.2.2).
      view.setUint8(at + 1, LocationSub.SOURCE_EUI64);
      for (let i = 0; i < MAC; i++) view.setUint8(at + TLV_HEADER + i, 0);
      return 0;
    case LocationSub.DESTINATION:
      if (isUnknown(local, slot * LOCAL_SIZE)) putDestination(view, at, own, 0);
      else putDestination(view, at, local, slot * LOCAL_SIZE);
      // The family is that of the source (section 4.2.2), known or not.
      if (isUnknown(own, 0) && isUnknown(local, slot * LOCAL_SIZE) && isMappedIpv4(peer, slot * PEER_SIZE)) {
        view.setUint8(at + 1, LocationSub.DESTINATION_IPV4);
      }
      return 0;
    case LocationSub.SOURCE:
      putAddress(view, at, peer, slot * PEER_SIZE, LocationSub.SOURCE_IPV4, LocationSub.SOURCE_IPV6);
      return 0;
  }
  return TlvFlag.U;
}

function putDestination(view: DataView, at: number, octets: Uint8Array, from: number): void {
  putAddress(view, at, octets, from, LocationSub.DESTINATION_IPV4, LocationSub.DESTINATION_IPV6);
}

/** Sub-TLVs that ask, and the options that leave them out. */
const REQUESTS = [
  ["mac", LocationSub.SOURCE_MAC, MAC],
  ["destination", LocationSub.DESTINATION, IP],
  ["source", LocationSub.SOURCE, IP],
] as const;

function hex(view: DataView, at: number, size: number): string {
  return Array.from({ length: size }, (_, i) => view.getUint8(at + i).toString(16).padStart(2, "0")).join(":");
}

/** Reads the sub-TLV at `at`; what is zero is not known, and left out. */
function readSub(view: DataView, at: number, length: number, out: TlvValues): void {
  const value = at + TLV_HEADER;
  let any = 0;
  for (let i = 0; i < length; i++) any |= view.getUint8(value + i);
  if (any === 0) return;
  switch (view.getUint8(at + 1)) {
    case LocationSub.SOURCE_EUI48:
      if (length === MAC) out["location.mac"] = hex(view, value, 6);
      break;
    case LocationSub.SOURCE_EUI64:
      if (length === MAC) out["location.mac"] = hex(view, value, 8);
      break;
    case LocationSub.DESTINATION_IPV4:
    case LocationSub.DESTINATION_IPV6:
      if (length === IP) out["location.destination"] = text(view, at);
      break;
    case LocationSub.SOURCE_IPV4:
    case LocationSub.SOURCE_IPV6:
      if (length === IP) out["location.source"] = text(view, at);
  }
}

function text(view: DataView, at: number): string {
  const type = view.getUint8(at + 1);
  const isIpv4 = type === LocationSub.DESTINATION_IPV4 || type === LocationSub.SOURCE_IPV4;
  return formatAddress(mappedAt(view, at + TLV_HEADER, isIpv4 ? 4 : IP));
}

export const location: TlvPlugin = {
  api: 1,
  kind: "tlv",
  name: "location",
  type: TlvType.LOCATION,
  summary: "Location: the addresses and ports that probes arrive with",
  options: [
    { name: "mac", type: "boolean", default: true, summary: "ask for the source MAC address" },
    { name: "destination", type: "boolean", default: true, summary: "ask for the destination address" },
    { name: "source", type: "boolean", default: true, summary: "ask for the source address" },
  ],
  create(options) {
    const requests = REQUESTS.filter(([name]) => options[name]);
    return {
      type: TlvType.LOCATION,
      name: "location",
      layout: LOCATION_VALUE,
      length: requests.reduce((sum, [, , size]) => sum + TLV_HEADER + size, PORTS),
      write(view, at) {
        at += PORTS;
        for (const [, type, size] of requests) {
          putTlvHeader(view, at, type, size);
          at += TLV_HEADER + size;
        }
      },
      read(view, at, length, out) {
        if (length < PORTS) return;
        // Zeros: the far end does not tell.
        if (view.getUint16(at) !== 0) out["location.destinationPort"] = view.getUint16(at);
        if (view.getUint16(at + 2) !== 0) out["location.sourcePort"] = view.getUint16(at + 2);
        const end = at + length;
        for (let sub = at + PORTS; end - sub >= TLV_HEADER && subEnd(view, sub) <= end; sub = subEnd(view, sub)) {
          if ((view.getUint8(sub) & (TlvFlag.U | TlvFlag.M)) === 0) {
            readSub(view, sub, view.getUint16(sub + 2), out);
          }
        }
      },
    };
  },
  answer,
};
