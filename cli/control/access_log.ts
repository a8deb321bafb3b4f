/**
 * Lines of what clients do: who, what, what became of it. What comes from the network is made harmless first, and a
 * flood of lines is cut short, so that nobody fills a disk from outside.
 *
 * @module
 */
import type { Log } from "../log.ts";

/** Lines in a second; of more only their number is told. */
const MOST_A_SECOND = 100;
const MOST_TEXT = 100;
/** What a terminal acts on, and what turns the direction of the text around it, or hides in it. */
const HARMFUL = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** One log for all connections of a server. */
export class AccessLog {
  readonly #log: Log;
  #second = 0;
  #lines = 0;
  #left = 0;

  constructor(log: Log) {
    this.#log = log;
  }

  /** A line about `who` (address:port), with names and values. */
  write(who: string, what: string, values: Readonly<Record<string, string | number | undefined>> = {}): void {
    const now = Date.now();
    const second = Math.floor(now / 1000);
    if (second !== this.#second) {
      this.close();
      this.#second = second;
      this.#lines = 0;
    }
    if (++this.#lines > MOST_A_SECOND) {
      this.#left++;
      return;
    }
    const said = Object.entries(values).filter(([, value]) => value !== undefined).map(([name, value]) =>
      ` ${name}=${quote(String(value))}`
    );
    this.#log.access(`${new Date(now).toISOString()} ${who} ${what}${said.join("")}`);
  }

  /** Tells of the lines that were left out. */
  close(): void {
    if (this.#left > 0) {
      this.#log.access(`${new Date().toISOString()} - ${this.#left} more lines in that second left out`);
    }
    this.#left = 0;
  }
}

/** As one word, or in quotes, with nothing in it that a terminal or a reader of the log would act on. */
function quote(text: string): string {
  const short = text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}…` : text;
  return /^[\w.:/%+,…-]+$/u.test(short) ? short : JSON.stringify(short).replace(HARMFUL, "?");
}
