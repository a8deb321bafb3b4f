/**
 * What a UDP payload can be for the packets that traffic profiles shape.
 *
 * @module
 */
import type { PacketShape } from "../../core/plugin.ts";
import { TLV_HEADER } from "../../core/wire/tlv.ts";

const UDP_HEADER = 8;
const IP_HEADER = { 4: 20, 6: 40 };
/** Without FCS, which captures do not show. */
export const ETHERNET_HEADER = 14;

/** Octets of an IP packet that are not UDP payload. */
export function overhead(family: 4 | 6): number {
  return IP_HEADER[family] + UDP_HEADER;
}

/** What STAMP padding costs besides its octets: it is the value of an Extra Padding TLV (RFC 8972 section 4.1). */
export function paddingHeader(packet: PacketShape): number {
  return packet.protocol === "stamp" ? TLV_HEADER : 0;
}

/** Whether `payload` is above the base packet and has yet no room for the header of the padding. */
export function isBetween(payload: number, packet: PacketShape): boolean {
  return payload > packet.base && payload < packet.base + paddingHeader(packet);
}
