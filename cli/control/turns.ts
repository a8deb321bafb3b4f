/**
 * Work of which only so much is done at once; the rest waits, and is not done at all for who has gone meanwhile.
 *
 * @module
 */

/** Turns at something. */
export class Turns {
  readonly #most: number;
  readonly #waiting: (() => void)[] = [];
  #busy = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Does `work` when it is its turn; undefined, and nothing is done, if `isOver` then. */
  async take<T>(work: () => Promise<T>, isOver: () => boolean): Promise<T | undefined> {
    while (this.#busy >= this.#most) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (isOver()) {
      this.#waiting.shift()?.();
      return undefined;
    }
    this.#busy++;
    try {
      return await work();
    } finally {
      this.#busy--;
      this.#waiting.shift()?.();
    }
  }
}
