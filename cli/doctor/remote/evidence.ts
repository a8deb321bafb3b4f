/**
 * What a far reflector was asked and what it answered: plain data, so that rules can be tried on any.
 *
 * @module
 */
import type { Nanos } from "../../../core/time/clock.ts";

/** Which of the two a probe speaks. */
export type Protocol = "twamp" | "stamp";

/** What a probe is to find out. */
export type TrialId =
  | "plain"
  | "ssid"
  | "sizes"
  | "bare"
  | "marking"
  | "ttl"
  | "numbers"
  | "tlv"
  | "largest"
  | "unfragmented"
  | "loop"
  | "short"
  | "alive";

/** One datagram that came back. */
export interface Answer {
  readonly octets: Uint8Array;
  /** `address:port`. */
  readonly from: string;
  /** Whether that is where the probe went. */
  readonly sameSource: boolean;
  /** From before the probe was sent to after this was read. */
  readonly roundNs: Nanos;
  /** T4: UNIX seconds and nanoseconds. */
  readonly stamp: readonly [seconds: number, nanos: number];
  /** Of the IP header, as far as the transport tells. */
  readonly ttl: number | null;
  readonly tos: number | null;
}

/** One datagram that was sent, and what came back. */
export interface Asked {
  readonly trial: TrialId;
  readonly protocol: Protocol;
  /** What sets it apart within its trial: the name of a TLV, a step. */
  readonly detail: string;
  /** As they left, with T1. */
  readonly octets: Uint8Array;
  /** What the IP header had; null where the system decided. */
  readonly tos: number | null;
  readonly ttl: number | null;
  /** The port that it left from. */
  readonly port: number;
  /** The system did not take it: too large for the path. */
  readonly unsent: boolean;
  readonly answers: readonly Answer[];
}

/** All of an examination. */
export interface Evidence {
  readonly host: string;
  readonly port: number;
  readonly family: 4 | 6;
  /** The address that probes left from, where it is known. */
  readonly source: string | null;
  readonly transport: string;
  readonly protocols: readonly Protocol[];
  /** The Error Estimate of this end. */
  readonly errorEstimate: number;
  readonly asked: readonly Asked[];
  /** Datagrams that belong to no question. */
  readonly strays: number;
  /** What routers or the far host said of probes, where the system tells. */
  readonly networkSaid: string | null;
  readonly skipped: readonly { readonly trial: string; readonly why: string }[];
}

/** A probe and the first answer to it. */
export interface Pair {
  readonly asked: Asked;
  readonly answer: Answer;
}

/** The probes of a trial, of one protocol if it is given. */
export function askedOf(evidence: Evidence, trial: TrialId, protocol?: Protocol): Asked[] {
  return evidence.asked.filter((one) => one.trial === trial && (protocol ?? one.protocol) === one.protocol);
}

/** Those that were answered, with their first answer. */
export function pairsOf(evidence: Evidence, trial: TrialId, protocol?: Protocol): Pair[] {
  return askedOf(evidence, trial, protocol).flatMap((asked) =>
    asked.answers.length === 0 ? [] : [{ asked, answer: asked.answers[0] }]
  );
}

/** Whether it answers a protocol at all. */
export function speaks(evidence: Evidence, protocol: Protocol): boolean {
  return pairsOf(evidence, "plain", protocol).length > 0;
}

/** The ordinary probes and their replies that are long enough to have all four stamps. */
export function whole(evidence: Evidence): Pair[] {
  return pairsOf(evidence, "plain").filter(({ answer }) => answer.octets.length >= 36);
}
