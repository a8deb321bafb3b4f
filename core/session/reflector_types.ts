/**
 * What a reflector is told, and what it counts.
 *
 * @module
 */
import type { TlvAnswer, TlvHost, TlvMac } from "../tlv.ts";
import type { Mono, Nanos } from "../time/clock.ts";
import type { StampKeys } from "./stamp_seal.ts";

/** Who is answered. */
export interface Access {
  /** Whether the peer at octet `at` of `Batch.peer` is answered at all. */
  isAllowed(peer: Uint8Array, at: number): boolean;
  /** Whether the peer at word `at` of `Batch.peerWords` is answered now; takes one of the replies that it has left. */
  spend(words: Uint32Array, at: number, now: Mono): boolean;
}

/** How a reflector behaves. */
export interface ReflectorOptions {
  /** Stateful counts replies by session; stateless copies the sender's number. */
  readonly mode: "stateless" | "stateful";
  /** What probes are; `auto` reads it off each. */
  readonly protocol: "auto" | "twamp" | "stamp";
  /** Drop what would have to grow to the base packet. */
  readonly strictSize: boolean;
  /** Sessions remembered in stateful mode; memory is fixed by it. */
  readonly sessions: number;
  /** Silence after which a session is forgotten (REFWAIT, RFC 5357 section 4.2). */
  readonly wait: Nanos;
  /** Any number; see `SessionTable`. */
  readonly hashSeed: number;
  /** Peers to answer; undefined answers everybody. */
  readonly access?: Access | undefined;
  /**
   * Authenticated mode of STAMP, TLVs with the same keys: nothing but packets with a MAC under these is answered. Which
   * mode a session has is a matter of configuration (RFC 8972 section 4); no packet says it of itself.
   */
  readonly authenticated?: StampKeys | undefined;
  /** STAMP extensions that are understood, besides Extra Padding; all others come back with U. */
  readonly tlvs?: readonly TlvAnswer[] | undefined;
  /** What those may know of this host, and do. */
  readonly host?: TlvHost | undefined;
  /** Of HMAC TLVs in open mode, by SSID; of sessions without it they are not understood. */
  readonly tlvKeys?: { of(ssid: number): TlvMac | undefined } | undefined;
  /** Whether the clock is synchronised, until the first reply says. */
  readonly synchronized?: boolean | undefined;
}

/**
 * What became of the datagrams: received = reflected + the others, but that `rateLimited` has replies of `repeated`'s kind
 * too.
 */
export interface ReflectorCounters {
  received: number;
  reflected: number;
  tooShort: number;
  truncated: number;
  wouldGrow: number;
  /** Replies of another reflector, which would go to and fro for ever. */
  looped: number;
  denied: number;
  /** Beyond what a source may have: probes that got no reply, and bursts of replies that were broken off. */
  rateLimited: number;
  /** In authenticated mode: of a session without a key. */
  noKey: number;
  /** In authenticated mode: with a wrong MAC, or without one. */
  badMac: number;
  /** TLVs of theirs have them not answered: no reply was asked for, or they came to the wrong end. */
  unwanted: number;
  /** Replies besides those: more than one to a probe were asked for and allowed. */
  repeated: number;
  /** Of those reflected, the ones taken for STAMP. */
  stamp: number;
}

/** Nothing has happened yet. */
export function createCounters(): ReflectorCounters {
  return {
    received: 0,
    reflected: 0,
    tooShort: 0,
    truncated: 0,
    wouldGrow: 0,
    looped: 0,
    denied: 0,
    rateLimited: 0,
    noKey: 0,
    badMac: 0,
    unwanted: 0,
    repeated: 0,
    stamp: 0,
  };
}
