/**
 * The same work as people usually write it: an object a packet, views of slices, times as bigint, sessions in a Map by
 * text. What the batches and words of core are worth is the ratio to this.
 *
 * @module
 */
import { createStats } from "../../core/stats/stats.ts";
import { createRecord } from "../../core/record.ts";
import { BATCHES, type Case, PACKETS, SLOTS, SteppedClock } from "./case.ts";

const NTP_UNIX = 2_208_988_800n;
const BASE = 41;
const HOST = "192.0.2.1";

interface Probe {
  seq: number;
  time: bigint;
  error: number;
  padding: Uint8Array;
}

function toNtp(nanos: bigint): bigint {
  const seconds = nanos / 1_000_000_000n;
  return ((seconds + NTP_UNIX) << 32n) | (((nanos % 1_000_000_000n) << 32n) / 1_000_000_000n);
}
function fromNtp(ntp: bigint): bigint {
  return ((ntp >> 32n) - NTP_UNIX) * 1_000_000_000n + (((ntp & 0xffffffffn) * 1_000_000_000n) >> 32n);
}

function decodeProbe(datagram: Uint8Array): Probe {
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  const [seq, time, error] = [view.getUint32(0), view.getBigUint64(4), view.getUint16(12)];
  return { seq, time, error, padding: datagram.subarray(14) };
}

function encodeReply(probe: Probe, seq: number, ttl: number, received: bigint, octets: number): Uint8Array {
  const reply = new Uint8Array(Math.max(octets, BASE));
  const view = new DataView(reply.buffer);
  view.setUint32(0, seq);
  view.setUint16(12, 0x0142);
  view.setBigUint64(16, toNtp(received));
  view.setUint32(24, probe.seq);
  view.setBigUint64(28, probe.time);
  view.setUint16(36, probe.error);
  view.setUint8(40, ttl);
  reply.set(probe.padding.subarray(0, reply.length - BASE), BASE);
  return reply;
}

function encodeProbe(seq: number, octets: number, now: bigint): Uint8Array {
  const probe = new Uint8Array(octets);
  const view = new DataView(probe.buffer);
  view.setUint32(0, seq);
  view.setBigUint64(4, toNtp(now));
  view.setUint16(12, 0x0142);
  return probe;
}

/** Reflects datagrams of one session, by its address and port. */
export function naiveReflect(octets: number): Case {
  const clock = new SteppedClock();
  const sessions = new Map<string, { next: number; heard: bigint }>();
  let seq = 0;
  let sent = 0;
  const reflect = (datagram: Uint8Array, port: number, received: bigint): Uint8Array => {
    const probe = decodeProbe(datagram);
    const key = `${HOST}:${port}`;
    let session = sessions.get(key);
    if (session === undefined) sessions.set(key, session = { next: 0, heard: received });
    session.heard = received;
    const reply = encodeReply(probe, session.next++, 64, received, datagram.length);
    new DataView(reply.buffer).setBigUint64(4, toNtp(clock.nanos()));
    return reply;
  };
  return {
    name: "naive",
    work: "reflect",
    octets,
    pass(watch) {
      const probes = Array.from({ length: PACKETS }, () => encodeProbe(seq++, octets, clock.nanos()));
      clock.now += 1_000_000;
      watch.start();
      for (let i = 0; i < PACKETS; i++) sent += reflect(probes[i], 1024, clock.nanos()).length;
      watch.stop();
      if (sent % octets !== 0) throw new Error("a reply has another size than its probe");
    },
  };
}

/** Sends probes, takes replies, and keeps the same statistics. */
export function naiveSend(octets: number): Case {
  const clock = new SteppedClock();
  const pending = new Map<number, { sentAt: bigint; size: number }>();
  const stats = createStats({ reflectorCounts: true });
  let seq = 0;
  const handle = (reply: Uint8Array, arrived: bigint) => {
    const view = new DataView(reply.buffer, reply.byteOffset, reply.byteLength);
    const answered = view.getUint32(24);
    const probe = pending.get(answered);
    if (probe === undefined) return;
    pending.delete(answered);
    const [t1, t2, t3] = [28, 16, 4].map((at) => fromNtp(view.getBigUint64(at)));
    stats.record({
      ...createRecord(),
      seq: answered,
      flags: 1,
      reflectorSeq: view.getUint32(0),
      size: probe.size,
      replySize: reply.length,
      rtt: Number((arrived - t1) - (t3 - t2)),
      forward: Number(t2 - t1),
      backward: Number(arrived - t3),
      residence: Number(t3 - t2),
    });
  };
  return {
    name: "naive, and statistics",
    work: "send",
    octets,
    pass(watch) {
      clock.now += PACKETS * 1000;
      const probes: Uint8Array[] = [];
      watch.start();
      for (let i = 0; i < PACKETS; i++) {
        const now = clock.nanos();
        pending.set(seq, { sentAt: now, size: octets });
        probes.push(encodeProbe(seq++, octets, now));
      }
      watch.stop();
      const replies = probes.map((probe, i) => {
        if (i % SLOTS === 0) clock.now += 20_000 + (seq * 31 & 0xffff);
        const decoded = decodeProbe(probe);
        const reply = encodeReply(decoded, decoded.seq, 64, clock.nanos(), octets);
        new DataView(reply.buffer).setBigUint64(4, toNtp(clock.nanos() + 5000n));
        return reply;
      });
      clock.now += 50_000 * BATCHES;
      watch.start();
      for (let i = 0; i < PACKETS; i++) handle(replies[i], clock.nanos());
      watch.stop();
      if (pending.size !== 0) throw new Error(`${pending.size} probes were not answered`);
    },
  };
}
