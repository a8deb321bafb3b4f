/**
 * The test sessions of one connection, as its server counts them.
 *
 * @module
 */
import { Accept } from "../wire/control.ts";

/** A session that is over by itself (REFWAIT) still counts for the client, until it stops it. */
export type SessionState = "accepted" | "started" | "over";

/** SIDs that one acknowledgement is about. */
export type Acknowledged = readonly [accept: Accept, sids: readonly string[]];

/** Sessions by SID. */
export class ServerSessions {
  readonly #states = new Map<string, SessionState>();

  /** SIDs of those that are `state`, in the order in which they were accepted. */
  which(state: SessionState): string[] {
    return [...this.#states].filter(([, its]) => its === state).map(([sid]) => sid);
  }

  /** Whether any is `state`. */
  any(state: SessionState): boolean {
    return this.which(state).length > 0;
  }

  /** All there are. */
  get all(): string[] {
    return [...this.#states.keys()];
  }

  /** What a client that has stopped none of them counts (RFC 5357 section 3.8). */
  get started(): number {
    return this.which("started").length + this.which("over").length;
  }

  accept(sid: string): void {
    this.#states.set(sid, "accepted");
  }

  /** Marks those that are here; others are left. */
  mark(sids: readonly string[], state: SessionState): void {
    for (const sid of sids) if (this.#states.has(sid)) this.#states.set(sid, state);
  }

  remove(sids: readonly string[]): void {
    for (const sid of sids) this.#states.delete(sid);
  }

  /** Of `listed`, each once: what can be started, and what cannot. */
  startable(listed: readonly string[]): readonly [Acknowledged, Acknowledged] {
    return this.#split(listed, (sid) => this.#states.get(sid) === "accepted");
  }

  /** Of `listed`, each once: what can be stopped, and what is not known. */
  stoppable(listed: readonly string[]): readonly [Acknowledged, Acknowledged] {
    return this.#split(listed, (sid) => this.#states.has(sid));
  }

  #split(listed: readonly string[], can: (sid: string) => boolean): readonly [Acknowledged, Acknowledged] {
    const once = [...new Set(listed)];
    return [
      [Accept.OK, once.filter(can)],
      [Accept.UNSUPPORTED, once.filter((sid) => !can(sid))],
    ];
  }
}
