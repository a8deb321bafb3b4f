/**
 * The classic capture file: a header of 24 octets, then records of 16 octets and a frame each, in the byte order of
 * the machine that wrote it.
 *
 * @module
 */
import { type CaptureReport, captureTime, type Frame } from "./frame.ts";

const MAGIC_MICROS = 0xa1b2c3d4;
const MAGIC_NANOS = 0xa1b23c4d;
const FILE_HEADER = 24;
const RECORD_HEADER = 16;

/** Byte order and unit of a classic capture; undefined if `view` does not start as one. */
function readMagic(view: DataView): { little: boolean; nanosPerTick: number } | undefined {
  if (view.byteLength < 4) return undefined;
  for (const little of [false, true]) {
    const magic = view.getUint32(0, little);
    if (magic === MAGIC_MICROS) return { little, nanosPerTick: 1000 };
    if (magic === MAGIC_NANOS) return { little, nanosPerTick: 1 };
  }
  return undefined;
}

/** Whether the octets start as a classic capture. */
export function isPcap(view: DataView): boolean {
  return readMagic(view) !== undefined;
}

/** The frames of a classic capture; stops, with the reason in `report`, where a length cannot be. */
export function* readPcap(view: DataView, report: CaptureReport): Generator<Frame> {
  const format = readMagic(view);
  if (format === undefined) {
    report.broken = "it does not start as a pcap or pcapng file does";
    return;
  }
  if (view.byteLength < FILE_HEADER) {
    report.broken = `${view.byteLength} octets are too few for a capture file, whose header has ${FILE_HEADER}`;
    return;
  }
  const { little, nanosPerTick } = format;
  // The upper half says how long the frame check sequence is; frames end before it all the same.
  const link = view.getUint32(20, little) & 0xffff;
  let at = FILE_HEADER;
  while (at < view.byteLength) {
    const left = view.byteLength - at - RECORD_HEADER;
    if (left < 0) {
      report.broken = `the record at octet ${at} breaks off in its header`;
      return;
    }
    const length = view.getUint32(at + 8, little);
    if (length > left) {
      report.broken = `the record at octet ${at} says ${length} octets, ${left} are left`;
      return;
    }
    const time = captureTime(view.getUint32(at, little), view.getUint32(at + 4, little) * nanosPerTick);
    const size = Math.max(length, view.getUint32(at + 12, little));
    at += RECORD_HEADER;
    yield { number: ++report.frames, time, link, at, length, size };
    at += length;
  }
}
