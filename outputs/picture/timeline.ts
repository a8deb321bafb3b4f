/**
 * How delay and loss went over time, in bounded memory: stretches of one length that are joined two by two when the run
 * outgrows them. Three probes or ten million come to at most {@linkcode MOST_STRETCHES}.
 *
 * @module
 */
import { ProbeFlag, type ProbeRecord } from "../../core/record.ts";
import type { RunInfo } from "../../core/plugin.ts";
import type { Nanos } from "../../core/time/clock.ts";
import { outcome } from "../fields.ts";
import { Sample, Way } from "./sample.ts";

export const MOST_STRETCHES = 400;
/** Of a stretch, where nobody knows how long the run will be. */
const FIRST_WIDTH: Nanos = 1e6;
/** Further than this from where the interval puts a probe, its time is by a clock that was set meanwhile. */
const FAR: Nanos = 3600e9;
/** Departures are in order; a time this much before the last one is by a clock that was set back. */
const BACK: Nanos = 10e6;

const WAYS = [Way.RTT, Way.OUTBOUND, Way.INBOUND] as const;

/** What happened to the probes that left in one stretch of time. */
export class Stretch {
  /** Probes that are answered or lost. */
  finished = 0;
  lost = 0;
  reordered = 0;
  duplicates = 0;
  late = 0;
  /** Exact, by way; infinite of none. */
  readonly min: number[] = [Infinity, Infinity, Infinity];
  readonly max: number[] = [-Infinity, -Infinity, -Infinity];
  /** All values, or a share of them. */
  readonly sample = new Sample();
  /** One way there and back of the quickest round trip that has both: where the clocks' difference is known best. */
  readonly quickest: [outbound: number, inbound: number] = [NaN, NaN];
  /** Sum of the times of all that is counted, for their mean. */
  #time = 0;
  #counted = 0;

  /** When, on average. */
  get at(): Nanos {
    return this.#time / this.#counted;
  }
  get isEmpty(): boolean {
    return this.#counted === 0;
  }

  record(time: Nanos, probe: Readonly<ProbeRecord>): void {
    this.#time += time;
    this.#counted++;
    switch (outcome(probe.flags)) {
      case "duplicate":
        this.duplicates++;
        break;
      case "late":
        this.late++;
        break;
      case "lost":
        this.finished++;
        this.lost++;
        break;
      case "received":
        this.finished++;
        if (probe.flags & ProbeFlag.REORDERED) this.reordered++;
        this.#spread(Way.RTT, probe.rtt);
        this.#spread(Way.OUTBOUND, probe.forward);
        this.#spread(Way.INBOUND, probe.backward);
        this.sample.add(probe);
        this.#consider(probe.forward, probe.backward);
    }
  }

  #spread(way: Way, value: number): void {
    if (value < this.min[way]) this.min[way] = value;
    if (value > this.max[way]) this.max[way] = value;
  }

  #consider(outbound: number, inbound: number): void {
    if (!(outbound + inbound >= this.quickest[0] + this.quickest[1]) && !Number.isNaN(outbound + inbound)) {
      this.quickest[0] = outbound;
      this.quickest[1] = inbound;
    }
  }

  merge(other: Stretch): void {
    this.finished += other.finished;
    this.lost += other.lost;
    this.reordered += other.reordered;
    this.duplicates += other.duplicates;
    this.late += other.late;
    this.#time += other.#time;
    this.#counted += other.#counted;
    for (const way of WAYS) {
      // Not by one call for both: of a stretch without replies both are infinite.
      if (other.min[way] < this.min[way]) this.min[way] = other.min[way];
      if (other.max[way] > this.max[way]) this.max[way] = other.max[way];
    }
    this.sample.merge(other.sample);
    this.#consider(...other.quickest);
  }
}

/** Collects probes by when they left. */
export class Timeline {
  #stretches: (Stretch | undefined)[] = [];
  #width: Nanos;
  readonly #interval: Nanos;
  /** The stamp of the probe that finished first, which need not have been the first to leave. */
  #originSeconds = 0;
  #originNanos = 0;
  #originMs = NaN;
  #lastSeq = -1;
  #lastTime: Nanos = 0;
  /** What is added to times since a clock was set. */
  #shift: Nanos = 0;

  constructor({ session: { count, intervalNs } }: RunInfo) {
    this.#interval = Number.isFinite(intervalNs) ? intervalNs : 0;
    // One more, so that the last does not make all be joined.
    const planned = count === null ? 0 : this.#interval * count / (MOST_STRETCHES - 1);
    this.#width = planned >= 1 ? planned : FIRST_WIDTH;
  }

  /** Length of a stretch. */
  get width(): Nanos {
    return this.#width;
  }

  /** When the first probe left, milliseconds of UNIX time; `NaN` where nobody knows. */
  get originMs(): number {
    return this.#originMs;
  }

  record(probe: Readonly<ProbeRecord>): void {
    const time = this.#timeOf(probe);
    let at = Math.floor(time / this.#width);
    while (at >= MOST_STRETCHES) {
      this.#join();
      at = Math.floor(time / this.#width);
    }
    (this.#stretches[at] ??= new Stretch()).record(time, probe);
  }

  /** Since the first left, never less than 0. A clock that was set neither tears the picture apart nor folds it. */
  #timeOf({ seq, stamps }: Readonly<ProbeRecord>): Nanos {
    if (this.#lastSeq < 0) this.#begin(seq, stamps);
    const expected = this.#lastTime + (seq - this.#lastSeq) * this.#interval;
    let time = expected;
    if (stamps[0] !== 0) {
      time = (stamps[0] - this.#originSeconds) * 1e9 + (stamps[1] - this.#originNanos) + this.#shift;
      const isNext = seq > this.#lastSeq;
      if (Math.abs(time - expected) > FAR || (isNext && time < this.#lastTime - BACK)) {
        if (isNext) this.#shift += expected - time;
        time = expected;
      }
    }
    if (time < 0) time = 0;
    if (seq > this.#lastSeq) {
      this.#lastSeq = seq;
      this.#lastTime = time;
    }
    return time;
  }

  /** Those before it may still be waited for: the first is taken to have left as long before as the interval says. */
  #begin(seq: number, stamps: Uint32Array): void {
    [this.#originSeconds, this.#originNanos] = [stamps[0], stamps[1]];
    this.#shift = seq * this.#interval;
    if (stamps[0] !== 0) this.#originMs = stamps[0] * 1e3 + (stamps[1] - this.#shift) / 1e6;
    [this.#lastSeq, this.#lastTime] = [seq, this.#shift];
  }

  #join(): void {
    const joined: (Stretch | undefined)[] = [];
    for (let i = 0; i < this.#stretches.length; i += 2) {
      const [a, b] = [this.#stretches[i], this.#stretches[i + 1]];
      if (a !== undefined && b !== undefined) a.merge(b);
      joined.push(a ?? b);
    }
    this.#stretches = joined;
    this.#width *= 2;
  }

  /** Joins until there are no more than `most`. */
  reduce(most: number): void {
    while (this.#stretches.length > most) this.#join();
  }

  /** Those with something in them, in order of time. */
  stretches(): Stretch[] {
    return this.#stretches.filter((stretch) => stretch !== undefined);
  }
}
