/**
 * How long sealing a reply takes at least: T3 is sealed with the rest, and so has to be written before it.
 *
 * @module
 */

/** The last so many count: what the runtime compiled since, or moved away, shows soon. */
const KEPT = 16;
/** No sealing takes so long: the program was interrupted, or the clock was set. */
const MOST_NS = 1e6;

/** The least of the last ones. */
export class SealTime {
  readonly #last = new Float64Array(KEPT).fill(MOST_NS);
  #next = 0;
  #seen = 0;
  /** 0 until there are enough of them. */
  least = 0;

  /** Notes that one took from `from` to `to` (UNIX words), or `more` longer. */
  record(from: Uint32Array, to: Uint32Array, more: number): void {
    const took = (to[0] - from[0]) * 1e9 + (to[1] - from[1]) + more;
    if (!(took >= 0 && took < MOST_NS)) return;
    this.#last[this.#next] = took;
    this.#next = (this.#next + 1) % KEPT;
    if (++this.#seen < KEPT) return;
    let least = MOST_NS;
    for (let i = 0; i < KEPT; i++) if (this.#last[i] < least) least = this.#last[i];
    this.least = least;
  }
}

/** Moves `time` (UNIX words) by less than a second. */
export function moveOn(time: Uint32Array, nanos: number): void {
  const sum = time[1] + Math.floor(nanos);
  const carry = sum >= 1e9 ? 1 : 0;
  time[0] += carry;
  time[1] = sum - carry * 1e9;
}
