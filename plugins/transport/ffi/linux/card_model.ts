/**
 * The time of a network card's clock in that of the system: a line through readings of both, bent at each reading.
 *
 * The pieces are joined, so that no round trip has a jump of the model in it: what a reading says is off is made up
 * until the next one. All is in nanoseconds from origins of the caller's, small enough for a double.
 *
 * @module
 */
import type { Nanos } from "../../../../core/time/clock.ts";

/** Readings that the rate is computed from. */
const READINGS = 8;
/** A reading is due half as long after the last as that was after the first, between these: the rate is known as well. */
const SOONEST_NS = 1e6;
const LATEST_NS = 1e9;
/** Readings over so long tell a better rate than the one from before a clock was set. */
const RATE_NS = 1e9;
/** What is off is made up over so long at least, so that it changes no rate that matters. */
const MAKE_UP_NS = 100e6;
/** After so long without a reading there is nothing left to join. */
const FORGET_NS = 10e9;
/** Clocks are steered by up to so much; what differs more was set. */
const STEERED = 500e-6;
const JUMP_NS = 10_000;
/** More than its own width off the line, a reading says that the rate has changed. */
const OFF_NS = 1000;

/** A piece of the line: `ahead` is made up over `over`. */
interface Piece {
  from: Nanos;
  to: Nanos;
  /** System nanoseconds a card nanosecond, less 1. */
  rate: number;
  ahead: Nanos;
  over: Nanos;
}

function along(piece: Readonly<Piece>, card: Nanos): Nanos {
  const d = card - piece.from;
  const madeUp = d <= 0 ? 0 : d >= piece.over ? piece.ahead : piece.ahead * (d / piece.over);
  return piece.to + d + d * piece.rate + madeUp;
}

function piece(): Piece {
  return { from: 0, to: 0, rate: 0, ahead: 0, over: MAKE_UP_NS };
}

/** Readings in, system times out. */
export class CardModel {
  /** Card time from which a reading is due. */
  due: Nanos = -Infinity;
  /** How often one of the clocks was set. */
  jumps = 0;
  /** The piece since the last reading, and the one before it: stamps are read up to that much later. */
  #now = piece();
  #before = piece();
  #hasBefore = false;
  /** The rate of the line is that of readings; else it is a guess. */
  #knowsRate = false;
  /** Readings on the line, oldest first: card time, and system minus card time. */
  readonly #card = new Float64Array(READINGS);
  readonly #offset = new Float64Array(READINGS);
  #count = 0;
  #first: Nanos = 0;

  /** What was before is void: a clock was set. The rate stays. */
  restart(): void {
    this.#count = 0;
    this.due = -Infinity;
  }

  /** Takes a reading of both clocks at one moment, known within `width`. */
  read(card: Nanos, system: Nanos, width: Nanos): void {
    const gap = this.#count === 0 ? NaN : card - this.#card[this.#count - 1];
    const off = this.#count === 0 ? 0 : system - along(this.#now, card);
    if (gap <= 0 || Math.abs(off) > JUMP_NS + width + gap * STEERED) {
      this.jumps++;
      this.#count = 0;
    } else if (gap > FORGET_NS) {
      this.#now.rate = (system - card - this.#offset[this.#count - 1]) / gap;
      this.#knowsRate = true;
      this.#count = 0;
    } else if (Math.abs(off) > width + OFF_NS) {
      this.#keep(1);
      this.#knowsRate = false;
    }
    if (this.#count === 0) this.#begin(card, system);
    else this.#bend(card, system);
    this.due = card + this.#untilNext(card);
  }

  #untilNext(card: Nanos): Nanos {
    return Math.min(Math.max((card - this.#first) / 2, SOONEST_NS), LATEST_NS);
  }

  #begin(card: Nanos, system: Nanos): void {
    this.#hasBefore = false;
    this.#first = card;
    this.#add(card, system - card);
    this.#now.from = card;
    this.#now.to = system;
    this.#now.ahead = 0;
  }

  #bend(card: Nanos, system: Nanos): void {
    this.#add(card, system - card);
    if (this.#count === 2 && !this.#knowsRate && !this.#hasBefore) this.#learnRate();
    const joint = along(this.#now, card);
    const next = this.#before;
    this.#before = this.#now;
    this.#hasBefore = true;
    this.#now = next;
    next.from = card;
    next.to = joint;
    next.over = Math.max(this.#untilNext(card), MAKE_UP_NS);
    this.#fit(next, card, joint);
  }

  /** The second reading of all: what was stamped since the first is between the two. */
  #learnRate(): void {
    this.#now.rate = (this.#offset[1] - this.#offset[0]) / (this.#card[1] - this.#card[0]);
  }

  /** The line of least squares through the readings: its rate, and how far the joint is from it. */
  #fit(next: Piece, card: Nanos, joint: Nanos): void {
    let meanX = 0;
    let meanY = 0;
    for (let i = 0; i < this.#count; i++) {
      meanX += (this.#card[i] - card) / this.#count;
      meanY += this.#offset[i] / this.#count;
    }
    let xx = 0;
    let xy = 0;
    for (let i = 0; i < this.#count; i++) {
      const x = this.#card[i] - card - meanX;
      xx += x * x;
      xy += x * (this.#offset[i] - meanY);
    }
    const tellsRate = !this.#knowsRate || card - this.#card[0] >= RATE_NS;
    next.rate = tellsRate ? xy / xx : this.#before.rate;
    if (card - this.#card[0] >= RATE_NS) this.#knowsRate = true;
    next.ahead = card + meanY - next.rate * meanX - joint;
  }

  #add(card: Nanos, offset: Nanos): void {
    if (this.#count === READINGS) this.#keep(READINGS - 1);
    this.#card[this.#count] = card;
    this.#offset[this.#count++] = offset;
  }

  /** Keeps the last `count` readings. */
  #keep(count: number): void {
    const from = Math.max(this.#count - count, 0);
    this.#card.copyWithin(0, from, this.#count);
    this.#offset.copyWithin(0, from, this.#count);
    this.#count -= from;
  }

  /** The system's time of a card's. */
  toSystem(card: Nanos): Nanos {
    return along(this.#hasBefore && card < this.#now.from ? this.#before : this.#now, card);
  }
}
