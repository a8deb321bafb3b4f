/**
 * The UDP datagrams of a capture file, pcap or pcapng, in order, and the TCP segments that somebody wants.
 *
 * @module
 */
import type { CaptureReport, CaptureTime, Frame } from "./frame.ts";
import { isTcp, readTransport, type Tcp, type Udp } from "./ip.ts";
import { findIp } from "./link.ts";
import { isPcap, readPcap } from "./pcap.ts";
import { isPcapng, readPcapng } from "./pcapng.ts";

/** A frame's number and time. */
interface Found {
  /** Of the frame it was in, from 1. */
  readonly number: number;
  readonly time: CaptureTime | undefined;
}

/** A datagram of a capture file; `at` counts from the start of the file. */
export type Datagram = Udp & Found;

/** A segment of a capture file; `at` counts from the start of the file. */
export type Segment = Tcp & Found;

/** Whether `octets` start as a capture file that {@link readDatagrams} knows. */
export function isCapture(octets: Uint8Array): boolean {
  const view = viewOf(octets);
  return isPcap(view) || isPcapng(view);
}

/**
 * Yields every whole UDP datagram of a capture, and the TCP segments that `wanted` takes; what is passed over is counted
 * in `report`, with the reason.
 */
export function* readDatagrams(
  octets: Uint8Array,
  report: CaptureReport,
  wanted: (segment: Tcp) => boolean = () => false,
): Generator<Datagram | Segment> {
  const view = viewOf(octets);
  for (const frame of isPcapng(view) ? readPcapng(view, report) : readPcap(view, report)) {
    const found = readFrame(view, frame);
    if (typeof found === "string") report.skipped[found]++;
    else if (isTcp(found) && !wanted(found)) report.skipped.notUdp++;
    else {
      if (isTcp(found)) report.segments++;
      else report.datagrams++;
      yield { number: frame.number, time: frame.time, ...found };
    }
  }
}

function readFrame(view: DataView, frame: Frame) {
  const ip = findIp(view, frame);
  return typeof ip === "string" ? ip : readTransport(view, ip, frame.at + frame.length, frame.at + frame.size);
}

function viewOf(octets: Uint8Array): DataView {
  return new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
}
