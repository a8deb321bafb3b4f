/** Test packets as other people's senders and reflectors write them: by hand, knowing nothing of the program's own codecs. */
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";

const UNIX_TO_NTP = 2_208_988_800;

/** Now as NTP seconds and fraction; `asNanos` puts nanoseconds where the fraction belongs. */
export function ntpNow(addMs = 0, asNanos = false): [seconds: number, fraction: number] {
  const ms = performance.timeOrigin + performance.now() + addMs;
  const seconds = Math.floor(ms / 1000);
  const part = ms / 1000 - seconds;
  return [seconds + UNIX_TO_NTP, Math.floor(part * (asNanos ? 1e9 : 2 ** 32))];
}

/** What a probe says. */
export interface Probe {
  readonly bytes: Uint8Array;
  readonly seq: number;
  readonly from: RemoteInfo;
}

/** How a reply departs from a good one. */
export interface Quirks {
  readonly size?: number;
  readonly rseq?: number;
  /** Answers this number instead. */
  readonly sseq?: number;
  /** T3 = T2. */
  readonly equal?: boolean;
  /** Nanoseconds in the fraction field. */
  readonly nanos?: boolean;
  /** Sender's stamp first, receive stamp where it belongs, own stamp last (domoslabs). */
  readonly swapped?: boolean;
  readonly error?: number;
  readonly noStamps?: boolean;
}

/** A reply to `probe`. */
export function replyTo(probe: Probe, quirks: Quirks = {}): Uint8Array {
  const reply = new Uint8Array(Math.max(41, quirks.size ?? probe.bytes.length));
  const view = new DataView(reply.buffer);
  const t2 = ntpNow(0, quirks.nanos);
  const t3 = quirks.equal ? t2 : ntpNow(0.02, quirks.nanos);
  const put = (at: number, [seconds, fraction]: readonly [number, number]) => {
    view.setUint32(at, seconds);
    view.setUint32(at + 4, fraction);
  };
  const sent = new DataView(probe.bytes.buffer, probe.bytes.byteOffset);
  const t1 = [sent.getUint32(4), sent.getUint32(8)] as const;
  view.setUint32(0, quirks.rseq ?? probe.seq);
  put(4, quirks.swapped ? t1 : t3);
  view.setUint16(12, quirks.error ?? 0x0001);
  put(16, t2);
  view.setUint32(24, quirks.sseq ?? probe.seq);
  put(28, quirks.swapped ? t3 : t1);
  view.setUint16(36, sent.getUint16(12));
  reply[40] = 255;
  if (quirks.noStamps) reply.fill(0, 4, 12).fill(0, 16, 24);
  return reply.slice(0, quirks.size ?? reply.length);
}

/** A reflector that the test scripts: `answer` gets each probe in the order of arrival, and sends what it likes. */
export async function withReflector<T>(
  answer: (probe: Probe, send: (reply: Uint8Array, through?: Socket) => void) => void,
  use: (at: string, heard: () => number) => Promise<T>,
): Promise<T> {
  const socket = createSocket("udp4");
  let heard = 0;
  try {
    socket.on("message", (message, from) => {
      heard++;
      const bytes = new Uint8Array(message);
      const probe = { bytes, seq: new DataView(bytes.buffer).getUint32(0), from };
      answer(probe, (reply, through = socket) => through.send(reply, from.port, from.address));
    });
    socket.bind({ address: "127.0.0.1", port: 0 });
    await once(socket, "listening");
    return await use(`127.0.0.1:${socket.address().port}`, () => heard);
  } finally {
    socket.close();
  }
}

/** A probe as a sender of TWAMP (14 octets) or STAMP (44) makes it, `size` octets long. */
export function probe(seq: number, size = 14, ssid = 0): Uint8Array {
  const bytes = new Uint8Array(Math.max(size, 16));
  const view = new DataView(bytes.buffer);
  const [seconds, fraction] = ntpNow();
  view.setUint32(0, seq);
  view.setUint32(4, seconds);
  view.setUint32(8, fraction);
  view.setUint16(12, 0x0001);
  view.setUint16(14, ssid);
  return bytes.slice(0, size);
}

/** What a reply says: the reflector's number, the sender's, and its length. */
export function readReply(bytes: Uint8Array): { rseq: number; sseq: number; ssid: number; ttl: number; size: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    rseq: view.getUint32(0),
    ssid: view.getUint16(14),
    sseq: view.getUint32(24),
    ttl: bytes[40],
    size: bytes.length,
  };
}
