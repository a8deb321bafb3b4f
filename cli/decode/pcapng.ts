/**
 * The newer capture file: blocks that say their type and length, in sections of either byte order. Section headers,
 * interface descriptions, enhanced and simple packets are read; blocks of any other type are passed over.
 *
 * @module
 */
import { type CaptureReport, type CaptureTime, captureTime, type Frame } from "./frame.ts";

const SECTION_HEADER = 0x0a0d0d0a;
const BYTE_ORDER = 0x1a2b3c4d;
const INTERFACE = 1;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;
/** Type and length in front, length again behind. */
const BLOCK_FRAME = 12;
const OPTION_TIME_RESOLUTION = 9;
const OPTION_TIME_OFFSET = 14;

/** What an Interface Description Block says. */
interface Interface {
  readonly link: number;
  /** Octets at which frames are cut; 0 for none. */
  readonly snap: number;
  readonly ticksPerSecond: bigint;
  readonly offsetSeconds: bigint;
}

/** Whether the octets start as a pcapng file. */
export function isPcapng(view: DataView): boolean {
  return view.byteLength >= 4 && view.getUint32(0) === SECTION_HEADER;
}

/** The frames of a pcapng file; stops, with the reason in `report`, where a length cannot be. */
export function* readPcapng(view: DataView, report: CaptureReport): Generator<Frame> {
  let little = false;
  let interfaces: Interface[] = [];
  let at = 0;
  while (at < view.byteLength) {
    const left = view.byteLength - at;
    if (left < BLOCK_FRAME) {
      report.broken = `the block at octet ${at} breaks off: ${left} octets are left, it has ${BLOCK_FRAME} or more`;
      return;
    }
    const isSection = view.getUint32(at) === SECTION_HEADER;
    if (isSection) {
      little = view.getUint32(at + 8, true) === BYTE_ORDER;
      if (!little && view.getUint32(at + 8) !== BYTE_ORDER) {
        report.broken = `the section at octet ${at} has no byte order mark`;
        return;
      }
      interfaces = [];
    }
    const length = view.getUint32(at + 4, little);
    if (
      length < BLOCK_FRAME || length % 4 !== 0 || length > left || view.getUint32(at + length - 4, little) !== length
    ) {
      report.broken = `the block at octet ${at} says ${length} octets, ${left} are left or its two lengths differ`;
      return;
    }
    const type = view.getUint32(at, little);
    const body = at + 8;
    const end = at + length - 4;
    if (type === INTERFACE) interfaces.push(readInterface(view, body, end, little));
    else if (type === ENHANCED_PACKET || type === SIMPLE_PACKET) {
      report.frames++;
      const frame = type === SIMPLE_PACKET
        ? readSimple(view, body, end, little, interfaces, report.frames)
        : readEnhanced(view, body, end, little, interfaces, report.frames);
      if (frame === undefined) report.skipped.malformed++;
      else yield frame;
    }
    at += length;
  }
}

function readInterface(view: DataView, at: number, end: number, little: boolean): Interface {
  // A block too short to be a description still takes its number, so that later ones keep theirs.
  if (end - at < 8) return { link: -1, snap: 0, ticksPerSecond: 1_000_000n, offsetSeconds: 0n };
  const link = view.getUint16(at, little);
  const snap = view.getUint32(at + 4, little);
  let ticksPerSecond = 1_000_000n;
  let offsetSeconds = 0n;
  let option = at + 8;
  while (end - option >= 4) {
    const code = view.getUint16(option, little);
    const size = view.getUint16(option + 2, little);
    const value = option + 4;
    if (code === 0 || size > end - value) break;
    if (code === OPTION_TIME_RESOLUTION && size === 1) {
      const power = view.getUint8(value);
      ticksPerSecond = (power & 0x80 ? 2n : 10n) ** BigInt(power & 0x7f);
    } else if (code === OPTION_TIME_OFFSET && size === 8) offsetSeconds = view.getBigInt64(value, little);
    option = value + size + (-size & 3);
  }
  return { link, snap, ticksPerSecond, offsetSeconds };
}

function readEnhanced(
  view: DataView,
  at: number,
  end: number,
  little: boolean,
  interfaces: readonly Interface[],
  number: number,
): Frame | undefined {
  if (end - at < 20) return undefined;
  const from = interfaces[view.getUint32(at, little)];
  const length = view.getUint32(at + 12, little);
  if (from === undefined || length > end - at - 20) return undefined;
  const ticks = (BigInt(view.getUint32(at + 4, little)) << 32n) | BigInt(view.getUint32(at + 8, little));
  const size = Math.max(length, view.getUint32(at + 16, little));
  return { number, time: timeOf(ticks, from), link: from.link, at: at + 20, length, size };
}

/** Has no time, no interface (the first is meant) and no length of its own but that on the wire. */
function readSimple(
  view: DataView,
  at: number,
  end: number,
  little: boolean,
  interfaces: readonly Interface[],
  number: number,
): Frame | undefined {
  const from = interfaces[0];
  if (from === undefined || end - at < 4) return undefined;
  const size = view.getUint32(at, little);
  const length = Math.min(size, end - at - 4, from.snap || Infinity);
  return { number, time: undefined, link: from.link, at: at + 4, length, size };
}

function timeOf(ticks: bigint, { ticksPerSecond, offsetSeconds }: Interface): CaptureTime | undefined {
  const nanos = (ticks % ticksPerSecond) * 1_000_000_000n / ticksPerSecond;
  return captureTime(Number(ticks / ticksPerSecond + offsetSeconds), Number(nanos));
}
