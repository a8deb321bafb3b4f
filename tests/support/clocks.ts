/** Two clocks and a path between them, as records without a network: runs of a million probes take a second. */
import { type Nanos, wallSpan } from "../../core/time/clock.ts";
import { EPOCH, Rng } from "./sim.ts";

/** A run. Times are the true ones from its start, which is what our clock shows unless `local` says otherwise. */
export interface TwoClocks {
  readonly seed: number;
  readonly probes: number;
  /** Default 100 ms. */
  readonly interval?: Nanos;
  /** Shortest way there and back at a time. */
  readonly base: (t: Nanos) => readonly [Nanos, Nanos];
  /** Mean of what queues add, there and back; default 3 ms and 0.5 ms. */
  readonly queues?: readonly [Nanos, Nanos] | undefined;
  /** Share of probes without a reply; default 1 %. */
  readonly loss?: number;
  readonly residence?: Nanos;
  /** By how much the far clock is ahead. */
  readonly remote: (t: Nanos) => Nanos;
  readonly local?: (t: Nanos) => Nanos;
}

/** What of a record the clocks are estimated from, and the truth. */
export interface Answer {
  readonly stamps: Uint32Array;
  seq: number;
  rtt: Nanos;
  forward: Nanos;
  backward: Nanos;
  residence: Nanos;
  trueForward: Nanos;
  trueBackward: Nanos;
}

function put(stamps: Uint32Array, at: number, time: Nanos): void {
  const whole = Math.round(time);
  const seconds = Math.floor(whole / 1e9);
  stamps[at] = EPOCH + seconds;
  stamps[at + 1] = whole - seconds * 1e9;
}

/** Calls `each` with every answer; one object over and over. */
export function exchange(run: TwoClocks, each: (answer: Answer) => void): void {
  const { remote, base, local = () => 0, queues = [3e6, 0.5e6], loss = 0.01, residence = 20e3 } = run;
  const rng = new Rng(Math.imul(run.seed, 0x9e3779b1));
  for (let i = 0; i < 20; i++) rng.next();
  const queue = (mean: Nanos) => -mean * Math.log(1 - rng.next());
  const stamps = new Uint32Array(8);
  const answer = { stamps, seq: 0, rtt: 0, forward: 0, backward: 0, residence: 0, trueForward: 0, trueBackward: 0 };
  for (let seq = 0; seq < run.probes; seq++) {
    const t1 = seq * (run.interval ?? 100e6);
    const [there, back] = base(t1);
    answer.seq = seq;
    answer.trueForward = there + queue(queues[0]);
    answer.trueBackward = back + queue(queues[1]);
    if (rng.next() < loss) continue;
    const t2 = t1 + answer.trueForward;
    const t3 = t2 + residence;
    const t4 = t3 + answer.trueBackward;
    put(stamps, 0, t1 + local(t1));
    put(stamps, 2, t2 + remote(t2));
    put(stamps, 4, t3 + remote(t3));
    put(stamps, 6, t4 + local(t4));
    answer.forward = wallSpan(stamps, 0, 2);
    answer.backward = wallSpan(stamps, 4, 6);
    answer.residence = wallSpan(stamps, 2, 4);
    answer.rtt = answer.forward + answer.backward - (local(t4) - local(t1));
    each(answer);
  }
}

/** The true time at which the far clock showed what it did at the reference of an estimate. */
export function referenceOf(run: TwoClocks, clock: { referenceAt: number; offsetNs: Nanos }): Nanos {
  const shown = (clock.referenceAt - EPOCH * 1e3) * 1e6 + clock.offsetNs;
  let t = shown;
  for (let i = 0; i < 4; i++) t = shown - run.remote(t);
  return t;
}
