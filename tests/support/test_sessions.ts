/** Test sessions that are set up without a control connection. */
import { parseAddress, peerOctets } from "../../core/address.ts";
import { createBatch, SlotFlag } from "../../core/batch.ts";
import { deriveTestKeys, Seal, type SealMode } from "../../core/session/seal.ts";
import type { TestSessionSpec } from "../../core/session/test_session.ts";
import { TestSessions, type TestSessionsOptions } from "../../core/session/test_sessions.ts";
import { testFormat } from "../../core/wire/format.ts";
import { putNtp } from "../../core/wire/timestamp.ts";
import { EPOCH, SENDER, TestClock, TOS, writeWall } from "./sim.ts";

/** A seal of session `n`. */
export function sealOf(mode: SealMode, n = 0): Seal {
  const octets = (size: number, first: number) => Uint8Array.from({ length: size }, (_, i) => first + i);
  const sid = octets(16, 100);
  sid[0] = n >> 8;
  sid[1] = n;
  return new Seal(mode, deriveTestKeys(octets(16, 0), octets(32, 50), sid));
}

/** What most tests agree on. */
export function spec(options: Partial<TestSessionSpec> = {}): TestSessionSpec {
  return { sid: "00", peer: SENDER, symmetrical: false, monitor: false, ptp: false, wait: 900e9, ...options };
}

export function testSessions(options: Partial<TestSessionsOptions> = {}): TestSessions {
  return new TestSessions({ capacity: 64, hashSeed: 7, strictPeer: false, ...options });
}

/** Sessions, and packets for them one at a time. */
export class SessionsBench {
  readonly clock = new TestClock();
  readonly batch = createBatch(4, 2048);
  readonly sessions: TestSessions;

  constructor(options: Partial<TestSessionsOptions> = {}) {
    this.sessions = testSessions(options);
  }

  /** Adds a session and starts it. */
  start(options: Partial<TestSessionSpec> = {}) {
    const session = this.sessions.add(spec(options))!;
    session.start(this.clock.now);
    return session;
  }

  /** The reply to one datagram, or undefined. */
  reflect(
    probe: Uint8Array,
    peer: Uint8Array = SENDER,
    flags: number = SlotFlag.IP_HEADER | SlotFlag.TOS,
  ): Uint8Array | undefined {
    const { batch, clock } = this;
    batch.bytes.fill(0xee); // what was there before must not show
    batch.count = 1;
    batch.bytes.set(probe);
    batch.length[0] = probe.length;
    batch.flags[0] = flags;
    batch.ttl[0] = 63;
    batch.tos[0] = TOS;
    batch.peer.set(peer);
    writeWall(batch.stamp, 0, clock.now);
    if (this.sessions.reflect(clock.now, batch) === 0) return undefined;
    clock.now += 1000;
    this.sessions.stampTransmit(batch, clock);
    return batch.bytes.slice(0, batch.length[0]);
  }
}

/** A peer as in `Batch.peer`. */
export const peer = (host: string, port: number) => peerOctets(parseAddress(host)!, port);
export const addressOf = (host: string) => parseAddress(host)!.octets;

export const AGREED = peer("192.168.1.2", 9000);
export const OUTSIDE = peer("203.0.113.9", 41_000);
export const ELSEWHERE = peer("198.51.100.7", 9000);

/** A probe of `size` octets, sealed if there is a seal; its padding counts up. */
export function probe(
  size: number,
  options: { seal?: Seal | undefined; symmetrical?: boolean; seq?: number } = {},
): Uint8Array {
  const { seal, symmetrical = false, seq = 7 } = options;
  const { offsets, senderSize } = testFormat({ mode: seal?.mode ?? "open", symmetrical });
  const bytes = new Uint8Array(Math.max(size, senderSize));
  for (let i = senderSize; i < size; i++) bytes[i] = i - senderSize + 1;
  const view = new DataView(bytes.buffer);
  view.setUint32(offsets.SEQ, seq);
  putNtp(view, offsets.TIME, EPOCH, 5e8);
  view.setUint16(offsets.ERROR, 0x0142);
  seal?.sealSender(view, bytes, 0);
  return bytes.slice(0, size);
}

/** The number of a reply. */
export const seqOf = (reply: Uint8Array | undefined) => reply && new DataView(reply.buffer).getUint32(0);
