/**
 * Octets of a stream that have come and are not used yet: bounded, and in one piece.
 *
 * @module
 */

const FIRST_SIZE = 512;

/** A queue of octets. */
export class Inbox {
  #octets = new Uint8Array(FIRST_SIZE);
  #view = new DataView(this.#octets.buffer);
  #size = 0;
  readonly #most: number;

  /** `most`: octets that may wait. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Octets there are. */
  get size(): number {
    return this.#size;
  }
  /** Its memory; those that came first are at 0. */
  get octets(): Uint8Array {
    return this.#octets;
  }
  get view(): DataView {
    return this.#view;
  }

  /** Adds octets; false, and adds none, if they are more than may wait. */
  add(octets: Uint8Array): boolean {
    const size = this.#size + octets.length;
    if (size > this.#most) return false;
    if (size > this.#octets.length) {
      const larger = new Uint8Array(Math.min(this.#most, Math.max(size, 2 * this.#octets.length)));
      larger.set(this.#octets.subarray(0, this.#size));
      this.#octets = larger;
      this.#view = new DataView(larger.buffer);
    }
    this.#octets.set(octets, this.#size);
    this.#size = size;
    return true;
  }

  /** Takes `count` octets away from the front. */
  drop(count: number): void {
    this.#octets.copyWithin(0, count, this.#size);
    this.#size -= count;
  }
}
