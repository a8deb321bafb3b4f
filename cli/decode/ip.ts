/**
 * From IP to the payload of UDP or TCP (RFC 791, RFC 8200, RFC 768, RFC 9293). Every length is held against the frame it
 * is in.
 *
 * @module
 */
import ipaddr from "ipaddr.js";
import type { Skip } from "./frame.ts";

/** A UDP datagram in a buffer. */
export interface Udp {
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** TTL or hop limit. */
  readonly ttl: number;
  /** TOS or traffic class. */
  readonly tos: number;
  /** Where the payload starts. */
  readonly at: number;
  /** Octets of payload in the buffer. */
  readonly length: number;
  /** Octets of payload on the wire; more than `length` if the capture cut it short. */
  readonly size: number;
}

/** A TCP segment in a buffer. */
export interface Tcp extends Udp {
  /** Of its first octet. */
  readonly sequence: number;
  /** It opens a direction, whose first octet is one after this segment's number. */
  readonly syn: boolean;
  readonly ack: boolean;
}

/** An IP header read as far as UDP or TCP. */
interface Ip extends Pick<Udp, "source" | "destination" | "ttl" | "tos"> {
  readonly protocol: number;
  /** Where UDP or TCP starts. */
  readonly next: number;
  /** Where the IP packet ends on the wire. */
  readonly wireEnd: number;
}

const UDP = 17;
const TCP = 6;
const IPV4_HEADER = 20;
const IPV6_HEADER = 40;
const UDP_HEADER = 8;
const TCP_HEADER = 20;
const Flag = { SYN: 2, ACK: 16 } as const;

/** Extension headers that lead on. */
const Extension = { HOP_BY_HOP: 0, ROUTING: 43, FRAGMENT: 44, AUTHENTICATION: 51, DESTINATION: 60 } as const;

/** What the IP packet at `at` holds; the file has octets to `end`, the wire had them to `wireEnd`. */
export function readTransport(view: DataView, at: number, end: number, wireEnd: number): Udp | Tcp | Skip {
  if (at >= end) return "cut";
  const version = view.getUint8(at) >> 4;
  if (version !== 4 && version !== 6) return "notIp";
  const ip = version === 4 ? readIpv4(view, at, end, wireEnd) : readIpv6(view, at, end, wireEnd);
  if (typeof ip === "string") return ip;
  return ip.protocol === TCP ? readTcp(view, ip, end) : readUdp(view, ip, end);
}

/** Whether it is TCP that {@link readTransport} found. */
export function isTcp(found: Udp | Tcp): found is Tcp {
  return "sequence" in found;
}

function readUdp(view: DataView, ip: Ip, end: number): Udp | Skip {
  const { source, destination, ttl, tos, next } = ip;
  if (ip.wireEnd - next < UDP_HEADER) return "malformed";
  if (end - next < UDP_HEADER) return "cut";
  const size = view.getUint16(next + 4) - UDP_HEADER;
  const payload = next + UDP_HEADER;
  if (size < 0 || size > ip.wireEnd - payload) return "malformed";
  return {
    source,
    destination,
    sourcePort: view.getUint16(next),
    destinationPort: view.getUint16(next + 2),
    ttl,
    tos,
    at: payload,
    length: Math.min(size, end - payload),
    size,
  };
}

/** A segment without a whole header is nobody's: there is no port to know it by. */
function readTcp(view: DataView, ip: Ip, end: number): Tcp | Skip {
  const { source, destination, ttl, tos, next } = ip;
  if (ip.wireEnd - next < TCP_HEADER || end - next < TCP_HEADER) return "notUdp";
  const header = (view.getUint8(next + 12) >> 4) * 4;
  const payload = next + header;
  const size = ip.wireEnd - payload;
  if (header < TCP_HEADER || size < 0) return "notUdp";
  const flags = view.getUint8(next + 13);
  return {
    source,
    destination,
    sourcePort: view.getUint16(next),
    destinationPort: view.getUint16(next + 2),
    ttl,
    tos,
    // A capture may cut the header's options: then the payload would begin behind all that there is.
    at: Math.min(payload, end),
    length: Math.max(0, Math.min(size, end - payload)),
    size,
    sequence: view.getUint32(next + 4),
    syn: (flags & Flag.SYN) !== 0,
    ack: (flags & Flag.ACK) !== 0,
  };
}

function readIpv4(view: DataView, at: number, end: number, wireEnd: number): Ip | Skip {
  if (end - at < IPV4_HEADER) return "cut";
  const header = (view.getUint8(at) & 0xf) * 4;
  // 0 is what a host captures of its own packets when the network card is to divide them.
  const total = view.getUint16(at + 2) || wireEnd - at;
  if (header < IPV4_HEADER || total < header || at + total > wireEnd) return "malformed";
  const protocol = view.getUint8(at + 9);
  if (protocol !== UDP && protocol !== TCP) return "notUdp";
  // More Fragments, or an offset: neither holds a whole datagram.
  if ((view.getUint16(at + 6) & 0x3fff) !== 0) return "fragments";
  return {
    source: address(view, at + 12, 4),
    destination: address(view, at + 16, 4),
    ttl: view.getUint8(at + 8),
    tos: view.getUint8(at + 1),
    protocol,
    next: at + header,
    wireEnd: at + total,
  };
}

function readIpv6(view: DataView, at: number, end: number, wireEnd: number): Ip | Skip {
  if (end - at < IPV6_HEADER) return "cut";
  const ipEnd = at + IPV6_HEADER + (view.getUint16(at + 4) || wireEnd - at - IPV6_HEADER);
  if (ipEnd > wireEnd) return "malformed";
  let protocol = view.getUint8(at + 6);
  let next = at + IPV6_HEADER;
  while (protocol !== UDP && protocol !== TCP) {
    if (!isExtension(protocol)) return "notUdp";
    if (next + 8 > ipEnd) return "malformed";
    if (next + 8 > end) return "cut";
    // Offset and M, without the two reserved bits between: a fragment that is the whole packet is none (RFC 6946).
    if (protocol === Extension.FRAGMENT && (view.getUint16(next + 2) & 0xfff9) !== 0) return "fragments";
    const size = extensionSize(protocol, view.getUint8(next + 1));
    protocol = view.getUint8(next);
    next += size;
  }
  return {
    source: address(view, at + 8, 16),
    destination: address(view, at + 24, 16),
    ttl: view.getUint8(at + 7),
    tos: (view.getUint16(at) >> 4) & 0xff,
    protocol,
    next,
    wireEnd: ipEnd,
  };
}

function isExtension(protocol: number): boolean {
  return (Object.values(Extension) as number[]).includes(protocol);
}

/** Octets of an extension header; the authentication header counts in fours (RFC 8200 section 4, RFC 4302). */
function extensionSize(protocol: number, length: number): number {
  if (protocol === Extension.FRAGMENT) return 8;
  return protocol === Extension.AUTHENTICATION ? (length + 2) * 4 : (length + 1) * 8;
}

function address(view: DataView, at: number, size: number): string {
  return ipaddr.fromByteArray([...new Uint8Array(view.buffer, view.byteOffset + at, size)]).toString();
}
