/**
 * Which session of a file of lines a line is of.
 *
 * @module
 */
import type { CutSession } from "./cut_session.ts";
import type { SavedResult } from "./document.ts";
import { FormatError } from "./fields.ts";

/** Of a file: beyond this it is no run of ours, nor of many. */
export const MOST_SESSIONS = 4096;

/** A session of a file of lines, while the file is looked through. */
export interface Found {
  readonly from: string;
  /** Results come in the order of the sessions, which the first lines of each need not; without one it is the last. */
  order: number;
  result: SavedResult | undefined;
  probes: number;
  /** Those of them that finish a number. */
  finished: number;
  /** Whose lines come when it has had its own: the run before was killed, and no result parts the two. */
  next: Found | undefined;
  /** Made of its probes where there is no result. */
  cut: CutSession | undefined;
}

function foundIn(from: string): Found {
  return { from, order: Infinity, result: undefined, probes: 0, finished: 0, next: undefined, cut: undefined };
}

/**
 * Which session a line is of: its number, and how many of that number have ended before, so that runs that were added to
 * one file stay apart.
 */
export class Sessions {
  readonly found: Found[] = [];
  readonly #open = new Map<number, Found>();
  /** Of a killed run, by the second pass: probes that have been told. */
  readonly #told = new Map<Found, number>();
  readonly #from: string;
  /** Not among `found`: they begin where another ends. */
  readonly #parted: Found[] = [];
  #next = 0;
  #ended = 0;

  constructor(from: string) {
    this.#from = from;
  }

  /** From the start once more, along those that were found. */
  rewind(): void {
    this.#open.clear();
    this.#told.clear();
    this.#next = 0;
  }

  /** The same, of a line that finishes a number. */
  ofProbe(number: number): Found {
    const found = this.of(number);
    if (found.next === undefined) return found;
    const told = (this.#told.get(found) ?? 0) + 1;
    this.#told.set(found, told);
    if (told <= found.finished) return found;
    this.#open.set(number, found.next);
    return found.next;
  }

  of(number: number): Found {
    let found = this.#open.get(number);
    if (found === undefined) {
      found = this.found[this.#next++];
      if (found === undefined) {
        this.#refuseMore();
        found = foundIn(this.#from);
        this.found.push(found);
      }
      this.#open.set(number, found);
    }
    return found;
  }

  /** A line of this type was read, by the first pass. */
  count(number: number, type: string): void {
    const found = this.of(number);
    if (type !== "interval") found.probes++;
    if (type === "probe") found.finished++;
  }

  end(number: number, result?: SavedResult): void {
    let found = this.of(number);
    if (result !== undefined) {
      // Each number has one line, whether answered or lost: what is too much is of a run that was killed before.
      const { received, lost } = result.summary;
      if (found.finished > received + lost) found = this.#part(found, received + lost);
      [found.result, found.order] = [result, this.#ended++];
    }
    this.#open.delete(number);
  }

  /** Parts the last `count` finished probes from those before. */
  #part(killed: Found, count: number): Found {
    this.#refuseMore();
    const next = foundIn(this.#from);
    next.probes = next.finished = count;
    killed.finished -= count;
    killed.next = next;
    killed.order = this.#ended++;
    this.#parted.push(next);
    return next;
  }

  #refuseMore(): void {
    const there = this.found.length + this.#parted.length;
    if (there === MOST_SESSIONS) throw new FormatError(`it has more than ${MOST_SESSIONS} sessions`);
  }

  all(): Found[] {
    return [...this.found, ...this.#parted];
  }

  inOrder(): Found[] {
    return this.all().sort((a, b) => a.order === b.order ? 0 : a.order - b.order);
  }
}
