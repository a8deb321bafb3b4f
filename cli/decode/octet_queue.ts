/**
 * Octets of one direction of a connection that are in order and not yet read.
 *
 * @module
 */

const FIRST_ROOM = 512;

/** A queue of octets, taken from the front. */
export class OctetQueue {
  #room = new Uint8Array(FIRST_ROOM);
  #from = 0;
  #to = 0;

  /** Octets there are. */
  get size(): number {
    return this.#to - this.#from;
  }

  add(octets: Uint8Array): void {
    if (this.#to + octets.length > this.#room.length) {
      const before = this.#room;
      const needed = this.size + octets.length;
      // Twice of what is needed: many small additions are not to copy everything each time.
      if (2 * needed > before.length) this.#room = new Uint8Array(2 * needed);
      this.#room.set(before.subarray(this.#from, this.#to));
      this.#to -= this.#from;
      this.#from = 0;
    }
    this.#room.set(octets, this.#to);
    this.#to += octets.length;
  }

  /** Takes the first `count` octets, as a copy; there are as many. */
  take(count: number): Uint8Array {
    const taken = this.#room.slice(this.#from, this.#from + count);
    this.#from += count;
    return taken;
  }
}
