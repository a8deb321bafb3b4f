/**
 * The test sessions of one connection, as its server counts them. No command takes more steps than it lists SIDs or than
 * it changes sessions.
 *
 * @module
 */
import { Accept } from "../wire/control.ts";

/** A session that is over by itself (REFWAIT) still counts for the client, until it stops it. */
export type SessionState = "accepted" | "started" | "over";

/** SIDs that one acknowledgement is about. */
export type Acknowledged = readonly [accept: Accept, sids: readonly string[]];

const STATES = ["accepted", "started", "over"] as const satisfies SessionState[];

/** Sessions by SID. */
export class ServerSessions {
  readonly #most: number;
  readonly #by: Readonly<Record<SessionState, Set<string>>> = {
    accepted: new Set(),
    started: new Set(),
    over: new Set(),
  };
  /** Of those that are over, the ones whose SID is not kept any more: the client counts them all the same. */
  #forgotten = 0;

  /** `most`: those that are over and whose SIDs are kept. A client need never stop them, and can always ask for others. */
  constructor(most: number) {
    this.#most = most;
  }

  /** SIDs of those that are `state`, in the order in which they came to be. */
  which(state: SessionState): string[] {
    return [...this.#by[state]];
  }

  /** Whether any is `state`. */
  any(state: SessionState): boolean {
    return this.#by[state].size > 0;
  }

  /** All there are. */
  get all(): string[] {
    return STATES.flatMap((state) => this.which(state));
  }

  /** What a client that has stopped none of them counts (RFC 5357 section 3.8). */
  get started(): number {
    return this.#by.started.size + this.#by.over.size + this.#forgotten;
  }

  accept(sid: string): void {
    this.#delete(sid);
    this.#by.accepted.add(sid);
  }

  /** Marks those that are here; others are left. */
  mark(sids: readonly string[], state: SessionState): void {
    for (const sid of sids) if (this.#delete(sid)) this.#by[state].add(sid);
    const { over } = this.#by;
    for (const sid of over) {
      if (over.size <= this.#most) return;
      over.delete(sid);
      this.#forgotten++;
    }
  }

  /** They ended by themselves: of those that were started the client will still speak, of the others never. */
  end(sids: readonly string[]): void {
    this.remove(sids.filter((sid) => this.#by.accepted.has(sid)));
    this.mark(sids, "over");
  }

  remove(sids: readonly string[]): void {
    for (const sid of sids) this.#delete(sid);
  }

  /** Removes all that Stop-Sessions stops, and says which. */
  stopAll(): string[] {
    const sids = [...this.which("started"), ...this.which("over")];
    this.remove(sids);
    this.#forgotten = 0;
    return sids;
  }

  #delete(sid: string): boolean {
    return STATES.some((state) => this.#by[state].delete(sid));
  }

  /** Of `listed`, each once: what can be started, and what cannot. */
  startable(listed: readonly string[]): readonly [Acknowledged, Acknowledged] {
    return split(listed, (sid) => this.#by.accepted.has(sid));
  }

  /** Of `listed`, each once: what can be stopped, and what is not known. */
  stoppable(listed: readonly string[]): readonly [Acknowledged, Acknowledged] {
    return split(listed, (sid) => STATES.some((state) => this.#by[state].has(sid)));
  }

  /** Whether any runs that is not in `listed`. */
  runsBeside(listed: readonly string[]): boolean {
    let left = this.#by.started.size;
    for (const sid of new Set(listed)) if (this.#by.started.has(sid)) left--;
    return left > 0;
  }
}

function split(listed: readonly string[], can: (sid: string) => boolean): readonly [Acknowledged, Acknowledged] {
  const once = [...new Set(listed)];
  return [
    [Accept.OK, once.filter(can)],
    [Accept.UNSUPPORTED, once.filter((sid) => !can(sid))],
  ];
}
