/**
 * The difference between two clocks over a run, from the run itself, in constant memory.
 *
 * Times are the far end's: at T2 our clock shows T1 or more, at T3 it shows T4 or less, whatever the drift and however
 * long the way. So the offset as a function of their time is bounded by each probe without any other assumption; `band.ts`
 * puts these bounds together, `likely_line.ts` estimates within them. Values are kept from those of the first probe on,
 * so that clocks that are decades apart keep their nanoseconds.
 *
 * @module
 */
import type { ClockOffset, Distribution, JitterAlgorithm } from "../snapshot.ts";
import type { Nanos } from "../time/clock.ts";
import { Accumulator } from "./accumulator.ts";
import { maximize, MOST_DRIFT, type Points, pointsOf, type Possible, possible } from "./band.ts";
import { Totals } from "./corrected.ts";
import { Course } from "./course.ts";
import { knowsDrift } from "./likely_line.ts";
import { Sample } from "./sample.ts";
import { BINS, Column, Place, ROW, TimeBins } from "./time_bins.ts";

/** Stamps are rounded to units of 2^-32 s and to nanoseconds, at both ends. */
const ROUNDING: Nanos = 2;
/**
 * A clock that is read this badly was not set: one that a program puts together of two (docs/decisions/0007) may be off by
 * half as much.
 */
const UNSTEADY: Nanos = 50e3;
/** By how much a drift may change: 0.2 ppm a minute, a crystal that warms up quickly; half of it, a nanosecond. */
const HALF_WANDER = 0.2e-6 / 60e9 / 2;
/** Probes of which a correction says anything. */
const CORRECTED_LEAST = 3;

const FORWARD = { least: Column.LEAST_FORWARD, greatest: Column.GREATEST_FORWARD };
const BACKWARD = { least: Column.LEAST_BACKWARD, greatest: Column.GREATEST_BACKWARD };

/** What a run says of the clocks, all but what they claim themselves. */
export type ClockEstimate = Omit<ClockOffset, "synchronized">;

/** Follows the clocks of one session. */
export class ClockModel {
  /** Probes with all four stamps. */
  count = 0;
  /** Times that a clock was set. */
  steps = 0;
  readonly #bins = new TimeBins();
  readonly #sample = new Sample();
  readonly #totals = { forward: new Totals(), backward: new Totals() };
  /** Of these, since a clock was set. */
  #since = 0;
  /** The far end's time of the first probe since then, UNIX time, and its forward value. */
  readonly #origin = new Uint32Array(2);
  #zero = 0;
  #lastX = 0;
  /** How long these were at the far end, all together. */
  #resided: Nanos = 0;
  /** The probe at hand, and its two values along the drift. */
  readonly #probe = new Float64Array(4);
  readonly #levels = new Float64Array(2);
  /** What readings are taken to be wrong by. */
  #slack = ROUNDING;
  #made: { readonly count: number; readonly course: Course } | undefined;
  /** The least values, along the drift of `#bins.tilt`. */
  #forward = Infinity;
  #backward = Infinity;

  /** Takes one probe; NaN is unknown. `stamps` tell the time, the values are by whatever source was chosen. */
  record(stamps: Uint32Array, rtt: Nanos, forward: Nanos, backward: Nanos, residence: Nanos): void {
    const both = forward + backward;
    if (!(both >= 0)) return; // less than no time: a stamp is wrong
    // Our clock was set while it was away: its two values are by two clocks. `handleStep` was called for that.
    if (Math.abs(both - rtt) > 1000 + Math.abs(forward) * 1e-15) return;
    if (this.#since === 0) this.#begin(stamps, forward);
    const probe = this.#probe;
    probe[Place.X] = (stamps[2] - this.#origin[0]) * 1e9 + (stamps[3] - this.#origin[1]);
    probe[Place.X_BACKWARD] = probe[Place.X] + (residence > 0 ? residence : 0);
    probe[Place.FORWARD] = forward - this.#zero;
    probe[Place.BACKWARD] = backward + this.#zero;
    if (!this.#agrees()) {
      this.handleStep();
      this.#begin(stamps, forward);
      probe[Place.X_BACKWARD] -= probe[Place.X];
      probe[Place.X] = probe[Place.FORWARD] = 0;
      probe[Place.BACKWARD] = both;
      this.#follow();
    }
    this.#take();
  }

  /** Whether one clock can have shown the probe at hand and those before. */
  #agrees(): boolean {
    const levels = this.#levels;
    this.#follow();
    const forward = levels[0] < this.#forward ? levels[0] : this.#forward;
    const backward = levels[1] < this.#backward ? levels[1] : this.#backward;
    if (forward + backward >= -this.#slack) return true;
    if (!this.#fits()) return false;
    this.#follow();
    return true;
  }

  #begin(stamps: Uint32Array, forward: Nanos): void {
    this.#origin[0] = stamps[2];
    this.#origin[1] = stamps[3];
    this.#zero = forward;
    this.#resided = 0;
    this.#slack = ROUNDING + Math.abs(forward) * 2 ** -52;
  }

  /** The values of the probe at hand along the drift. */
  #follow(): void {
    const { tilt } = this.#bins;
    const probe = this.#probe;
    this.#levels[0] = probe[Place.FORWARD] - tilt * probe[Place.X];
    this.#levels[1] = probe[Place.BACKWARD] + tilt * probe[Place.X_BACKWARD];
  }

  #take(): void {
    const probe = this.#probe;
    const levels = this.#levels;
    this.count++;
    this.#since++;
    this.#lastX = probe[Place.X];
    this.#resided += probe[Place.X_BACKWARD] - probe[Place.X];
    if (levels[0] < this.#forward) this.#forward = levels[0];
    if (levels[1] < this.#backward) this.#backward = levels[1];
    this.#totals.forward.follow(levels, 0);
    this.#totals.backward.follow(levels, 1);
    this.#sample.add(probe);
    if (this.#bins.add(probe)) this.#fits();
  }

  /** The same, at any drift; if so, learns the one that fits best. */
  #fits(): boolean {
    const [x, forward, xBackward, backward] = this.#probe;
    const [there, back] = this.#points(x, 1);
    there.also(0, forward + this.#slack);
    back.also(xBackward - x, backward + this.#slack);
    const gap = (r: number) => there.height(r) + back.height(-r);
    const drift = maximize(gap, -MOST_DRIFT, MOST_DRIFT);
    const lacking = -gap(drift) / 2;
    if (lacking > UNSTEADY) return false;
    this.#slack = Math.min(this.#slack + Math.max(lacking, 0), UNSTEADY);
    this.#bins.tilt = drift;
    this.#totals.forward.interrupt(); // levels along another drift are not those before
    this.#totals.backward.interrupt();
    this.#forward = there.height(drift) - drift * x;
    this.#backward = back.height(-drift) + drift * x;
    return true;
  }

  /** What bounds the offset seen from `x`: the further away, the looser; `more` times as loose. */
  #points(x: Nanos, more: number): readonly [Points, Points] {
    const bins = this.#bins;
    const relax = (since: Nanos) => more * (this.#slack + HALF_WANDER * since * since);
    return [
      pointsOf(bins, Column.LEAST_FORWARD, 0, bins.used, x, relax),
      pointsOf(bins, Column.LEAST_BACKWARD, 0, bins.used, x, relax),
    ];
  }

  /** A clock was set: what comes now is compared with nothing before. */
  handleStep(): void {
    if (this.#since === 0) return;
    this.steps++;
    if (this.#since >= CORRECTED_LEAST) {
      const course = this.#course();
      this.#close(course, this.#totals.forward, this.#totals.backward);
      this.#sample.correct((x) => course.at(x));
    } else this.#sample.correct(undefined);
    this.#totals.forward.interrupt();
    this.#totals.backward.interrupt();
    this.#bins.clear();
    this.#since = 0;
    this.#forward = this.#backward = Infinity;
  }

  /** Read twice for a snapshot, and made once. */
  #course(): Course {
    if (this.#made?.count !== this.count) this.#made = { count: this.count, course: new Course(this.#bins) };
    return this.#made.course;
  }

  /** Adds what has come since a clock was set, corrected by `course`. */
  #close(course: Course, forward: Totals, backward: Totals): void {
    const { rows, used } = this.#bins;
    const residence = this.#resided / this.#since;
    let [there, back] = [0, 0];
    for (let at = 0; at < used * ROW; at += ROW) {
      const count = rows[at + Column.COUNT];
      if (count === 0) continue;
      const x = rows[at + Column.SUM_X] / count;
      there += rows[at + Column.SUM_FORWARD] - count * course.at(x);
      // Replies left later than that by as much as all did on average.
      back += rows[at + Column.SUM_BACKWARD] + count * course.at(x + residence);
    }
    forward.add(this.#since, there, this.#bins, FORWARD, (y, x) => y - course.at(x));
    backward.add(this.#since, back, this.#bins, BACKWARD, (y, x) => y + course.at(x));
  }

  /** What is known of the clocks since one was last set; null if nothing is. */
  estimate(): ClockEstimate | null {
    if (this.#since === 0) return null;
    const course = this.#course();
    const { line } = course;
    const reference = this.#reference();
    const x = this.#bins.rows[reference];
    const { drift: [slowest, fastest], offset: [least, most] } = this.#possibleAt(reference);
    const offset = Math.min(Math.max(course.at(x), least), most);
    const drift = Math.min(Math.max(course.driftAt(x), slowest), fastest);
    const isTold = knowsDrift(line);
    const isBounded = isTold && slowest > -MOST_DRIFT && fastest < MOST_DRIFT;
    const [seconds, nanos] = this.#origin;
    return {
      offsetNs: this.#zero + offset,
      boundNs: Math.max(most - offset, offset - least),
      driftPpm: isTold ? ppm(drift) : null,
      driftErrorPpm: isTold ? line.spread * 1e6 : null,
      driftBoundPpm: isBounded ? Math.max(ppm(fastest) - ppm(drift), ppm(drift) - ppm(slowest)) : null,
      referenceAt: seconds * 1e3 + (nanos + x - this.#zero - offset) / 1e6,
      method: isTold ? "line" : "minimum",
      assumes: "symmetric path",
      probes: this.#since,
      steps: this.steps,
    };
  }

  /** The quickest round trip in the middle third of the run: where it is in `#bins.rows`. */
  #reference(): number {
    const { rows, width, used } = this.#bins;
    const trip = (at: number) => rows[at + 1] + rows[at + 3];
    let best = -1;
    for (let bin = 0; bin < used; bin++) {
      const at = bin * ROW + Column.QUICKEST_FORWARD;
      const isMiddle = rows[at] >= this.#lastX / 3 - width && rows[at] <= this.#lastX * 2 / 3 + width;
      if (isMiddle && (best < 0 || trip(at) < trip(best))) best = at;
    }
    for (let bin = 0; best < 0 && bin < BINS; bin++) { // nothing came back in that third
      const at = bin * ROW + Column.QUICKEST_FORWARD;
      if (!Number.isNaN(rows[at])) best = at;
    }
    return best;
  }

  /** What the offset can be at that probe; if no clock that wanders as we allow fits, of one that wanders as needed. */
  #possibleAt(reference: number): Possible {
    const [x, forward, xBackward, backward] = this.#bins.rows.subarray(reference, reference + 4);
    for (let more = 1;; more *= 2) {
      const [there, back] = this.#points(x, more);
      there.also(0, forward + this.#slack);
      back.also(xBackward - x, backward + this.#slack);
      const found = possible(there, back);
      if (found !== undefined) return found;
    }
  }

  /** One-way delays without the clocks' offset; null where too few probes tell it. */
  corrected(bits: number, jitter: JitterAlgorithm): { forward: Distribution; backward: Distribution } | null {
    const isOpen = this.#since >= CORRECTED_LEAST;
    const forward = this.#totals.forward.clone();
    const backward = this.#totals.backward.clone();
    const course = isOpen ? this.#course() : undefined;
    if (course !== undefined) this.#close(course, forward, backward);
    if (forward.count === 0) return null;
    const [there, back] = [new Accumulator(bits), new Accumulator(bits)];
    const { x, xBackward, size, done, ...values } = this.#sample;
    for (let i = 0; i < (course === undefined ? done : size); i++) {
      there.record(values.forward[i] - (i < done ? 0 : course!.at(x[i])));
      back.record(values.backward[i] + (i < done ? 0 : course!.at(xBackward[i])));
    }
    return { forward: forward.snapshot(there, jitter), backward: backward.snapshot(back, jitter) };
  }
}

/** A drift by their time as parts per million of ours. */
function ppm(drift: number): number {
  return drift / (1 - drift) * 1e6;
}
