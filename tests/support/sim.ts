/**
 * A deterministic network with virtual time: no promises, no timers, no clock. What it does to each datagram is kept, so
 * that a test can ask for it back.
 */
import { type Batch, createBatch, createTxStamps, PEER_SIZE, SlotFlag, type TxStamps } from "../../core/batch.ts";
import { createRecord, type ProbeRecord } from "../../core/record.ts";
import type { Reflector } from "../../core/drive.ts";
import { createSender, type SenderOptions, type SenderSession } from "../../core/session/sender.ts";
import type { Clock, ClockStep, Mono } from "../../core/time/clock.ts";
import { peerOctets } from "../../core/address.ts";
import { parseAddress } from "../../core/address.ts";

export const EPOCH = 1_790_000_000;
export const STRIDE = 2048;
/** What datagrams arrive with: DSCP 46, congestion met. */
export const TOS = 0xbb;

/** 32-bit xorshift: the same everywhere. */
export class Rng {
  #state: number;
  constructor(seed: number) {
    this.#state = seed >>> 0 || 1;
  }
  next(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (this.#state = x >>> 0) / 2 ** 32;
  }
}

/** What a link does with datagram `n`: delays of its copies in ns; none loses it. */
export type Fate = (n: number, now: Mono) => readonly number[];

interface Flight {
  at: Mono;
  bytes: Uint8Array;
}

/** One direction. A binary heap by arrival, then by order of entry. */
export class Link {
  sent = 0;
  lost = 0;
  copies = 0;
  readonly #fate: Fate;
  readonly #heap: (Flight & { order: number })[] = [];
  #order = 0;

  constructor(fate: Fate) {
    this.#fate = fate;
  }

  put(now: Mono, tx: Batch): void {
    for (let slot = 0; slot < tx.count; slot++) this.putOne(now, tx, slot);
  }

  putOne(now: Mono, tx: Batch, slot: number): void {
    if (tx.length[slot] === 0) return;
    const at = slot * tx.stride;
    const delays = this.#fate(this.sent++, now);
    if (delays.length === 0) this.lost++;
    else this.copies += delays.length - 1;
    for (const delay of delays) {
      this.#push({ at: now + delay, order: this.#order++, bytes: tx.bytes.slice(at, at + tx.length[slot]) });
    }
  }

  next(): Mono {
    return this.#heap[0]?.at ?? Infinity;
  }

  /** Fills `rx` with what has arrived by `now`, from `peer`, with exact stamps of a clock that is `offset` ns ahead. */
  take(now: Mono, rx: Batch, peer: Uint8Array, offset = 0): number {
    rx.count = 0;
    while (rx.count < rx.capacity && this.next() <= now) {
      const flight = this.#pop();
      const slot = rx.count++;
      rx.bytes.set(flight.bytes, slot * rx.stride);
      rx.length[slot] = flight.bytes.length;
      rx.ttl[slot] = 61;
      rx.tos[slot] = TOS;
      rx.flags[slot] = SlotFlag.KERNEL_STAMP | SlotFlag.IP_HEADER | SlotFlag.TOS;
      writeWall(rx.stamp, 2 * slot, flight.at + offset);
      rx.peer.set(peer, slot * PEER_SIZE);
    }
    return rx.count;
  }

  #less(a: number, b: number): boolean {
    const [x, y] = [this.#heap[a], this.#heap[b]];
    return x.at < y.at || (x.at === y.at && x.order < y.order);
  }
  #push(flight: Flight & { order: number }): void {
    let i = this.#heap.push(flight) - 1;
    while (i > 0 && this.#less(i, (i - 1) >> 1)) i = this.#swap(i, (i - 1) >> 1);
  }
  #pop(): Flight {
    const top = this.#heap[0];
    const last = this.#heap.pop()!;
    if (this.#heap.length > 0) {
      this.#heap[0] = last;
      for (let i = 0;;) {
        let child = 2 * i + 1;
        if (child >= this.#heap.length) break;
        if (child + 1 < this.#heap.length && this.#less(child + 1, child)) child++;
        if (!this.#less(child, i)) break;
        i = this.#swap(i, child);
      }
    }
    return top;
  }
  #swap(i: number, j: number): number {
    [this.#heap[i], this.#heap[j]] = [this.#heap[j], this.#heap[i]];
    return j;
  }
}

/** Writes the wall time of virtual `now` as two words. */
export function writeWall(out: Uint32Array, at: number, now: Mono): void {
  const seconds = Math.floor(now / 1e9);
  out[at] = EPOCH + seconds;
  out[at + 1] = now - seconds * 1e9;
}

/** A clock that shows what it is set to. */
export class TestClock implements Clock {
  now: Mono = 0;
  offset = 0;
  errorEstimate = 0x0001;
  mono(): Mono {
    return this.now;
  }
  wall(out: Uint32Array, at: number): void {
    writeWall(out, at, this.now + this.offset);
  }
}

export const RESPONDER = peerOctets(parseAddress("192.0.2.2")!, 862);
export const SENDER = peerOctets(parseAddress("192.0.2.1")!, 20_000);

/** Sender options that most tests share. */
export function senderOptions(options: Partial<SenderOptions> = {}): SenderOptions {
  return {
    protocol: "twamp",
    ssid: 0,
    peer: RESPONDER,
    traffic: { name: "test", maxSize: 41, size: () => 41, fill: (bytes, at, end) => void bytes.fill(0, at, end) },
    schedule: everyMs(10),
    count: 100,
    timeout: 1e9,
    window: 1024,
    ...options,
  };
}

/** A fixed schedule. */
export function everyMs(ms: number) {
  let first = true;
  return {
    name: "test",
    next() {
      if (!first) return ms * 1e6;
      first = false;
      return 0;
    },
  };
}

export interface Simulation {
  readonly sender: SenderOptions;
  readonly reflector: Reflector;
  readonly out: Link;
  readonly back: Link;
  /** Time between T2 and T3. */
  readonly residence?: number;
  /** How far the reflector's clock is ahead. */
  readonly offset?: number;
  /** The sender's wall clock is set once. */
  readonly step?: ClockStep | undefined;
  /** What reply `n` takes from its T3 to the wire, and whether the reflector's kernel, card or nobody says when that was. */
  readonly egress?: (n: number) => { readonly ns: number; readonly flags: number };
  onRecord(record: Readonly<ProbeRecord>, now: Mono): void;
  /** Called once a second of virtual time. */
  onSecond?(now: Mono): void;
}

/** Puts replies on the wire later than their T3, and tells the reflector when. */
function egress(
  { back, reflector }: Simulation,
  way: NonNullable<Simulation["egress"]>,
  replies: Batch,
  now: Mono,
  offset: number,
): void {
  for (let slot = 0; slot < replies.count; slot++) {
    if (replies.length[slot] === 0) continue;
    const { ns, flags } = way(back.sent);
    back.putOne(now + ns, replies, slot);
    if (flags === 0 || !(replies.flags[slot] & SlotFlag.WANTS_TX_STAMP)) continue;
    reflector.handleTxStamps?.(txStamp(replies.token[slot], now + ns + offset, flags));
  }
}

/** A transmit time as a socket tells it. */
export function txStamp(token: number, now: Mono, flags: number): TxStamps {
  const stamps = createTxStamps(1);
  stamps.count = 1;
  stamps.token[0] = token;
  stamps.flags[0] = flags;
  writeWall(stamps.stamp, 0, now);
  return stamps;
}

/** Runs sender, links and reflector to the end; returns the session and the virtual time it took. */
export function simulate(sim: Simulation): { session: SenderSession; now: Mono } {
  const session = createSender(sim.sender);
  const here = new TestClock();
  const there = new TestClock();
  const [tx, rx, mid] = [createBatch(32, STRIDE), createBatch(32, STRIDE), createBatch(32, STRIDE)];
  const record = createRecord();
  const residence = sim.residence ?? 0;
  there.offset = sim.offset ?? 0;
  let now = 0;
  let second = 0;
  const drain = () => {
    while (session.pollRecord(record)) sim.onRecord(record, now);
  };
  session.start(0);
  while (session.state !== "done") {
    now = Math.min(session.pollTimeout(), sim.out.next(), sim.back.next());
    if (now === Infinity) throw new Error("the simulation stands still");
    here.now = now;
    there.now = now + residence;
    if (sim.step !== undefined && now >= sim.step.at && here.offset === 0) {
      here.offset = sim.step.by;
      session.handleClockStep(sim.step);
    }
    // What arrives at this moment is in time.
    while (sim.out.take(now, mid, SENDER, there.offset) > 0) {
      sim.reflector.reflect(now, mid);
      sim.reflector.stampTransmit(mid, there, 0, mid.count);
      if (sim.egress === undefined) sim.back.put(now + residence, mid);
      else egress(sim, sim.egress, mid, now + residence, there.offset);
    }
    while (sim.back.take(now, rx, RESPONDER, here.offset) > 0) {
      session.handleDatagrams(now, rx);
      drain();
    }
    session.handleTimeout(now);
    drain();
    tx.count = 0;
    if (session.pollTransmit(now, tx) > 0) {
      session.stampTransmit(tx, here);
      sim.out.put(now, tx);
    }
    drain();
    if (sim.onSecond !== undefined && now >= (second + 1) * 1e9) sim.onSecond(second = Math.floor(now / 1e9) * 1e0);
  }
  return { session, now };
}
