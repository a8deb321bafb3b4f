/**
 * Puts the segments of one direction of a TCP connection in order: what comes twice is dropped, what comes early waits,
 * and what is not in the capture is a gap.
 *
 * @module
 */
import { OctetQueue } from "./octet_queue.ts";
import type { Tcp } from "./ip.ts";

/** Segments that wait for an earlier one; more than that, and the earlier one is taken for missing. */
const MOST_EARLY = 64;

interface Early {
  readonly sequence: number;
  readonly octets: Uint8Array;
}

/** One direction. */
export class TcpStream {
  /** What is in order. */
  readonly ready = new OctetQueue();
  /** Sequence number of the octet that comes next; undefined before anything was seen. */
  #next: number | undefined;
  #early: Early[] = [];
  #fromStart = false;

  /** Whether the first octets were seen to be the first. */
  get fromStart(): boolean {
    return this.#fromStart;
  }

  /** Takes the payload of `segment`; false if too many wait for one that is missing. */
  add(segment: Tcp, payload: Uint8Array): boolean {
    const sequence = (segment.sequence + (segment.syn ? 1 : 0)) >>> 0;
    if (segment.syn) this.#fromStart = true;
    this.#next ??= sequence;
    if (payload.length > 0) {
      this.#early.push({ sequence, octets: payload });
      this.#settle();
    }
    return this.#early.length <= MOST_EARLY;
  }

  /** Octets missing before the first one that waits; 0 if none waits. */
  get gap(): number {
    return this.#early.length === 0 ? 0 : Math.min(...this.#early.map(({ sequence }) => this.#ahead(sequence)));
  }

  /** Moves what has become the next one to `ready`, without what is there already. */
  #settle(): void {
    for (let at = 0; at < this.#early.length;) {
      const { sequence, octets } = this.#early[at];
      const ahead = this.#ahead(sequence);
      if (ahead > 0) at++;
      else {
        this.#early.splice(at, 1);
        if (-ahead >= octets.length) continue;
        this.ready.add(octets.subarray(-ahead));
        this.#next = (sequence + octets.length) >>> 0;
        at = 0;
      }
    }
  }

  /** How far `sequence` is behind the next octet; negative for what was seen. Numbers wrap at 2^32. */
  #ahead(sequence: number): number {
    return (sequence - this.#next!) | 0;
  }
}
