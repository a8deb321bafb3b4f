/**
 * The test sessions that one control connection set up: when each begins, and all that can end it.
 *
 * @module
 */
import type { Mono, Nanos } from "../../core/time/clock.ts";
import type { PooledSession } from "./session_pool.ts";

/** Timers of the runtimes hold no more. */
const MOST_MS = 2 ** 31 - 1;

/** A test session, with what ends it. */
interface Kept {
  readonly pooled: PooledSession;
  readonly timeoutNs: Nanos;
  /** NaN before. */
  started: Mono;
  /** It goes on answering until then. */
  until: Mono;
  /** What ended it and when, where it only goes on with what is in transit. */
  ended: { readonly why: string; readonly at: Mono } | undefined;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** What is told of sessions. */
export interface KeptEvents {
  now(): Mono;
  /** A line for the log. */
  log(what: string, values: Readonly<Record<string, string | number | undefined>>): void;
  /** One ended by itself, while the client believes that it runs. */
  onOver(sid: string): void;
  /** The last one is gone. */
  onEmpty(): void;
}

/** Sessions by SID. */
export class KeptSessions {
  readonly #kept = new Map<string, Kept>();
  readonly #events: KeptEvents;
  /** How long one may run; `Infinity` for ever. */
  readonly #lifeNs: Nanos;

  constructor(events: KeptEvents, lifeNs: Nanos) {
    this.#events = events;
    this.#lifeNs = lifeNs;
  }

  get size(): number {
    return this.#kept.size;
  }

  /** Whether any runs or may be started; those that were stopped and wait for what is in transit do not. */
  get isTesting(): boolean {
    return [...this.#kept.values()].some(({ until }) => until === Infinity);
  }

  /** Keeps a session that was accepted; `timeoutNs` is for how long it answers after its end. */
  add(pooled: PooledSession, timeoutNs: Nanos): void {
    const kept: Kept = { pooled, timeoutNs, started: NaN, until: Infinity, ended: undefined, timer: undefined };
    this.#kept.set(pooled.sid, kept);
    // While others of its connection run, SERVWAIT does not count: what is never started must end all the same.
    kept.timer = setTimeout(() => {
      this.#end(kept, "never started");
      this.#events.onOver(pooled.sid);
    }, Math.min(pooled.test.spec.wait / 1e6, MOST_MS));
  }

  start(sid: string): void {
    const kept = this.#kept.get(sid);
    if (kept === undefined) return;
    clearTimeout(kept.timer);
    kept.started = this.#events.now();
    kept.pooled.test.start(kept.started);
    this.#events.log("session started", { sid });
    this.#watch(kept);
  }

  /** Looks at the session when it may be over: silent for REFWAIT, or as old as it may get. */
  #watch(kept: Kept): void {
    const { test, sid } = kept.pooled;
    const silent = Math.max(test.lastHeard, kept.started) + test.spec.wait;
    const old = kept.started + this.#lifeNs;
    const due = Math.min(silent, old);
    if (due === Infinity) return;
    const now = this.#events.now();
    if (now >= due) {
      this.#end(kept, silent <= old ? "silent for REFWAIT" : "as old as it may get");
      return this.#events.onOver(sid);
    }
    kept.timer = setTimeout(() => this.#watch(kept), Math.min(Math.ceil((due - now) / 1e6), MOST_MS));
  }

  /** What is in transit is answered for the session's Timeout (RFC 5357 section 3.8). */
  stop(sid: string, why: string): void {
    const kept = this.#kept.get(sid);
    if (kept === undefined || kept.until !== Infinity) return;
    if (Number.isNaN(kept.started)) return this.#end(kept, "never started");
    clearTimeout(kept.timer);
    kept.ended = { why, at: this.#events.now() };
    kept.until = kept.ended.at + kept.timeoutNs;
    kept.pooled.stop(kept.until);
    kept.timer = setTimeout(() => this.#end(kept, why), Math.min(kept.timeoutNs / 1e6, MOST_MS));
  }

  stopAll(why: string): void {
    for (const sid of [...this.#kept.keys()]) this.stop(sid, why);
  }

  /** Ends one at once, or all. */
  end(why: string, sid?: string): void {
    for (const kept of [...this.#kept.values()]) if (sid === undefined || kept.pooled.sid === sid) this.#end(kept, why);
  }

  #end(kept: Kept, why: string): void {
    clearTimeout(kept.timer);
    const { pooled, started } = kept;
    if (!this.#kept.delete(pooled.sid)) return;
    const { received, reflected, forged } = pooled.test.counters;
    this.#events.log("session over", {
      sid: pooled.sid,
      why: kept.ended?.why ?? why,
      received,
      reflected,
      forged: forged || undefined,
      seconds: Number.isNaN(started) ? 0 : (((kept.ended?.at ?? this.#events.now()) - started) / 1e9).toFixed(1),
    });
    void pooled.release();
    if (this.#kept.size === 0) this.#events.onEmpty();
  }
}
