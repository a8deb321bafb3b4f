/**
 * Octets of one direction of a connection that are in order and not yet read.
 *
 * @module
 */

/** A queue of octets, taken from the front. */
export class OctetQueue {
  #octets = new Uint8Array();

  /** Octets there are. */
  get size(): number {
    return this.#octets.length;
  }

  add(octets: Uint8Array): void {
    const longer = new Uint8Array(this.#octets.length + octets.length);
    longer.set(this.#octets);
    longer.set(octets, this.#octets.length);
    this.#octets = longer;
  }

  /** Takes the first `count` octets, of their own; there are as many. */
  take(count: number): Uint8Array {
    const taken = this.#octets.slice(0, count);
    this.#octets = this.#octets.subarray(count);
    return taken;
  }
}
