/**
 * What is known of a run at one moment: counts, distributions, and where the numbers came from.
 *
 * @module
 */
import type { Nanos } from "./time/clock.ts";
import type { TlvValues } from "./tlv.ts";
import type { StampSource } from "./transport.ts";

/** How jitter is computed: smoothed as RFC 1889/3550 does, or as the deviation of RFC 3393. */
export type JitterAlgorithm = "rfc1889" | "rfc3393";

/** One bin of a histogram: values `from <= v < to`, and how many there were. */
export type Bin = readonly [from: number, to: number, count: number];

/** A distribution of delays in nanoseconds; null where there is nothing to say, an unknown is never 0. */
export interface Distribution {
  readonly count: number;
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  /** Root of the mean squared difference from the mean. */
  readonly stddev: number | null;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly p999: number | null;
  /** By the algorithm the statistics were made with. */
  readonly jitter: number | null;
  /** Bins with a count, in ascending order. */
  readonly histogram: Iterable<Bin>;
}

/** Counts of a sender session that are not counts of finished probes. */
export interface SenderCounters {
  /** Probes handed to the transport. */
  sent: number;
  /** Replies too short to be one. */
  malformed: number;
  /** Datagrams that answer nothing we asked: from elsewhere, a number not sent, an earlier run. */
  unexpected: number;
  /** Sealed replies whose HMAC did not verify: left out, as if they had not come. */
  forged: number;
  /** Replies whose reflected octets (RFC 6038) came back as they were sent. */
  reflectedVerified: number;
  /** Replies in which they did not. */
  reflectedAltered: number;
  /** Probes in flight when the run was ended early: neither answered nor lost. */
  unfinished: number;
  /** How much later than planned a probe left, at most, nanoseconds. */
  latestDeparture: Nanos;
  /** Replies whose T3 was put right by a later one (RFC 8972 section 4.7). */
  t3Corrected: number;
  /** Replies for which a later one told a time at which they cannot have left. */
  t3Refused: number;
  /** How long a probe was held in this host after the program had sent it, at most, as far as the kernel tells. */
  longestHeld: Nanos;
}

/** The difference between the two clocks, their clock minus ours. All of it is since a clock was last set. */
export interface ClockOffset {
  /** At `referenceAt`, assuming that the quickest packets took as long there as back. */
  readonly offsetNs: Nanos;
  /** It is certain within this much, whatever the path. */
  readonly boundNs: Nanos;
  /** At `referenceAt`, parts per million; positive: theirs gains on ours. Null where the run does not tell it. */
  readonly driftPpm: number | null;
  /** What that is likely wrong by at most. */
  readonly driftErrorPpm: number | null;
  /** What it is certainly wrong by at most, whatever the path; null where there is no such bound. */
  readonly driftBoundPpm: number | null;
  /** When that was by our clock, milliseconds of UNIX time: at the quickest round trip in the middle third of the run. */
  readonly referenceAt: number;
  /** How the offset was found: a line through the run, or the least of each direction where no drift is known. */
  readonly method: "line" | "minimum";
  /** What `offsetNs` rests on; the bounds do not. */
  readonly assumes: "symmetric path";
  /** Probes it rests on. */
  readonly probes: number;
  /** Times that one of the clocks was set in the run. */
  readonly steps: number;
  /** What each clock claims of itself (S bit of the Error Estimate); null where it claims nothing. */
  readonly synchronized: { readonly local: boolean | null; readonly remote: boolean | null };
}

/** How many packets came with one TOS octet (traffic class of IPv6): six bits of DSCP, two of ECN. */
export interface TosCount {
  readonly tos: number;
  readonly count: number;
}

/** What became of the marking on the way, of probes answered in time. */
export interface Marking {
  /** TOS that probes left with; null where the system decided. */
  readonly sent: number | null;
  /** TOS that replies were agreed to leave with (its ECN bits aside); null where the far end chooses. */
  readonly replies: number | null;
  /** As the reflector received the probes (RFC 7750), most frequent first; empty where it does not tell. */
  readonly forward: readonly TosCount[];
  /** As the replies came in here, the same; empty where the transport does not tell. */
  readonly backward: readonly TosCount[];
}

/** Padding that the far end had to return as it was sent (RFC 6038 section 5.2.1). */
export interface Reflected {
  /** Octets of it in each probe. */
  readonly octets: number;
  /** Replies in which they came back as they were sent. */
  readonly verified: number;
  /** Replies in which they did not. */
  readonly altered: number;
}

/** Something the far end does that a reader of the numbers must know. */
export interface Finding {
  /** Stable name, for scripts. */
  readonly code: string;
  /** Replies that showed it. */
  readonly count: number;
  /** One sentence for people. */
  readonly text: string;
}

/** What came back of one STAMP extension, in replies that answered their probe in time. */
export interface TlvReport {
  readonly name: string;
  readonly type: number;
  /** Probes that had it. */
  readonly sent: number;
  /** Replies that had it. */
  readonly returned: number;
  /** Of these, the ones that came back with U: not understood, or not to be done. */
  readonly unrecognized: number;
  /** With M, or longer than the reply. */
  readonly malformed: number;
  /** Replies whose TLVs were discarded because an HMAC did not verify, there or here. */
  readonly integrityFailed: number;
  /** With C: the far end could not do as it was asked. */
  readonly nonConformant: number;
  /** The values that came last. */
  readonly values: Readonly<TlvValues>;
}

/** What the replies said of the far end; shown, never believed. */
export interface PeerReport {
  /** The last Error Estimate received, nanoseconds. */
  readonly errorEstimateNs: number | null;
  /** Its S bit. */
  readonly synchronized: boolean | null;
  readonly timestampFormat: "ntp" | "ptp" | null;
  readonly findings: readonly Finding[];
}

/** How a threshold compares: it is crossed where the comparison is true. */
export type ThresholdOperator = ">" | ">=" | "<" | "<=" | "==" | "!=";
/** What its numbers count: a ratio is a share of 1. */
export type ThresholdUnit = "ns" | "ratio" | "count" | "ppm";

/** A threshold that the user gave, and what became of it. */
export interface ThresholdResult {
  /** As it was given: `rtt.p99>20ms`. */
  readonly expression: string;
  /** The number that it is about: `rtt.p99`. */
  readonly metric: string;
  readonly operator: ThresholdOperator;
  /** In `unit`, as is `actual`. */
  readonly limit: number;
  readonly unit: ThresholdUnit;
  /** Null where it is not known: then it is crossed. */
  readonly actual: number | null;
  readonly crossed: boolean;
}

/** Everything known of a run. */
export interface Snapshot {
  /** received + lost = sent, once the run is over. */
  readonly sent: number;
  readonly received: number;
  readonly lost: number;
  /** Null where the reflector's own numbers cannot tell. */
  readonly lostForward: number | null;
  readonly lostBackward: number | null;
  readonly duplicates: number;
  readonly reordered: number;
  /** Null where the reflector's own numbers cannot tell. */
  readonly reorderedForward: number | null;
  readonly reorderedBackward: number | null;
  readonly late: number;
  readonly malformed: number;
  readonly unexpected: number;
  /** Sealed replies whose HMAC did not verify. */
  readonly forged: number;
  readonly unfinished: number;
  /** Probes that the system refused to send; they count as sent and lost. */
  readonly sendErrors: number;
  /** Datagrams that reached this host and were dropped before they were read; null where nobody counts them. */
  readonly lostInHost: number | null;
  readonly rtt: Distribution;
  readonly forward: Distribution;
  readonly backward: Distribution;
  /** The same less the difference of the clocks, if the quickest took as long there as back; null where it is unknown. */
  readonly forwardCorrected: Distribution | null;
  readonly backwardCorrected: Distribution | null;
  readonly residence: Distribution;
  /** Difference of the round trips of consecutive sequence numbers (RFC 3393), signed. */
  readonly ipdv: Distribution;
  /** Relative error of a percentile, at most. */
  readonly histogramError: number;
  /** Source of every value above; null where the far end does not say. */
  readonly stamps: {
    readonly t1: StampSource | null;
    readonly t2: StampSource | null;
    readonly t3: StampSource | null;
    readonly t4: StampSource | null;
    /** Answered probes that lacked that source and were left out. */
    readonly fallback: number;
    /** Answered probes whose T3 a later reply has put right. */
    readonly t3Corrected: number;
    /** Those for which one told a time at which their reply cannot have left. */
    readonly t3Refused: number;
  };
  readonly clock: ClockOffset | null;
  /** Null where neither direction was told. */
  readonly marking: Marking | null;
  /** Null where no octets were to be reflected. */
  readonly reflected: Reflected | null;
  /** Of STAMP extensions, in the order in which they were asked for; empty where none were. */
  readonly tlvs: readonly TlvReport[];
  readonly peer: PeerReport;
  /** From the start of the run to now, or to the last probe finished. */
  readonly durationNs: Nanos;
  /** What degraded or is odd, one line each. */
  readonly notes: readonly string[];
  /** Thresholds that the result was held against, in the order in which they were given; of a run that is over. */
  readonly thresholds?: readonly ThresholdResult[] | undefined;
}
