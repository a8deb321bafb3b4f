/**
 * The statistics of one session: probes in, a snapshot out, in constant memory whatever the length of the run.
 *
 * @module
 */
import { ProbeFlag, type ProbeRecord } from "../record.ts";
import type { JitterAlgorithm, PeerReport, SenderCounters, Snapshot } from "../snapshot.ts";
import type { Nanos } from "../time/clock.ts";
import type { StampSource } from "../transport.ts";
import { addDirections, type DirectionCounts, Directions } from "./direction.ts";
import { DEFAULT_BITS } from "./histogram.ts";
import { Series } from "./series.ts";

/** What a record must have for a stamp to be of a source; 0 is no condition. */
const FLAGS = {
  t1: { user: 0, kernel: ProbeFlag.T1_KERNEL, hardware: ProbeFlag.T1_HARDWARE },
  t4: { user: 0, kernel: ProbeFlag.T4_KERNEL, hardware: ProbeFlag.T4_HARDWARE },
} as const;

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
  /** Bits of `ProbeFlag` that a probe must have one of for its T1, or T4, to be of the source that was asked for. */
  readonly #t1: number;
  readonly #t4: number;
  /** Of the probes with both sources. */
  readonly #best: Series;
  /** Of those with the source of T4, by the program's own T1; there if T1 is to be the kernel's. */
  readonly #ownT1: Series | undefined;
  /** Of all, by the program's own stamps; there if any is to be the kernel's. */
  readonly #own: Series | undefined;
  readonly #directions = new Directions();
  /** Of sessions merged into this one: numbers of different sessions cannot be followed together. */
  readonly #elsewhere: DirectionCounts[] = [];
  #received = 0;
  #lost = 0;
  #duplicates = 0;
  #reordered = 0;
  #late = 0;

  constructor(options: StatsOptions = {}) {
    this.#options = {
      jitter: options.jitter ?? "rfc1889",
      histogramBits: options.histogramBits ?? DEFAULT_BITS,
      reflectorCounts: options.reflectorCounts ?? false,
      stamps: options.stamps ?? { t1: "user", t4: "user" },
    };
    const { histogramBits, stamps } = this.#options;
    this.#t1 = FLAGS.t1[stamps.t1];
    this.#t4 = FLAGS.t4[stamps.t4];
    this.#best = new Series(histogramBits);
    this.#ownT1 = stamps.t1 === "user" ? undefined : new Series(histogramBits);
    this.#own = stamps.t1 === "user" && stamps.t4 === "user" ? undefined : new Series(histogramBits);
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
    const { seq, flags, rtt, forward, backward, residence, txLag, rxLag } = probe;
    this.#received++;
    if (flags & ProbeFlag.REORDERED) this.#reordered++;
    const hasT4 = this.#t4 === 0 || (flags & this.#t4) !== 0;
    const hasT1 = this.#t1 === 0 || (flags & this.#t1) !== 0;
    if (hasT1 && hasT4) this.#best.record(seq, rtt, forward, backward, residence);
    if (hasT4) this.#ownT1?.record(seq, rtt + txLag, forward + txLag, backward, residence);
    this.#own?.record(seq, rtt + txLag + rxLag, forward + txLag, backward + rxLag, residence);
  }

  /**
   * The series that most answered probes are in, best first: "most" so that a result is of one source, and of the best
   * that is to be had.
   */
  #chosen(): { series: Series; t1: StampSource; t4: StampSource } {
    const { t1, t4 } = this.#options.stamps;
    if (this.#own === undefined || 2 * this.#best.count >= this.#received) return { series: this.#best, t1, t4 };
    if (this.#ownT1 !== undefined && 2 * this.#ownT1.count >= this.#received) {
      return { series: this.#ownT1, t1: "user", t4 };
    }
    return { series: this.#own, t1: "user", t4: "user" };
  }

  /** Adds what `other` has seen: another session, or another part of this one, with stamps of the same sources. */
  merge(other: Stats): void {
    this.#best.merge(other.#best);
    if (other.#ownT1 !== undefined) this.#ownT1?.merge(other.#ownT1);
    if (other.#own !== undefined) this.#own?.merge(other.#own);
    this.#received += other.#received;
    this.#lost += other.#lost;
    this.#duplicates += other.#duplicates;
    this.#reordered += other.#reordered;
    this.#late += other.#late;
    this.#elsewhere.push(other.#directionCounts());
  }

  /** All that is known now. */
  snapshot(run: RunState): Snapshot {
    const { series, t1, t4 } = this.#chosen();
    const fallback = this.#received - series.count;
    const { restarts, assumed, ...directions } = this.#directionCounts();
    const notes = [...run.notes, ...this.#stampNotes(t1, t4, fallback)];
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
      ...series.snapshot(this.#options.jitter),
      stamps: { t1, t2: null, t3: null, t4, fallback },
      peer: run.peer,
      durationNs: run.durationNs,
      notes: [...notes, ...run.peer.findings.map((finding) => finding.text)],
    };
  }

  #stampNotes(t1: StampSource, t4: StampSource, fallback: number): string[] {
    const wanted = this.#options.stamps;
    const notes: string[] = [];
    const lower = [t1 === wanted.t1 ? "" : `T1 ${wanted.t1}`, t4 === wanted.t4 ? "" : `T4 ${wanted.t4}`].filter(
      Boolean,
    );
    if (lower.length > 0) {
      notes.push(`most replies lack the stamps that were asked for (${lower.join(", ")}): the program's own are used`);
    }
    if (fallback > 0) {
      const replies = fallback === 1 ? "reply lacks" : "replies lack";
      notes.push(`${fallback} ${replies} the stamps of the others and ${fallback === 1 ? "is" : "are"} in no delay`);
    }
    return notes;
  }

  #directionCounts(): DirectionCounts {
    return this.#elsewhere.reduce(addDirections, this.#directions.counts(this.#options.reflectorCounts));
  }
}

/** Makes empty statistics. */
export function createStats(options?: StatsOptions): Stats {
  return new Stats(options);
}
