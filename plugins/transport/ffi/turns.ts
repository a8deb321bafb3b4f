/**
 * When the event loop of a thread has its turn: timers, signals, outputs and other sockets need it, however many
 * datagrams come.
 *
 * @module
 */
import type { Mono } from "../../../core/time/clock.ts";

/** Without a turn of the event loop for so long, one is taken. */
const TURN_NS = 5e6;
/** Later than this even right before a departure. */
const TURN_OVERDUE_NS = 15e6;
/** Not taken right before a departure. */
const TURN_MARGIN_NS = 100_000;
/**
 * So many rounds of the event loop are a turn: Deno looks for signals only every 61 steps of its scheduler, which took
 * up to 50 rounds, and so an interrupt up to 230 ms. Eight of them take some 40 µs.
 */
const TURN_ROUNDS = 8;

/** The turns of one thread's event loop. */
export class Turns {
  readonly #mono: () => Mono;
  /** When the last one was over. */
  last: Mono;

  constructor(mono: () => Mono) {
    this.#mono = mono;
    this.last = mono();
  }

  /** Whether one should be taken before anything else; `until` is when there is something to do. */
  isDue(now: Mono, until: Mono): boolean {
    const since = now - this.last;
    return since > TURN_OVERDUE_NS || (since > TURN_NS && (until < now || until - now > TURN_MARGIN_NS));
  }

  /** A signal came while somebody blocked: the event loop sees to it next. */
  interrupted(): void {
    this.last = -Infinity;
  }

  /** Others had it meanwhile. */
  taken(): void {
    this.last = this.#mono();
  }

  /** Takes one, or a part of one. */
  take(rounds = TURN_ROUNDS): Promise<void> {
    return new Promise((resolve) => {
      const round = () => {
        if (--rounds > 0) return void setImmediate(round);
        this.taken();
        resolve();
      };
      setImmediate(round);
    });
  }
}
