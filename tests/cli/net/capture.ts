/** What a host's interface carries, by tcpdump: UDP datagrams with their IP headers, read by hand. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import assert from "node:assert/strict";
import { formatAddress } from "../../../core/address.ts";
import { tool, withFolder } from "../support.ts";
import type { Host } from "./hosts.ts";

/** A UDP datagram as it passed; of a fragment only the first. */
export interface Packet {
  /** Nanoseconds since the UNIX epoch. */
  readonly at: bigint;
  readonly family: 4 | 6;
  readonly tos: number;
  readonly ttl: number;
  /** Undefined with IPv6, which has no such bit. */
  readonly df: boolean | undefined;
  readonly fragment: boolean;
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly payload: Uint8Array;
}

/** Why nothing can be captured here; false if it can. */
export const noCapture = tool("tcpdump") === undefined && "no tcpdump (Debian: tcpdump)";

const ETHERNET = 14;
const NANOSECONDS = 0xa1b23c4d;
const FILE_HEADER = 24;
const RECORD_HEADER = 16;

function address(view: DataView, at: number, family: 4 | 6): string {
  const octets = new Uint8Array(view.buffer, view.byteOffset + at, family === 4 ? 4 : 16);
  return family === 4 ? octets.join(".") : formatAddress(octets);
}

/** Reads a packet whose IP header is at the start of `view`; undefined if it is not UDP. */
function readPacket(at: bigint, view: DataView): Packet | undefined {
  const family = view.getUint8(0) >> 4 === 4 ? 4 : 6;
  let udp = family === 4 ? 4 * (view.getUint8(0) & 15) : 40;
  let next = view.getUint8(family === 4 ? 9 : 6);
  let fragment = family === 4 && (view.getUint16(6) & 0x2000) !== 0;
  if (family === 4 && (view.getUint16(6) & 0x1fff) !== 0) return undefined;
  if (next === 44) { // IPv6 fragment header
    if ((view.getUint16(42) & 0xfff8) !== 0) return undefined;
    [fragment, next, udp] = [true, view.getUint8(40), 48];
  }
  if (next !== 17) return undefined;
  const from = view.byteOffset + udp + 8;
  return {
    at,
    family,
    tos: family === 4 ? view.getUint8(1) : (view.getUint16(0) >> 4) & 0xff,
    ttl: view.getUint8(family === 4 ? 8 : 7),
    df: family === 4 ? (view.getUint16(6) & 0x4000) !== 0 : undefined,
    fragment,
    source: address(view, family === 4 ? 12 : 8, family),
    destination: address(view, family === 4 ? 16 : 24, family),
    sourcePort: view.getUint16(udp),
    destinationPort: view.getUint16(udp + 2),
    payload: new Uint8Array(view.buffer, from, view.byteOffset + view.byteLength - from),
  };
}

/** The UDP datagrams of a capture file with stamps in nanoseconds; what is not written whole yet is left out. */
function readCapture(path: string): Packet[] {
  const bytes = new Uint8Array(readFileSync(path));
  const file = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < FILE_HEADER) return [];
  assert.equal(file.getUint32(0, true), NANOSECONDS, "a capture in nanoseconds");
  const packets: Packet[] = [];
  for (let at = FILE_HEADER; at + RECORD_HEADER <= bytes.length;) {
    const length = file.getUint32(at + 8, true);
    const data = at + RECORD_HEADER;
    if (data + length > bytes.length) break;
    const time = BigInt(file.getUint32(at, true)) * 1_000_000_000n + BigInt(file.getUint32(at + 4, true));
    const packet = readPacket(time, new DataView(bytes.buffer, bytes.byteOffset + data + ETHERNET, length - ETHERNET));
    if (packet !== undefined) packets.push(packet);
    at = data + length;
  }
  return packets;
}

/** How long what is expected may take to be in the file. */
const LATEST_MS = 5000;

/** Has tcpdump write what `filter` lets through on `device` of `host` to a file while `use` runs. */
export async function recording<T>(
  host: Host,
  device: string,
  filter: string,
  use: (path: string) => Promise<T>,
): Promise<T> {
  return await withFolder(async (folder) => {
    const path = join(folder, "capture.pcap");
    const line = ["netns", "exec", host.netns, "tcpdump", "-i", device, "-n", "-U", "-w", path];
    const child = spawn("ip", [...line, "--immediate-mode", "--time-stamp-precision=nano", "-Z", "root", filter], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    const ended = once(child, "close");
    try {
      await new Promise<void>((resolve, reject) => {
        let said = "";
        // Said after the filter is set, and nothing is captured later than that.
        child.stderr.setEncoding("utf8").on("data", (text: string) => {
          said += text;
          if (said.includes("listening on")) resolve();
        });
        child.on("close", () => reject(new Error(`tcpdump ended: ${said}`)));
      });
      return await use(path);
    } finally {
      child.kill("SIGINT");
      await ended;
    }
  });
}

/** What `look` finds, as soon as `isEnough` says so, or when it takes too long. */
export async function awaited<T>(look: () => T, isEnough: (found: T) => boolean): Promise<T> {
  const until = performance.now() + LATEST_MS;
  for (;;) {
    const found = look();
    if (isEnough(found) || performance.now() > until) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/**
 * Captures UDP on `device` of `host` while `use` runs. What it gets resolves with the packets that `wanted` likes, as
 * soon as there are `count`, or with what there is when it takes too long.
 */
export async function capturing<T>(
  host: Host,
  device: string,
  use: (packets: (count: number, wanted: (packet: Packet) => boolean) => Promise<Packet[]>) => Promise<T>,
): Promise<T> {
  return await recording(host, device, "udp", (path) =>
    use((count, wanted) =>
      awaited(
        () => existsSync(path) ? readCapture(path).filter(wanted) : [],
        ({ length }) => length >= count,
      )
    ));
}
