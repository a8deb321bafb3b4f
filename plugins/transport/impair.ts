/**
 * A wrapper around any transport that spoils what is sent, by a seed: the responder's `--test-mode`.
 *
 * One draw a datagram for each thing, in this order: drop, duplicate, delay, reorder. What is held back keeps the stamp
 * it has, as on a real network.
 *
 * @module
 */
import { type Batch, LOCAL_SIZE, PEER_SIZE } from "../../core/batch.ts";
import type { Random } from "../../core/random.ts";
import type { Nanos } from "../../core/time/clock.ts";
import type { DatagramSocket, SocketOptions, Stamp, Transport } from "../../core/transport.ts";
import { ForwardingSocket } from "./forwarding.ts";

/** Probabilities from 0 to 1. */
export interface Impairments {
  readonly drop: number;
  readonly duplicate: number;
  readonly delay: number;
  readonly reorder: number;
  /** Delays are drawn evenly from 0 to this. */
  readonly maxDelayNs: Nanos;
}

/** What was done. */
export interface ImpairCounters {
  dropped: number;
  duplicated: number;
  delayed: number;
  reordered: number;
}

/** A datagram that waits for its successor is let go after this, if none comes. */
const OVERTAKEN_WITHIN_MS = 500;
/** Datagrams held back at once, at most: memory is bounded; what comes then goes straight through. */
const MOST_HELD = 4096;

class ImpairedSocket extends ForwardingSocket {
  readonly #what: Impairments;
  readonly #random: Random;
  readonly #counters: ImpairCounters;
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  /** Waits to be overtaken. */
  #behind: { copy: Batch; timer: ReturnType<typeof setTimeout> } | undefined;

  constructor(inner: DatagramSocket, what: Impairments, random: Random, counters: ImpairCounters) {
    super(inner);
    // Copies would be taken for what they are copies of.
    delete this.txStamps;
    this.#what = what;
    this.#random = random;
    this.#counters = counters;
  }

  override async send(tx: Batch, stamp?: Stamp, together?: number): Promise<number> {
    stamp?.(tx, 0, tx.count);
    const again: Batch[] = [];
    const overtaken = this.#behind;
    this.#behind = undefined;
    for (let slot = 0; slot < tx.count; slot++) {
      if (tx.length[slot] !== 0) this.#spoil(tx, slot, again, overtaken === undefined);
    }
    // What goes now is stamped anew when it goes.
    const left = await this.inner.send(tx, stamp, together);
    for (const copy of again) await this.inner.send(copy);
    if (overtaken !== undefined) {
      this.#drop(overtaken.timer);
      await this.inner.send(overtaken.copy);
    }
    return left;
  }

  /** Decides on one datagram; what must not leave now gets length 0. One that overtakes another is not held itself. */
  #spoil(tx: Batch, slot: number, again: Batch[], mayWait: boolean): void {
    const { drop, duplicate, delay, reorder, maxDelayNs } = this.#what;
    const draw = (rate: number) => this.#random.nextFloat() < rate;
    const [lost, twice, late, behind] = [draw(drop), draw(duplicate), draw(delay), draw(reorder)];
    const wait = this.#random.nextFloat() * maxDelayNs;
    if (lost) {
      this.#counters.dropped++;
      tx.length[slot] = 0;
      return;
    }
    if (twice) {
      this.#counters.duplicated++;
      again.push(this.#copy(tx, slot));
    }
    if (this.#timers.size >= MOST_HELD) return;
    if (late) {
      this.#counters.delayed++;
      this.#later(this.#copy(tx, slot), wait / 1e6);
      tx.length[slot] = 0;
    } else if (behind && mayWait && this.#behind === undefined) {
      this.#counters.reordered++;
      const copy = this.#copy(tx, slot);
      this.#behind = { copy, timer: this.#later(copy, OVERTAKEN_WITHIN_MS) };
      tx.length[slot] = 0;
    }
  }

  #later(copy: Batch, ms: number): ReturnType<typeof setTimeout> {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (this.#behind?.timer === timer) this.#behind = undefined;
      void this.inner.send(copy);
    }, ms);
    this.#timers.add(timer);
    return timer;
  }

  #drop(timer: ReturnType<typeof setTimeout>): void {
    clearTimeout(timer);
    this.#timers.delete(timer);
  }

  /** The datagram in `slot`, in a batch of its own. */
  #copy(tx: Batch, slot: number): Batch {
    const at = slot * tx.stride;
    const length = tx.length[slot];
    const bytes = tx.bytes.slice(at, at + length);
    const peer = tx.peer.slice(slot * PEER_SIZE, (slot + 1) * PEER_SIZE);
    const column = Uint32Array.of(length);
    const txTos = tx.txTos.slice(slot, slot + 1);
    const local = tx.local.slice(slot * LOCAL_SIZE, (slot + 1) * LOCAL_SIZE);
    return {
      ...tx,
      capacity: 1,
      stride: length,
      bytes,
      view: new DataView(bytes.buffer),
      count: 1,
      length: column,
      txTos,
      peer,
      peerWords: new Uint32Array(peer.buffer),
      local,
    };
  }

  override close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.inner.close();
  }
}

/** Wraps `inner`; `counters` tells what was done. */
export function createImpairedTransport(
  inner: Transport,
  what: Impairments,
  random: Random,
): Transport & { readonly counters: Readonly<ImpairCounters> } {
  const counters: ImpairCounters = { dropped: 0, duplicated: 0, delayed: 0, reordered: 0 };
  return {
    name: inner.name,
    counters,
    probe: () => inner.probe(),
    clock: () => inner.clock(),
    async openDatagram(options: SocketOptions): Promise<DatagramSocket> {
      return new ImpairedSocket(await inner.openDatagram(options), what, random, counters);
    },
  };
}
