/**
 * A test session that somebody set up, as the reflector knows it.
 *
 * @module
 */
import { PEER_SIZE } from "../batch.ts";
import type { Mono, Nanos } from "../time/clock.ts";
import { type TestFormat, testFormat } from "../wire/format.ts";
import type { Seal } from "./seal.ts";

/** What was agreed on. */
export interface TestSessionSpec {
  /** The session identifier, as text. */
  readonly sid: string;
  /** The sender's address and port as agreed, 24 octets as in `Batch.peer`. */
  readonly peer: Uint8Array;
  /** Another address that the sender may have: where the control connection comes from (16 octets). */
  readonly alsoFrom?: Uint8Array | undefined;
  /** Authenticated or encrypted mode. */
  readonly seal?: Seal | undefined;
  /** Probes leave room for the reply's fields (RFC 6038 section 5.1.4). */
  readonly symmetrical: boolean;
  /** Replies say which DSCP and ECN their probe had (RFC 7750); only where the socket reads them. */
  readonly monitor: boolean;
  /** Replies have PTP timestamps (RFC 8186). */
  readonly ptp: boolean;
  /** TOS of replies, where a socket has sessions of several. */
  readonly tos?: number | undefined;
  /** Silence after which a started session may be given up (REFWAIT, RFC 5357 section 4.2). */
  readonly wait: Nanos;
}

/** What became of the packets that were taken for this session's: received = reflected + the others. */
export interface TestSessionCounters {
  received: number;
  reflected: number;
  tooShort: number;
  /** The MAC is wrong. */
  forged: number;
  /** Replies of another reflector. */
  looped: number;
  /** Before Start-Sessions. */
  notStarted: number;
  /** Later than the Timeout after Stop-Sessions (RFC 5357 section 4.2). */
  afterStop: number;
}

/** Why a packet is not answered. */
export type Refusal = Exclude<keyof TestSessionCounters, "received" | "reflected">;

/** What a session does with packets. */
export type TestSessionState = "accepted" | "started" | "stopping";

/** One session; made by `TestSessions.add`. */
export class TestSession {
  readonly spec: TestSessionSpec;
  readonly format: TestFormat;
  /** Replies are sealed after T3. */
  readonly encrypts: boolean;
  /** Who in the table it is: its row, and a number that the row's next session will not have. */
  readonly token: number;
  readonly counters: TestSessionCounters = {
    received: 0,
    reflected: 0,
    tooShort: 0,
    forged: 0,
    looped: 0,
    notStarted: 0,
    afterStop: 0,
  };
  /** The expected sender; once a packet was accepted, where that came from. */
  readonly peer: Uint8Array;
  /** The same memory as words. */
  readonly peerWords: Uint32Array;
  /** The expected sender, as words, whoever came. */
  readonly agreed: Uint32Array;
  /** A packet was accepted: from now on only that peer's are. */
  bound = false;
  /** Another session was bound to its peer after it had stopped. */
  displaced = false;
  /** It is not stopped: the peer that was agreed on may take it back from who was quicker. */
  claims = true;
  /** When a packet was reflected last, or it was started. */
  lastHeard: Mono = -Infinity;
  /** Number of the next reply: its own from 0, whoever else is answered (RFC 5357 section 4.2.1, erratum 1590). */
  next = 0;
  #state: TestSessionState = "accepted";
  #until: Mono = Infinity;

  constructor(spec: TestSessionSpec, token: number) {
    if (spec.peer.length !== PEER_SIZE) throw new RangeError(`a peer has ${PEER_SIZE} octets, not ${spec.peer.length}`);
    this.spec = spec;
    this.token = token;
    this.format = testFormat({
      mode: spec.seal?.mode ?? "open",
      symmetrical: spec.symmetrical,
      monitor: spec.monitor,
    });
    this.encrypts = spec.seal?.mode === "encrypted";
    this.peer = spec.peer.slice();
    this.peerWords = new Uint32Array(this.peer.buffer);
    this.agreed = this.peerWords.slice();
  }

  get sid(): string {
    return this.spec.sid;
  }
  get state(): TestSessionState {
    return this.#state;
  }

  /** Start-Sessions. */
  start(now: Mono): void {
    if (this.#state !== "accepted") throw new Error("a test session starts once");
    this.#state = "started";
    this.lastHeard = now;
  }

  /** Stop-Sessions: what arrives until then is still reflected, if it was started (RFC 5357 section 3.8). By `TestSessions.stop`. */
  stop(until: Mono): void {
    this.#until = this.#state === "accepted" ? -Infinity : until;
    this.#state = "stopping";
  }

  /** Why a packet that comes now is not answered, whatever it is. */
  refusal(now: Mono): Refusal | undefined {
    if (this.#state === "started") return undefined;
    if (this.#state === "accepted") return "notStarted";
    return now > this.#until ? "afterStop" : undefined;
  }
}
