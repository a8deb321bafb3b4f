/**
 * On which way probes were lost and overtaken, told by the reflector's own sequence numbers, reply by reply.
 *
 * A reflector that counts for itself (RFC 5357 section 4.2.1; "stateful" in RFC 8762 section 4.3.1) numbers what reached
 * it. A number that never came back was lost inbound; a probe without a number was lost outbound. Losses after the last
 * reply can be laid to neither, and one that copies the sender's numbers ("stateless") tells nothing.
 *
 * @module
 */
import { ProbeFlag, type ProbeRecord } from "../record.ts";

/** Numbers further back than this, from a newer probe, mean that the reflector began to count anew. */
const RESTART = 64;
/** Restarts, at most one in so many replies, of a reflector that still counts. */
const FEW = 10;
/** Pairs of numbers remembered to see who overtook whom. */
const RECENT = 256;
/** Number, sender's number, and whether it was overtaken on the way there. */
const COLUMNS = 3;

/** Counts by direction; null where the reflector's numbers cannot tell. */
export interface DirectionCounts {
  readonly lostForward: number | null;
  readonly lostBackward: number | null;
  readonly reorderedForward: number | null;
  readonly reorderedBackward: number | null;
  /** Times the reflector began to count anew within the run. */
  readonly restarts: number;
  /** All numbers were the sender's: the split rests on the protocol's word that reflectors count for themselves. */
  readonly assumed: boolean;
  /** A number was another than the sender's: the reflector gives its own. */
  readonly ownNumbers: boolean;
}

/**
 * Losses of which it is not known where, though it is of others: each direction lost that many more at the most. 0 where
 * nothing is known of directions. A late reply went both ways.
 */
export function undecidedLosses(
  { lost, late, lostForward, lostBackward }: {
    readonly lost: number;
    readonly late: number;
    readonly lostForward: number | null;
    readonly lostBackward: number | null;
  },
): number {
  if (lostForward === null || lostBackward === null) return 0;
  return Math.max(0, lost - late - lostForward - lostBackward);
}

/** Follows the numbers of one session. */
export class Directions {
  #highestSeq = -1;
  #lost = 0;
  #lostSinceReply = 0;
  #lastLost = -1;
  #late = 0;
  /** Losses before the first reply of a reflector whose count we joined in the middle. */
  #unexplained = 0;
  #joinedAt = -1;
  #first = NaN;
  #highest = -1;
  #answers = 0;
  #allAnswers = 0;
  #backwardBefore = 0;
  #restarts = 0;
  #ownNumbers = false;
  #reorderedForward = 0;
  #reorderedBackward = 0;
  readonly #recent = new Float64Array(RECENT * COLUMNS).fill(-1);

  /** Takes one record of the session, in the order of arrival. */
  record(probe: Readonly<ProbeRecord>): void {
    if (probe.flags & ProbeFlag.LOST) {
      this.#lost++;
      this.#lastLost = probe.seq;
      if (probe.seq > this.#highestSeq) this.#lostSinceReply++;
      else if (probe.seq < this.#joinedAt) this.#unexplained++;
      return;
    }
    if (probe.flags & ProbeFlag.LATE) this.#late++;
    // The same reply twice: the copy was made on the way back, and has no number of its own.
    if (probe.flags & ProbeFlag.DUPLICATE && !(probe.flags & ProbeFlag.COPIED_OUTBOUND)) return;
    // 32 bits on the wire: the number nearest to the sender's.
    const number = probe.seq + ((probe.reflectorSeq - probe.seq) | 0);
    if (number !== probe.seq) this.#ownNumbers = true;
    const given = this.#recent[COLUMNS * (number & (RECENT - 1))] === number;
    if (given && this.#recent[COLUMNS * (number & (RECENT - 1)) + 1] === probe.seq) return; // a copy of a copy
    if (Number.isNaN(this.#first)) this.#begin(probe.seq, number);
    else if (probe.seq > this.#highestSeq && (given || number + RESTART < this.#highest)) this.#restart(number);
    this.#answers++;
    this.#allAnswers++;
    this.#order(probe.seq, number);
    if (number > this.#highest) this.#highest = number;
    if (probe.seq > this.#highestSeq) {
      this.#highestSeq = probe.seq;
      // Losses are told in the order of departure: a late reply leaves those behind it unexplained.
      this.#lostSinceReply = Math.max(0, this.#lastLost - probe.seq);
    }
  }

  #begin(seq: number, number: number): void {
    this.#first = 0;
    if (number <= seq) return;
    this.#first = number;
    this.#joinedAt = seq;
    this.#unexplained = this.#lost;
  }

  #restart(number: number): void {
    this.#backwardBefore += this.#missing();
    this.#restarts++;
    this.#first = this.#highest = number;
    this.#answers = 0;
    this.#recent.fill(-1);
  }

  /** Numbers of this count that did not come back. */
  #missing(): number {
    return this.#highest < this.#first ? 0 : Math.max(0, this.#highest - this.#first + 1 - this.#answers);
  }

  #order(seq: number, number: number): void {
    if (number < this.#highest) this.#reorderedBackward++;
    const inOrder = number > this.#highest && seq > this.#highestSeq; // the usual case: nobody overtook anybody
    let overtaken = 0;
    if (!inOrder) {
      overtaken = this.#wasOvertaken(seq, number) ? 1 : 0;
      this.#reorderedForward += overtaken + this.#nowOvertaken(seq, number);
    }
    const row = COLUMNS * (number & (RECENT - 1));
    this.#recent[row] = number;
    this.#recent[row + 1] = seq;
    this.#recent[row + 2] = overtaken;
  }

  /** Whether the reflector numbered a later probe before this one. */
  #wasOvertaken(seq: number, number: number): boolean {
    for (let back = 1; back < RECENT; back++) {
      const row = COLUMNS * ((number - back) & (RECENT - 1));
      if (this.#recent[row] === number - back && this.#recent[row + 1] > seq) return true;
    }
    return false;
  }

  /** Earlier probes that the reflector numbered after this one, whose replies came before its reply. */
  #nowOvertaken(seq: number, number: number): number {
    let count = 0;
    for (let on = 1; on < RECENT && number + on <= this.#highest; on++) {
      const row = COLUMNS * ((number + on) & (RECENT - 1));
      if (this.#recent[row] !== number + on || this.#recent[row + 1] >= seq || this.#recent[row + 2] !== 0) continue;
      this.#recent[row + 2] = 1;
      count++;
    }
    return count;
  }

  /**
   * `reflectorCounts`: the protocol has reflectors count for themselves, so that equal numbers mean "nothing lost outbound".
   * `onePerProbe`: each probe gets one number; where several replies to one were asked for, numbers are those of replies.
   */
  counts(reflectorCounts: boolean, onePerProbe = true): DirectionCounts {
    const restarts = this.#restarts;
    // Numbers that begin anew all the time are no count.
    const isCount = onePerProbe && this.#restarts * FEW < this.#allAnswers;
    const known = (this.#ownNumbers || reflectorCounts) && isCount;
    const ownNumbers = this.#ownNumbers;
    const rest = { ...this.#reordering(known), restarts, assumed: known && !ownNumbers && this.#lost > 0, ownNumbers };
    if (this.#lost === 0 && this.#allAnswers > 0) return { lostForward: 0, lostBackward: 0, ...rest };
    if (!known) return { lostForward: null, lostBackward: null, ...rest };
    const decided = Math.max(0, this.#lost - this.#lostSinceReply - this.#late - this.#unexplained);
    const lostBackward = Math.min(decided, this.#backwardBefore + this.#missing());
    return { lostForward: decided - lostBackward, lostBackward, ...rest };
  }

  #reordering(known: boolean): { reorderedForward: number | null; reorderedBackward: number | null } {
    return {
      reorderedForward: known ? this.#reorderedForward : null,
      reorderedBackward: known ? this.#reorderedBackward : null,
    };
  }
}

/** The counts of two sessions together; what one of them does not know, both do not. */
export function addDirections(a: DirectionCounts, b: DirectionCounts): DirectionCounts {
  const add = (x: number | null, y: number | null) => x === null || y === null ? null : x + y;
  return {
    lostForward: add(a.lostForward, b.lostForward),
    lostBackward: add(a.lostBackward, b.lostBackward),
    reorderedForward: add(a.reorderedForward, b.reorderedForward),
    reorderedBackward: add(a.reorderedBackward, b.reorderedBackward),
    restarts: a.restarts + b.restarts,
    assumed: a.assumed || b.assumed,
    ownNumbers: a.ownNumbers && b.ownNumbers,
  };
}
