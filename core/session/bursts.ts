/**
 * Replies owed beyond one a probe (Reflected Test Packet Control, RFC 10052), each at its time. So many probes at once,
 * of so many octets, and no more: the memory is there before the first.
 *
 * @module
 */
import { type Batch, LOCAL_SIZE, PEER_SIZE } from "../batch.ts";
import type { Mono, Nanos } from "../time/clock.ts";

const MOST = 64;

/** Replies to be sent again. */
export class Bursts {
  readonly #stride: number;
  readonly #bytes: Uint8Array;
  readonly #length = new Uint32Array(MOST);
  readonly #left = new Uint32Array(MOST);
  readonly #due = new Float64Array(MOST).fill(Infinity);
  readonly #interval = new Float64Array(MOST);
  readonly #row = new Int32Array(MOST);
  readonly #generation = new Uint32Array(MOST);
  readonly #tos = new Uint16Array(MOST);
  readonly #peer = new Uint8Array(MOST * PEER_SIZE);
  readonly #local = new Uint8Array(MOST * LOCAL_SIZE);
  #active = 0;
  /** The place of the reply that was written last. */
  #last = 0;
  /** Of the reply that was written last: its session's row, and which session that was. */
  row = 0;
  generation = 0;

  /** `stride`: octets of the longest reply. */
  constructor(stride: number) {
    this.#stride = stride;
    this.#bytes = new Uint8Array(MOST * stride);
  }

  /** Whether one more is taken, of any length allowed. */
  get hasRoom(): boolean {
    return this.#active < MOST;
  }

  /** The reply in `slot` is to be sent `count` times more, each `interval` after the one before. */
  add(batch: Batch, slot: number, count: number, interval: Nanos, now: Mono, row: number, generation: number): void {
    const { bytes, stride, length, txTos, peer, local } = batch;
    if (length[slot] > this.#stride) return;
    const i = this.#left.indexOf(0);
    if (i < 0) return;
    this.#active++;
    this.#left[i] = count;
    this.#length[i] = length[slot];
    this.#interval[i] = interval;
    this.#due[i] = now + interval;
    this.#row[i] = row;
    this.#generation[i] = generation;
    this.#tos[i] = txTos[slot];
    for (let n = 0; n < length[slot]; n++) this.#bytes[i * this.#stride + n] = bytes[slot * stride + n];
    for (let n = 0; n < PEER_SIZE; n++) this.#peer[i * PEER_SIZE + n] = peer[slot * PEER_SIZE + n];
    for (let n = 0; n < LOCAL_SIZE; n++) this.#local[i * LOCAL_SIZE + n] = local[slot * LOCAL_SIZE + n];
  }

  /** When the next is due. */
  pollTimeout(): Mono {
    if (this.#active === 0) return Infinity;
    let due = Infinity;
    for (let i = 0; i < MOST; i++) if (this.#left[i] > 0 && this.#due[i] < due) due = this.#due[i];
    return due;
  }

  /** Appends one that is due to `tx`, as it was but for its number and stamp; false if there is none. */
  poll(now: Mono, tx: Batch): boolean {
    if (this.#active === 0 || tx.count >= tx.capacity) return false;
    for (let i = 0; i < MOST; i++) {
      if (this.#left[i] === 0 || this.#due[i] > now) continue;
      this.#write(i, tx, tx.count++);
      this.#due[i] += this.#interval[i];
      if (--this.#left[i] === 0) this.#active--;
      return true;
    }
    return false;
  }

  /** The reply that was written last may not leave: it is taken back from `tx`, and none of its kind follows. */
  refuse(tx: Batch): void {
    tx.count--;
    if (this.#left[this.#last] === 0) return;
    this.#left[this.#last] = 0;
    this.#active--;
  }

  #write(i: number, tx: Batch, slot: number): void {
    for (let n = 0; n < this.#length[i]; n++) tx.bytes[slot * tx.stride + n] = this.#bytes[i * this.#stride + n];
    for (let n = 0; n < PEER_SIZE; n++) tx.peer[slot * PEER_SIZE + n] = this.#peer[i * PEER_SIZE + n];
    for (let n = 0; n < LOCAL_SIZE; n++) tx.local[slot * LOCAL_SIZE + n] = this.#local[i * LOCAL_SIZE + n];
    tx.txTos[slot] = this.#tos[i];
    tx.length[slot] = this.#length[i];
    this.#last = i;
    this.row = this.#row[i];
    this.generation = this.#generation[i];
  }
}
