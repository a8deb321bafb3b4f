/**
 * UDP ports for test sessions: a range, used in turn, so that one just given back is not soon given to somebody else.
 *
 * @module
 */
import { OptionError } from "../../core/errors.ts";

/** Ports `first` to `last`; 0 to 0: the system chooses each. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** Whether the system chooses. */
function isSystems({ last }: PortRange): boolean {
  return last === 0;
}

/** Reads `18760-19960`, one port, or 0. */
export function parsePortRange(text: string): PortRange {
  const parts = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  const first = Number(parts?.[1] ?? NaN);
  const last = Number(parts?.[2] ?? first);
  if (first <= last && last <= 65_535 && (first >= 1 || last === 0)) return { first, last };
  throw new OptionError(
    `--test-ports '${text}' is no range of ports: write FIRST-LAST, as 18760-19960, or 0 to let the system choose`,
  );
}

/** In words. */
export function describeRange(range: PortRange): string {
  return isSystems(range) ? "test ports of the system's choice" : `test ports ${range.first}-${range.last}`;
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

  /** Takes the wished port if it is in the range and free, else the next one; undefined if all are taken, 0: any. */
  take(wished: number): number | undefined {
    if (isSystems(this.#range)) return 0;
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
