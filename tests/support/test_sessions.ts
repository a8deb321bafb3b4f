/** Test sessions that are set up without a control connection. */
import { createBatch, SlotFlag } from "../../core/batch.ts";
import { deriveTestKeys, Seal, type SealMode } from "../../core/session/seal.ts";
import type { TestSessionSpec } from "../../core/session/test_session.ts";
import { TestSessions, type TestSessionsOptions } from "../../core/session/test_sessions.ts";
import { SENDER, TestClock, TOS, writeWall } from "./sim.ts";

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
