/**
 * UDP ports for test sessions: a range, used in turn, so that one just given back is not soon given to somebody else.
 *
 * @module
 */
import { OptionError } from "../../core/errors.ts";

/** Ports `first` to `last`. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** Reads `18760-19960` or one port. */
export function parsePortRange(text: string): PortRange {
  const parts = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  const first = Number(parts?.[1] ?? NaN);
  const last = Number(parts?.[2] ?? first);
  if (first >= 1 && last <= 65_535 && first <= last) return { first, last };
  throw new OptionError(`--test-ports '${text}' is no range of ports: write FIRST-LAST, as 18760-19960`);
}

/** The ports of a range that are not in use by this server. */
export class TestPorts {
  readonly #range: PortRange;
  readonly #used = new Set<number>();
  #next: number;

  constructor(range: PortRange) {
    this.#range = range;
    this.#next = range.first;
  }

  /** Takes the wished port if it is in the range and free, else the next one; undefined if all are taken. */
  take(wished: number): number | undefined {
    const { first, last } = this.#range;
    if (wished >= first && wished <= last && !this.#used.has(wished)) return this.#take(wished);
    for (let left = last - first; left >= 0; left--) {
      const port = this.#next;
      this.#next = port === last ? first : port + 1;
      if (!this.#used.has(port)) return this.#take(port);
    }
    return undefined;
  }

  #take(port: number): number {
    this.#used.add(port);
    return port;
  }

  give(port: number): void {
    this.#used.delete(port);
  }

  /** How many there are. */
  get size(): number {
    return this.#range.last - this.#range.first + 1;
  }
}
