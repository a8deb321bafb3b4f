/**
 * Probes kept to be corrected when more is known of the clocks: all of a short run, of a long one a share that depends
 * on nothing but their count, so that no rhythm of the traffic has a say in it and a run repeats.
 *
 * @module
 */
import type { Nanos } from "../time/clock.ts";
import { Place } from "./time_bins.ts";

/** At most; more than half of it is in use once a run has as many probes. */
export const SAMPLE = 4096;
const FIRST = 64;

/** Times and the two one-way values: a reply leaves later than its probe came, and the clock goes on meanwhile. */
export class Sample {
  x = new Float64Array(FIRST);
  xBackward = new Float64Array(FIRST);
  forward = new Float64Array(FIRST);
  backward = new Float64Array(FIRST);
  #hash = new Uint32Array(FIRST);
  size = 0;
  /** Entries before this one are corrected. */
  done = 0;
  #seen = 0;
  /** One in `#mask + 1` is kept. */
  #mask = 0;

  /** Takes one probe, a `Place` each, or leaves it. */
  add(probe: Float64Array): void {
    const hash = scramble(this.#seen++);
    if ((hash & this.#mask) !== 0) return;
    if (this.size === this.x.length) this.#makeRoom();
    if ((hash & this.#mask) !== 0) return;
    const at = this.size++;
    this.x[at] = probe[Place.X];
    this.xBackward[at] = probe[Place.X_BACKWARD];
    this.forward[at] = probe[Place.FORWARD];
    this.backward[at] = probe[Place.BACKWARD];
    this.#hash[at] = hash;
  }

  #makeRoom(): void {
    if (this.size >= SAMPLE) {
      while (this.size > SAMPLE / 2) this.#thin();
      return;
    }
    this.x = twice(this.x);
    this.xBackward = twice(this.xBackward);
    this.forward = twice(this.forward);
    this.backward = twice(this.backward);
    const hash = new Uint32Array(2 * this.size);
    hash.set(this.#hash);
    this.#hash = hash;
  }

  #thin(): void {
    this.#mask = 2 * this.#mask + 1;
    let [kept, done] = [0, 0];
    for (let i = 0; i < this.size; i++) {
      if ((this.#hash[i] & this.#mask) !== 0) continue;
      this.x[kept] = this.x[i];
      this.xBackward[kept] = this.xBackward[i];
      this.forward[kept] = this.forward[i];
      this.backward[kept] = this.backward[i];
      this.#hash[kept++] = this.#hash[i];
      if (i < this.done) done = kept;
    }
    this.size = kept;
    this.done = done;
  }

  /** Corrects what has not been by the offset that a clock had; `undefined` leaves it out. */
  correct(offsetAt: ((x: Nanos) => Nanos) | undefined): void {
    if (offsetAt === undefined) this.size = this.done;
    else {
      for (let i = this.done; i < this.size; i++) {
        this.forward[i] -= offsetAt(this.x[i]);
        this.backward[i] += offsetAt(this.xBackward[i]);
      }
    }
    this.done = this.size;
  }
}

function twice(values: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const more = new Float64Array(2 * values.length);
  more.set(values);
  return more;
}

/** The finalizer of MurmurHash3. */
function scramble(h: number): number {
  h = Math.imul(h ^ h >>> 16, 0x85ebca6b);
  h = Math.imul(h ^ h >>> 13, 0xc2b2ae35);
  return (h ^ h >>> 16) >>> 0;
}
