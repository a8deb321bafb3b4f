/**
 * Makes frames and capture files, octet by octet, for tests of what reads them.
 *
 * @module
 */

/** Octets one after another; a number is one octet. */
export function join(...parts: (number | Uint8Array)[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => typeof part === "number" ? [part] : [...part]));
}

export function u16(value: number, little = false): Uint8Array {
  const octets = new Uint8Array(2);
  new DataView(octets.buffer).setUint16(0, value, little);
  return octets;
}

export function u32(value: number, little = false): Uint8Array {
  const octets = new Uint8Array(4);
  new DataView(octets.buffer).setUint32(0, value, little);
  return octets;
}

export function udp(payload: Uint8Array, from = 20000, to = 20001): Uint8Array {
  return join(u16(from), u16(to), u16(8 + payload.length), u16(0), payload);
}

/** An IPv4 packet from 192.0.2.1 to 192.0.2.2; `fragment` is flags and offset, `options` a multiple of 4 octets. */
export function ipv4(
  body: Uint8Array,
  { ttl = 64, tos = 0x88, protocol = 17, fragment = 0x4000, options = new Uint8Array() as Uint8Array } = {},
): Uint8Array {
  const header = 20 + options.length;
  return join(
    join(0x40 | (header / 4), tos, u16(header + body.length), u16(1), u16(fragment), ttl, protocol, u16(0)),
    Uint8Array.of(192, 0, 2, 1, 192, 0, 2, 2),
    options,
    body,
  );
}

/** An IPv6 packet from 2001:db8::1 to 2001:db8::2; `extensions` are put in front of `body` as they are. */
export function ipv6(body: Uint8Array, { hops = 64, traffic = 0x88, next = 17, extensions = [] as Uint8Array[] } = {}) {
  const rest = join(...extensions, body);
  const address = (last: number) => join(0x20, 0x01, 0x0d, 0xb8, new Uint8Array(11), last);
  return join(u32(0x6000_0000 | (traffic << 20)), u16(rest.length), next, hops, address(1), address(2), rest);
}

export function ethernet(ip: Uint8Array, tags: number[] = []): Uint8Array {
  const type = ip[0] >> 4 === 6 ? 0x86dd : 0x0800;
  return join(new Uint8Array(12), ...tags.flatMap((tag) => [u16(tag), u16(7)]), u16(type), ip);
}

/** A frame for {@link pcap}: its octets, when, and how many the wire had. */
export interface Shot {
  readonly octets: Uint8Array;
  readonly seconds?: number;
  /** Microseconds or nanoseconds, as the file has it. */
  readonly fraction?: number;
  readonly size?: number;
}

/** A classic capture file. */
export function pcap(shots: readonly Shot[], { link = 1, nanos = false, little = false } = {}): Uint8Array {
  const word = (value: number) => u32(value, little);
  const magic = word(nanos ? 0xa1b23c4d : 0xa1b2c3d4);
  const header = join(magic, u16(2, little), u16(4, little), word(0), word(0), word(262144), word(link));
  const records = shots.map(({ octets, seconds = 1767225600, fraction = 0, size = octets.length }) =>
    join(word(seconds), word(fraction), word(octets.length), word(size), octets)
  );
  return join(header, ...records);
}

/** A block of a pcapng file, padded to four octets. */
export function block(type: number, body: Uint8Array, little = false): Uint8Array {
  const padded = join(body, new Uint8Array(-body.length & 3));
  return join(u32(type, little), u32(12 + padded.length, little), padded, u32(12 + padded.length, little));
}

export function sectionBlock(little = false): Uint8Array {
  const unknownLength = new Uint8Array(8).fill(0xff);
  return block(0x0a0d0d0a, join(u32(0x1a2b3c4d, little), u16(1, little), u16(0, little), unknownLength), little);
}

export function option(code: number, value: Uint8Array, little = false): Uint8Array {
  return join(u16(code, little), u16(value.length, little), value, new Uint8Array(-value.length & 3));
}

export function interfaceBlock(
  { link = 1, snap = 0, options = new Uint8Array() as Uint8Array, little = false } = {},
): Uint8Array {
  return block(1, join(u16(link, little), u16(0), u32(snap, little), options), little);
}

export function enhancedBlock(
  octets: Uint8Array,
  { from = 0, ticks = 0n, size = octets.length, little = false } = {},
): Uint8Array {
  const time = [u32(Number(ticks >> 32n), little), u32(Number(ticks & 0xffff_ffffn), little)];
  const lengths = [u32(octets.length, little), u32(size, little)];
  return block(6, join(u32(from, little), ...time, ...lengths, octets), little);
}

export function simpleBlock(octets: Uint8Array, size = octets.length): Uint8Array {
  return block(3, join(u32(size), octets));
}

const SYN = 2;
const ACK = 16;

/** A TCP segment. */
export function tcp(
  payload: Uint8Array,
  {
    from = 40000,
    to = 862,
    sequence = 1,
    syn = false,
    ack = true,
    options = new Uint8Array() as Uint8Array,
  } = {},
): Uint8Array {
  const flags = (syn ? SYN : 0) | (ack ? ACK : 0);
  const header = join((20 + options.length) << 2, flags, u16(0xffff), u16(0), u16(0), options);
  return join(u16(from), u16(to), u32(sequence), u32(0), header, payload);
}
