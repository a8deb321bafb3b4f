/**
 * The statistics of one session: probes in, a snapshot out, in constant memory whatever the length of the run.
 *
 * @module
 */
import { ProbeFlag, type ProbeRecord } from "../record.ts";
import type { JitterAlgorithm, PeerReport, SenderCounters, Snapshot, TlvReport } from "../snapshot.ts";
import type { Nanos } from "../time/clock.ts";
import type { StampSource } from "../transport.ts";
import { clockNotes } from "./clock_notes.ts";
import { farStamps } from "./far_stamps.ts";
import { addDirections, type DirectionCounts, Directions, undecidedLosses } from "./direction.ts";
import { DEFAULT_BITS } from "./histogram.ts";
import { Markings } from "./marking.ts";
import { markingNotes } from "./marking_notes.ts";
import { reflectedFindings } from "./reflected.ts";
import { Series } from "./series.ts";

/** What a record must have for a stamp to be of a source; 0 is no condition: a program always has its own. */
const FLAGS = {
  t1: { user: 0, kernel: ProbeFlag.T1_KERNEL, hardware: ProbeFlag.T1_HARDWARE },
  t4: { user: 0, kernel: ProbeFlag.T4_KERNEL, hardware: ProbeFlag.T4_HARDWARE },
} as const;

/** The sources of T1 and T4 in one series. */
interface Sources {
  readonly t1: StampSource;
  readonly t4: StampSource;
}

/** T3 was put right by a later reply. */
const T3_LATE = ProbeFlag.T3_KERNEL | ProbeFlag.T3_HARDWARE;

/** Delays by stamps of one pair of sources. */
interface Level extends Sources {
  /** Bits of `ProbeFlag` that a probe must have for its stamps to be those. */
  readonly flags: number;
  /** Of replies whose T3 was put right, by that; else by the one that they carry. */
  readonly lateT3: boolean;
  /** Of these, the ones by the far end's card. */
  hardwareT3: number;
  readonly series: Series;
}

/** A source, and what may have to do instead, best first. */
const DOWN_FROM = {
  hardware: ["hardware", "kernel", "user"],
  kernel: ["kernel", "user"],
  user: ["user"],
} as const;

/** In words, where they are used instead. */
const WHOSE = { hardware: "the card's", kernel: "the kernel's", user: "the program's own" } as const;

/**
 * What was asked for, and what may have to do instead, best first: a lower T1, because the card or the kernel tells it by
 * and by and not always; a lower T4, because replies may come in through another interface than the card's. A program
 * that stamps arrivals itself has its own T1 as well, so that both ends of a round trip are taken at one place.
 */
function levelsFor(asked: Sources): Sources[] {
  const levels: Sources[] = [];
  for (const t4 of DOWN_FROM[asked.t4]) {
    if (t4 !== "user" || asked.t4 === "user") { for (const t1 of DOWN_FROM[asked.t1]) levels.push({ t1, t4 }); }
  }
  if (asked.t4 !== "user") levels.push({ t1: "user", t4: "user" });
  return levels;
}

/** How to count. */
export interface StatsOptions {
  /** Default `rfc1889`. */
  readonly jitter?: JitterAlgorithm;
  /** Percentiles are wrong by at most 2^-bits; default 10. */
  readonly histogramBits?: number;
  /** The protocol has reflectors count for themselves (TWAMP: RFC 5357 section 4.2.1); STAMP leaves it open. */
  readonly reflectorCounts?: boolean;
  /** Several replies to a probe were asked for (RFC 10052): numbers tell no direction; default false. */
  readonly asksSeveral?: boolean;
  /** How this host stamps. */
  readonly stamps?: { readonly t1: StampSource; readonly t4: StampSource };
  /** The far end is asked when its replies really left (RFC 8972 section 4.7); default false. */
  readonly lateT3?: boolean;
  /** TOS that probes leave with; default null: the system decides. */
  readonly tos?: number | null;
  /** TOS that replies are agreed to leave with (TWAMP-Control's Type-P: the DSCP of it); default null: the far end chooses. */
  readonly replyTos?: number | null;
  /** Octets of padding that the far end must return (RFC 6038); default 0. */
  readonly reflectedOctets?: number;
}

/** What the statistics cannot know by themselves. */
export interface RunState {
  readonly counters: Readonly<SenderCounters>;
  readonly peer: PeerReport;
  /** Default none. */
  readonly tlvs?: readonly TlvReport[];
  readonly durationNs: Nanos;
  readonly sendErrors: number;
  readonly lostInHost: number | null;
  /** Whether this host's clock claims to be synchronised; default null: not known. */
  readonly synchronized?: boolean | null;
  readonly notes: readonly string[];
}

/** Collects the records of a session. */
export class Stats {
  readonly #options: Required<StatsOptions>;
  /** Best first. */
  readonly #levels: readonly Level[];
  readonly #directions = new Directions();
  readonly #markings = new Markings();
  /** Of sessions merged into this one: numbers of different sessions cannot be followed together. */
  readonly #elsewhere: DirectionCounts[] = [];
  #received = 0;
  #lateT3 = 0;
  #lost = 0;
  #duplicates = 0;
  #reordered = 0;
  #late = 0;
  /** As the last record has it. */
  #clockSteps = 0;

  constructor(options: StatsOptions = {}) {
    this.#options = {
      jitter: options.jitter ?? "rfc1889",
      histogramBits: options.histogramBits ?? DEFAULT_BITS,
      reflectorCounts: options.reflectorCounts ?? false,
      asksSeveral: options.asksSeveral ?? false,
      stamps: options.stamps ?? { t1: "user", t4: "user" },
      lateT3: options.lateT3 ?? false,
      tos: options.tos ?? null,
      replyTos: options.replyTos ?? null,
      reflectedOctets: options.reflectedOctets ?? 0,
    };
    const { histogramBits, stamps } = this.#options;
    // Which T3 counts for less than where the others are from: those can be further from the truth.
    const ways = this.#options.lateT3 ? [true, false] : [false];
    this.#levels = levelsFor(stamps).flatMap(({ t1, t4 }) =>
      ways.map((lateT3) => ({
        t1,
        t4,
        flags: FLAGS.t1[t1] | FLAGS.t4[t4],
        lateT3,
        hardwareT3: 0,
        series: new Series(histogramBits),
      }))
    );
  }

  /** Takes a record; nothing of it is kept. */
  record(probe: Readonly<ProbeRecord>): void {
    if (probe.clockSteps !== this.#clockSteps) this.#handleClockStep(probe.clockSteps);
    this.#directions.record(probe);
    if (probe.flags & ProbeFlag.LOST) this.#lost++;
    else if (probe.flags & ProbeFlag.LATE) this.#late++;
    else if (probe.flags & ProbeFlag.DUPLICATE) this.#duplicates++;
    else this.#recordReceived(probe);
  }

  #recordReceived(probe: Readonly<ProbeRecord>): void {
    const { seq, flags, stamps, rtt, forward, backward, residence, txLag, t3Lag, rxLag } = probe;
    // Without what a later reply told: a T3 that was T2 once more is none.
    const ownResidence = residence === t3Lag ? NaN : residence - t3Lag;
    this.#received++;
    if (flags & T3_LATE) this.#lateT3++;
    if (flags & ProbeFlag.REORDERED) this.#reordered++;
    this.#markings.record(probe);
    for (let i = 0; i < this.#levels.length; i++) {
      const level = this.#levels[i];
      if ((flags & level.flags) !== level.flags || (level.lateT3 && !(flags & T3_LATE))) continue;
      const tx = level.t1 === "user" ? txLag : 0;
      const rx = (level.t4 === "user" ? rxLag : 0) + (level.lateT3 ? 0 : t3Lag);
      if (level.lateT3 && flags & ProbeFlag.T3_HARDWARE) level.hardwareT3++;
      level.series.record(
        seq,
        stamps,
        rtt + tx + rx,
        forward + tx,
        backward + rx,
        level.lateT3 ? residence : ownResidence,
      );
    }
  }

  /** The wall clock of this host was set: from the next record on, one-way values are by another clock. */
  #handleClockStep(steps: number): void {
    this.#clockSteps = steps;
    for (const { series } of this.#levels) series.handleClockStep();
  }

  /**
   * The series that most answered probes are in, best first: "most" so that a result is of one source, and of the best
   * that is to be had.
   */
  #chosen(): Level {
    return this.#levels.find(({ series }) => 2 * series.count >= this.#received) ?? this.#levels.at(-1)!;
  }

  /** Adds what `other` has seen: another session, or another part of this one, with stamps of the same sources. */
  merge(other: Stats): void {
    this.#levels.forEach((level, i) => {
      level.series.merge(other.#levels[i].series);
      level.hardwareT3 += other.#levels[i].hardwareT3;
    });
    this.#lateT3 += other.#lateT3;
    this.#markings.merge(other.#markings);
    this.#received += other.#received;
    this.#lost += other.#lost;
    this.#duplicates += other.#duplicates;
    this.#reordered += other.#reordered;
    this.#late += other.#late;
    this.#elsewhere.push(other.#directionCounts());
  }

  /**
   * How it stands, for who looks all the time: probes are under way, and all of a {@linkcode snapshot}, clocks and what
   * they are corrected by, takes milliseconds in which none can leave.
   */
  progress(): { readonly received: number; readonly lost: number; readonly medianRtt: Nanos | null } {
    return { received: this.#received, lost: this.#lost, medianRtt: this.#chosen().series.median };
  }

  /** All that is known now. */
  snapshot(run: RunState): Snapshot {
    const { series, t1, t4, lateT3, hardwareT3 } = this.#chosen();
    const far = farStamps(run.tlvs ?? []);
    const t3 = !lateT3 || series.count === 0 ? far.t3 : hardwareT3 === series.count ? "hardware" : "kernel";
    const fallback = this.#received - series.count;
    const { clock, ...delays } = series.snapshot(this.#options.jitter);
    const synchronized = { local: run.synchronized ?? null, remote: run.peer.synchronized };
    const { restarts, assumed, ownNumbers, ...directions } = this.#directionCounts();
    const { tos, replyTos, reflectedOctets } = this.#options;
    const marking = this.#markings.snapshot(tos, replyTos);
    const { forged, reflectedVerified: verified, reflectedAltered: altered } = run.counters;
    const peer = { ...run.peer, findings: [...run.peer.findings, ...reflectedFindings(altered)] };
    const notes = [...run.notes, ...this.#stampNotes(t1, t4, fallback), ...clockNotes(clock), ...markingNotes(marking)];
    if (forged > 0) {
      notes.push(
        `${forged} sealed ${forged === 1 ? "reply does" : "replies do"} not verify and ${
          forged === 1 ? "was" : "were"
        } left out: another key, altered on the way, or forged`,
      );
    }
    if (restarts > 0) {
      notes.push(
        `the reflector began to count anew ${restarts} time${restarts > 1 ? "s" : ""}: it forgets or restarts`,
      );
    }
    if (directions.lostForward === null && this.#lost > 0 && this.#received > 0) {
      notes.push(`${this.#whyNoDirection(ownNumbers)}: losses can be laid to neither direction`);
    }
    const undecided = undecidedLosses({ lost: this.#lost, late: this.#late, ...directions });
    if (undecided > 0 && this.#received > 0) {
      notes.push(
        `${undecided} of ${this.#lost} losses are laid to neither direction: they came after the last reply, or before the first`,
      );
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
      forged,
      unfinished: run.counters.unfinished,
      sendErrors: run.sendErrors,
      lostInHost: run.lostInHost,
      ...delays,
      clock: clock && { ...clock, synchronized },
      stamps: { t1, t2: far.t2, t3, t4, fallback, t3Corrected: this.#lateT3, t3Refused: run.counters.t3Refused },
      marking,
      reflected: reflectedOctets > 0 ? { octets: reflectedOctets, verified, altered } : null,
      tlvs: run.tlvs ?? [],
      peer,
      durationNs: run.durationNs,
      notes: [...notes, ...peer.findings.map((finding) => finding.text)],
    };
  }

  #whyNoDirection(ownNumbers: boolean): string {
    if (!ownNumbers) return "the reflector's numbers equal the sender's";
    return this.#options.asksSeveral
      ? "the reflector numbers its replies, and several to a probe were asked for"
      : "a reflector that begins to count anew so often counts nothing";
  }

  #stampNotes(t1: StampSource, t4: StampSource, fallback: number): string[] {
    const wanted = this.#options.stamps;
    const notes: string[] = [];
    const lower = [["T1", t1, wanted.t1], ["T4", t4, wanted.t4]] as const;
    const lacking = lower.filter(([, got, asked]) => got !== asked);
    if (lacking.length > 0) {
      const asked = lacking.map(([name, , source]) => `${name} ${source}`).join(", ");
      const instead = [...new Set(lacking.map(([, got]) => WHOSE[got]))].join(" and ");
      notes.push(`most replies lack the stamps that were asked for (${asked}): ${instead} are used`);
    }
    if (fallback > 0) {
      const replies = fallback === 1 ? "reply lacks" : "replies lack";
      notes.push(`${fallback} ${replies} the stamps of the others and ${fallback === 1 ? "is" : "are"} in no delay`);
    }
    return notes;
  }

  #directionCounts(): DirectionCounts {
    const { reflectorCounts, asksSeveral } = this.#options;
    return this.#elsewhere.reduce(addDirections, this.#directions.counts(reflectorCounts, !asksSeveral));
  }
}

/** Makes empty statistics. */
export function createStats(options?: StatsOptions): Stats {
  return new Stats(options);
}
