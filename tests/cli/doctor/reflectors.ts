/**
 * Faulty reflectors, by hand and knowing nothing of the program's own codecs: what a datagram is answered with, over a
 * network in memory or over UDP.
 */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { parseAddress } from "../../../core/address.ts";
import { createBatch } from "../../../core/batch.ts";
import type { Evidence } from "../../../cli/doctor/remote/evidence.ts";
import { examineRemote } from "../../../cli/doctor/remote/examine.ts";
import { createMemoryTransport, MemoryNetwork } from "../../../plugins/transport/memory.ts";

const UNIX_TO_NTP = 2_208_988_800;

/** A datagram as it arrived. */
export interface Heard {
  readonly octets: Uint8Array;
  readonly from: string;
  readonly ttl: number;
  /** T2, and T3 a little later: UNIX seconds and nanoseconds. */
  readonly t2: readonly [number, number];
  readonly t3: readonly [number, number];
}

/** What leaves, and through which of its ports. */
export interface Sent {
  readonly octets: Uint8Array;
  readonly through?: "another port";
}

/** A reflector: a state of its own each, and an answer to each datagram. */
export type Reflector = () => (heard: Heard) => readonly Sent[] | Uint8Array | undefined;

/** How a reply departs from a good one. */
export interface Quirks {
  readonly size?: number | ((size: number) => number);
  readonly rseq?: number;
  readonly equal?: boolean;
  readonly early?: boolean;
  readonly late?: boolean;
  readonly nanos?: boolean;
  readonly swapped?: boolean;
  readonly altered?: boolean;
  readonly noStamps?: boolean;
  readonly ptp?: boolean;
  readonly error?: number;
  readonly ttl?: number;
  /** Seconds that its clock is ahead. */
  readonly ahead?: number;
  readonly mbz?: number;
  /** Where the SSID goes; -1 is nowhere. */
  readonly ssidAt?: number;
  /** Behind the base packet, instead of what the probe has there. */
  readonly tlvs?: (sent: Uint8Array) => Uint8Array;
  /** Shifts what is behind the probe's 14 octets, as TWAMP does. */
  readonly twamp?: boolean;
}

/** A reply. Without quirks it is STAMP's of RFC 8762, with the SSID; or TWAMP's where a probe has no 44 octets. */
export function reply({ octets, ttl, t2, t3 }: Heard, quirks: Quirks = {}): Uint8Array {
  const base = octets.length < 44 ? Math.max(41, octets.length) : 44;
  const length = typeof quirks.size === "function" ? quirks.size(octets.length) : quirks.size;
  const sent = new Uint8Array(Math.max(44, octets.length));
  sent.set(octets);
  const rest = quirks.tlvs?.(octets.slice(44)) ?? octets.slice(44);
  const out = new Uint8Array(Math.max(length ?? 0, base, 44 + rest.length));
  if (octets.length > 44) out.set(rest, 44);
  if (quirks.twamp) out.set(octets.slice(14, 14 + out.length - 41), 41);
  const view = new DataView(out.buffer);
  const from = new DataView(sent.buffer);
  const put = (at: number, [seconds, nanos]: readonly [number, number]) => {
    const fraction = quirks.nanos || quirks.ptp ? nanos : Math.floor(nanos * 4.294967296);
    view.setUint32(at, seconds + (quirks.ptp ? 0 : UNIX_TO_NTP) + (quirks.ahead ?? 0));
    view.setUint32(at + 4, fraction);
  };
  const seq = from.getUint32(0);
  view.setUint32(0, quirks.rseq ?? seq);
  const left = quirks.equal
    ? t2
    : quirks.early
    ? [t2[0] - 1, t2[1]] as const
    : quirks.late
    ? [t2[0] + 9, t2[1]] as const
    : t3;
  const t1 = sent.slice(4, 12);
  put(4, left);
  put(16, t2);
  view.setUint32(24, seq);
  out.set(t1, 28);
  if (quirks.swapped) {
    put(28, left);
    out.set(t1, 4);
  }
  if (quirks.altered) out[35] ^= 0xff;
  if (quirks.noStamps) out.fill(0, 4, 12).fill(0, 16, 24);
  view.setUint16(12, quirks.error ?? (quirks.ptp ? 0x5480 : 0x1480));
  view.setUint16(14, 0);
  if (octets.length >= 16 && !quirks.twamp && octets.length >= 44 && quirks.ssidAt !== -1) {
    out.set(sent.slice(14, 16), quirks.ssidAt ?? 14);
  }
  view.setUint16(36, from.getUint16(12));
  if (quirks.mbz) view.setUint16(38, quirks.mbz);
  out[40] = quirks.ttl ?? ttl;
  return out.slice(
    0,
    length ?? Math.max(base, 44 + rest.length > 44 ? 44 + rest.length : base, quirks.twamp ? octets.length : 0),
  );
}

/** Replies that only depend on the probe; too short ones are not answered. */
export function quirky(quirks: Quirks | ((heard: Heard) => Quirks), least = 14): Reflector {
  return () => (heard) => {
    if (heard.octets.length < least || isReply(heard.octets)) return undefined;
    return reply(heard, typeof quirks === "function" ? quirks(heard) : quirks);
  };
}

/** A Receive Timestamp where probes have none. */
export function isReply(octets: Uint8Array): boolean {
  return octets.length >= 41 && octets.length <= 44 && octets.subarray(16, 24).some((octet) => octet !== 0);
}

const HOST = "192.0.2.7";
const PORT = 862;
const RESIDENCE_NS = 20_000;

/** Examines a reflector over a network in memory, in virtual time. */
export async function examined(
  reflector: Reflector,
  options: { protocols?: readonly ("twamp" | "stamp")[]; quick?: boolean; most?: number } = {},
): Promise<Evidence> {
  const network = new MemoryNetwork((_from, _to, octets) => octets > (options.most ?? 65_507) ? [] : [1e6]);
  const transport = createMemoryTransport(network);
  const socket = network.open({ hostname: HOST, port: PORT, stride: 65_536 });
  const another = network.open({ hostname: HOST, port: PORT + 1 });
  const answer = reflector();
  let open = true;
  const serving = (async () => {
    const rx = createBatch(16, 65_536);
    const tx = createBatch(1, 65_536);
    while (open) {
      const count = await socket.receive(rx, Infinity);
      for (let slot = 0; slot < count; slot++) {
        const at = slot * rx.stride;
        const peer = rx.peer.slice(slot * 24, slot * 24 + 24);
        const t2 = [rx.stamp[2 * slot], rx.stamp[2 * slot + 1]] as const;
        const answered = answer({
          octets: rx.bytes.slice(at, at + rx.length[slot]),
          from: String(peer),
          ttl: rx.ttl[slot],
          t2,
          t3: [t2[0], t2[1] + RESIDENCE_NS],
        });
        for (const one of answered instanceof Uint8Array ? [{ octets: answered }] : answered ?? []) {
          tx.bytes.set(one.octets);
          tx.length[0] = one.octets.length;
          tx.count = 1;
          tx.peer.set(peer);
          ("through" in one && one.through !== undefined ? another : socket).send(tx);
        }
      }
    }
  })();
  try {
    return await examineRemote({
      transport,
      address: parseAddress(HOST)!,
      host: HOST,
      port: PORT,
      source: "192.0.2.1",
      protocols: options.protocols ?? ["twamp", "stamp"],
      quick: options.quick ?? false,
      firstNumber: 1000,
    });
  } finally {
    open = false;
    socket.close();
    another.close();
    await serving;
  }
}

/** The same reflector on UDP; `use` gets `address:port`. */
export async function onUdp<T>(reflector: Reflector, use: (at: string) => Promise<T>): Promise<T> {
  const socket = createSocket("udp4");
  const answer = reflector();
  const now = (): [number, number] => {
    const ms = performance.timeOrigin + performance.now();
    const seconds = Math.floor(ms / 1000);
    return [seconds, Math.floor((ms - seconds * 1000) * 1e6)];
  };
  try {
    socket.on("message", (message, from) => {
      const t2 = now();
      const t3 = [t2[0], t2[1] + 3000] as const;
      const answered = answer({
        octets: new Uint8Array(message),
        from: `${from.address}:${from.port}`,
        ttl: 64,
        t2,
        t3,
      });
      for (const { octets } of answered instanceof Uint8Array ? [{ octets: answered }] : answered ?? []) {
        socket.send(octets, from.port, from.address);
      }
    });
    socket.bind({ address: "127.0.0.1", port: 0 });
    await once(socket, "listening");
    return await use(`127.0.0.1:${socket.address().port}`);
  } finally {
    socket.close();
  }
}
