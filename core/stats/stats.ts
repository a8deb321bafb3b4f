/**
 * The statistics of one session: probes in, a snapshot out, in constant memory whatever the length of the run.
 *
 * @module
 */
import { ProbeFlag, type ProbeRecord } from "../record.ts";
import type { ClockOffset, JitterAlgorithm, PeerReport, SenderCounters, Snapshot } from "../snapshot.ts";
import type { Nanos } from "../time/clock.ts";
import type { StampSource } from "../transport.ts";
import { Accumulator } from "./accumulator.ts";
import { addDirections, type DirectionCounts, Directions } from "./direction.ts";
import { DEFAULT_BITS } from "./histogram.ts";

/** How to count. */
export interface StatsOptions {
  /** Default `rfc1889`. */
  readonly jitter?: JitterAlgorithm;
  /** Percentiles are wrong by at most 2^-bits; default 10. */
  readonly histogramBits?: number;
  /** The protocol has reflectors count for themselves (TWAMP: RFC 5357 section 4.2.1); STAMP leaves it open. */
  readonly reflectorCounts?: boolean;
  /** How this host stamps. */
  readonly stamps?: { readonly t1: StampSource; readonly t4: StampSource };
}

/** What the statistics cannot know by themselves. */
export interface RunState {
  readonly counters: Readonly<SenderCounters>;
  readonly peer: PeerReport;
  readonly durationNs: Nanos;
  readonly sendErrors: number;
  readonly lostInHost: number | null;
  readonly notes: readonly string[];
}

/** Collects the records of a session. */
export class Stats {
  readonly #options: Required<StatsOptions>;
  readonly #rtt: Accumulator;
  readonly #forward: Accumulator;
  readonly #backward: Accumulator;
  readonly #residence: Accumulator;
  readonly #ipdv: Accumulator;
  readonly #directions = new Directions();
  /** Of sessions merged into this one: numbers of different sessions cannot be followed together. */
  readonly #elsewhere: DirectionCounts[] = [];
  #received = 0;
  #lost = 0;
  #duplicates = 0;
  #reordered = 0;
  #late = 0;
  #lastSeq = -2;
  #lastRtt = NaN;
  #quickest = Infinity;
  #offset = NaN;

  constructor(options: StatsOptions = {}) {
    this.#options = {
      jitter: options.jitter ?? "rfc1889",
      histogramBits: options.histogramBits ?? DEFAULT_BITS,
      reflectorCounts: options.reflectorCounts ?? false,
      stamps: options.stamps ?? { t1: "user", t4: "user" },
    };
    const bits = this.#options.histogramBits;
    this.#rtt = new Accumulator(bits);
    this.#forward = new Accumulator(bits);
    this.#backward = new Accumulator(bits);
    this.#residence = new Accumulator(bits);
    this.#ipdv = new Accumulator(bits);
  }

  /** Takes a record; nothing of it is kept. */
  record(probe: Readonly<ProbeRecord>): void {
    this.#directions.record(probe);
    if (probe.flags & ProbeFlag.LOST) this.#lost++;
    else if (probe.flags & ProbeFlag.LATE) this.#late++;
    else if (probe.flags & ProbeFlag.DUPLICATE) this.#duplicates++;
    else this.#recordReceived(probe);
  }

  #recordReceived(probe: Readonly<ProbeRecord>): void {
    const { rtt, forward, backward, residence } = probe;
    this.#received++;
    if (probe.flags & ProbeFlag.REORDERED) this.#reordered++;
    this.#rtt.record(rtt);
    this.#forward.record(forward);
    this.#backward.record(backward);
    this.#residence.record(residence);
    if (probe.seq === this.#lastSeq + 1) this.#ipdv.record(rtt - this.#lastRtt);
    this.#lastSeq = probe.seq;
    this.#lastRtt = rtt;
    if (rtt < this.#quickest && rtt >= 0 && !Number.isNaN(forward + backward)) {
      this.#quickest = rtt;
      this.#offset = (forward - backward) / 2;
    }
  }

  /** Adds what `other` has seen: another session, or another part of this one. */
  merge(other: Stats): void {
    this.#rtt.merge(other.#rtt);
    this.#forward.merge(other.#forward);
    this.#backward.merge(other.#backward);
    this.#residence.merge(other.#residence);
    this.#ipdv.merge(other.#ipdv);
    this.#received += other.#received;
    this.#lost += other.#lost;
    this.#duplicates += other.#duplicates;
    this.#reordered += other.#reordered;
    this.#late += other.#late;
    if (other.#quickest < this.#quickest) {
      this.#quickest = other.#quickest;
      this.#offset = other.#offset;
    }
    this.#elsewhere.push(other.#directionCounts());
  }

  /** All that is known now. */
  snapshot(run: RunState): Snapshot {
    const { jitter, stamps } = this.#options;
    const { restarts, assumed, ...directions } = this.#directionCounts();
    const notes = [...run.notes];
    if (restarts > 0) {
      notes.push(
        `the reflector began to count anew ${restarts} time${restarts > 1 ? "s" : ""}: it forgets or restarts`,
      );
    }
    if (directions.lostForward === null && this.#lost > 0 && this.#received > 0) {
      notes.push("the reflector's numbers equal the sender's: losses can be laid to neither direction");
    }
    if (assumed && directions.lostBackward !== 0) {
      notes.push(
        "the reflector's numbers equal the sender's: losses are laid inbound as RFC 5357 has it count for itself; " +
          "if it copies the numbers, they may be outbound",
      );
    }
    return {
      sent: run.counters.sent,
      received: this.#received,
      lost: this.#lost,
      ...directions,
      duplicates: this.#duplicates,
      reordered: this.#reordered,
      late: this.#late,
      malformed: run.counters.malformed,
      unexpected: run.counters.unexpected,
      unfinished: run.counters.unfinished,
      sendErrors: run.sendErrors,
      lostInHost: run.lostInHost,
      rtt: this.#rtt.snapshot(jitter),
      forward: this.#forward.snapshot(jitter),
      backward: this.#backward.snapshot(jitter),
      residence: this.#residence.snapshot(jitter),
      ipdv: this.#ipdv.snapshot(jitter),
      histogramError: this.#rtt.relativeError,
      stamps: { t1: stamps.t1, t2: null, t3: null, t4: stamps.t4, fallback: 0 },
      clock: this.#clockOffset(),
      peer: run.peer,
      durationNs: run.durationNs,
      notes: [...notes, ...run.peer.findings.map((finding) => finding.text)],
    };
  }

  #directionCounts(): DirectionCounts {
    return this.#elsewhere.reduce(addDirections, this.#directions.counts(this.#options.reflectorCounts));
  }

  #clockOffset(): ClockOffset | null {
    return Number.isNaN(this.#offset) ? null : { offsetNs: this.#offset, boundNs: this.#quickest / 2 };
  }
}

/** Makes empty statistics. */
export function createStats(options?: StatsOptions): Stats {
  return new Stats(options);
}
