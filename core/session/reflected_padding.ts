/**
 * Padding that the far end is to send back (RFC 6038, Reflect Octets), and whether it did.
 *
 * @module
 */
import type { TrafficProfile } from "../plugin.ts";

/** What was agreed on. */
export interface ReflectOptions {
  /** Octets at the beginning of the padding that are to come back: Length of padding to reflect. */
  readonly octets: number;
  /** What the server wants at their beginning, 16 bits; 0 for nothing (RFC 6038 section 4.3). */
  readonly serverOctets: number;
}

/** The padding of one session's probes. */
export class ReflectedPadding {
  readonly #options: ReflectOptions;
  readonly #fill: TrafficProfile["fill"];
  readonly #sent: Uint8Array;

  constructor(options: ReflectOptions, traffic: TrafficProfile) {
    this.#options = options;
    this.#fill = (bytes, at, end, seq) => traffic.fill(bytes, at, end, seq);
    this.#sent = new Uint8Array(traffic.maxSize);
  }

  /** Fills the padding of probe `seq`, octets `at` to `end`. */
  fill(bytes: Uint8Array, at: number, end: number, seq: number): void {
    this.#fill(bytes, at, end, seq);
    const { serverOctets } = this.#options;
    if (serverOctets === 0 || end - at < 2) return;
    bytes[at] = serverOctets >> 8;
    bytes[at + 1] = serverOctets & 0xff;
  }

  /** Whether octets `at` to `end` of a reply begin with what probe `seq`, with `size` octets of padding, had to reflect. */
  isBack(bytes: Uint8Array, at: number, end: number, size: number, seq: number): boolean {
    const sent = this.#sent;
    this.fill(sent, 0, size, seq);
    const due = Math.min(this.#options.octets, size);
    if (end - at < due) return false;
    let differs = 0;
    for (let i = 0; i < due; i++) differs |= sent[i] ^ bytes[at + i];
    return differs === 0;
  }
}
