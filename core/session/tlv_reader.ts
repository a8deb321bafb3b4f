/**
 * What replies bring back of the TLVs that their probes had (RFC 8972 section 4): checked, counted, read into values.
 *
 * @module
 */
import type { TlvReport } from "../snapshot.ts";
import type { LateStamp, Tlv, TlvMac, TlvValues } from "../tlv.ts";
import { findHmacTlv, isPaddingAlone, TLV_EXTRA_PADDING, TLV_HEADER, TLV_HMAC, TlvFlag } from "../wire/tlv.ts";

interface Counts {
  returned: number;
  unrecognized: number;
  malformed: number;
  integrityFailed: number;
  nonConformant: number;
}

/** Whether the far end found the HMAC of the TLVs at `at` to `end` to be wrong. */
function hasFailed(view: DataView, at: number, end: number): boolean {
  for (; end - at >= TLV_HEADER; at += TLV_HEADER + view.getUint16(at + 2)) {
    if (view.getUint8(at) & TlvFlag.I) return true;
  }
  return false;
}

/** Reads the TLVs of replies. */
export class TlvReader {
  /** What the last reply brought. */
  readonly values: TlvValues = {};
  /** What the last reply said of the departure of an earlier one; undefined where no probe asks for that. */
  readonly late: LateStamp | undefined;
  /** What came last of each. */
  readonly #last: TlvValues = {};
  readonly #tlvs: readonly Tlv[];
  readonly #mac: TlvMac | undefined;
  readonly #counts: readonly Counts[];
  readonly #first = new Int16Array(256).fill(-1);

  constructor(tlvs: readonly Tlv[], mac: TlvMac | undefined) {
    this.#tlvs = tlvs;
    this.#mac = mac;
    // One more: of the HMAC TLV.
    this.#counts = [...tlvs, undefined].map(() => ({
      returned: 0,
      unrecognized: 0,
      malformed: 0,
      integrityFailed: 0,
      nonConformant: 0,
    }));
    if (mac !== undefined) this.#first[TLV_HMAC] = tlvs.length;
    this.late = tlvs.find(({ late }) => late !== undefined)?.late;
    for (let i = tlvs.length - 1; i >= 0; i--) this.#first[tlvs[i].type] = i;
  }

  /**
   * Reads those at `from` to `end` into {@linkcode values}; `counts`: the reply answers its probe for the first time.
   * False if it has to be discarded.
   */
  read(
    view: DataView,
    bytes: Uint8Array,
    seqAt: number,
    from: number,
    end: number,
    ptp: boolean,
    counts: boolean,
  ): boolean {
    for (const name in this.values) this.values[name] = NaN;
    if (this.late !== undefined) {
      this.late.asked = false;
      this.late.seq = -1;
    }
    if (!this.#isSound(view, bytes, seqAt, from, end)) {
      if (counts) this.#countDiscarded(view, from, end);
      return true;
    }
    let expected = 0;
    let accepted = true;
    for (let at = from; end - at >= TLV_HEADER;) {
      const flags = view.getUint8(at);
      const type = view.getUint8(at + 1);
      const length = view.getUint16(at + 2);
      const next = at + TLV_HEADER + length;
      const i = this.#which(type, expected);
      if (i < 0 && this.#isInPlace(type, expected)) expected++;
      if (i >= 0) {
        expected = i + 1;
        if (counts) this.#count(i, flags, next > end);
        if (next <= end && (flags & (TlvFlag.U | TlvFlag.M)) === 0 && !this.#take(i, view, at, length, ptp)) {
          accepted = false;
        }
      }
      if (flags & TlvFlag.M || next > end) break;
      at = next;
    }
    if (counts && accepted) {
      for (const name in this.values) {
        const value = this.values[name];
        if (value === value) this.#last[name] = value; // NaN is not
      }
    }
    return accepted;
  }

  /**
   * Which TLV of ours comes back as `type`: they do so in the order in which they were sent, and of several of one type
   * that order tells them apart. -1 for one that is not ours.
   */
  #which(type: number, expected: number): number {
    if (this.#tlvs[expected]?.type === type) return expected;
    return type === TLV_EXTRA_PADDING ? -1 : this.#first[type];
  }

  /** Whether padding stands where a TLV would that was not in the probe. */
  #isInPlace(type: number, expected: number): boolean {
    return type === TLV_EXTRA_PADDING && this.#tlvs[expected]?.timer !== undefined;
  }

  /** Neither the far end nor this one found the HMAC to be wrong. */
  #isSound(view: DataView, bytes: Uint8Array, seqAt: number, from: number, end: number): boolean {
    if (hasFailed(view, from, end)) return false;
    if (this.#mac === undefined || from >= end) return true;
    const mac = findHmacTlv(view, from, end);
    if (mac === end) return isPaddingAlone(view, from, end);
    return mac >= 0 && this.#mac.verify(view, bytes, seqAt, from, mac, mac + TLV_HEADER);
  }

  /**
   * Counts a reply whose TLVs are not read. Where their HMAC came back as not understood, nobody has altered them: the far
   * end has made none of its own.
   */
  #countDiscarded(view: DataView, from: number, end: number): void {
    const mac = this.#mac === undefined || hasFailed(view, from, end) ? end : findHmacTlv(view, from, end);
    const last = this.#counts[this.#counts.length - 1];
    if (mac >= 0 && mac < end && (view.getUint8(mac) & (TlvFlag.U | TlvFlag.M)) === TlvFlag.U) {
      last.returned++;
      last.unrecognized++;
    } else for (const count of this.#counts) count.integrityFailed++;
  }

  #count(i: number, flags: number, overruns: boolean): void {
    const count = this.#counts[i];
    count.returned++;
    if (flags & TlvFlag.U) count.unrecognized++;
    if (flags & TlvFlag.M || overruns) count.malformed++;
    if (flags & TlvFlag.C) count.nonConformant++;
  }

  #take(i: number, view: DataView, at: number, length: number, ptp: boolean): boolean {
    const tlv: Tlv | undefined = this.#tlvs[i];
    return tlv?.read === undefined || tlv.read(view, at + TLV_HEADER, length, this.values, ptp) !== false;
  }

  /** All that is known of each TLV, in the order in which they were given. */
  report(sent: Float64Array): TlvReport[] {
    const rows = this.#tlvs.map(({ name, type }, i) => ({
      name,
      type,
      sent: sent[i],
      ...this.#counts[i],
      values: this.#valuesOf(name),
    }));
    if (this.#mac === undefined) return rows;
    const last = this.#tlvs.length;
    return [...rows, { name: "hmac", type: TLV_HMAC, sent: sent[last], ...this.#counts[last], values: {} }];
  }

  #valuesOf(name: string): TlvValues {
    return Object.fromEntries(Object.entries(this.#last).filter(([key]) => key.startsWith(`${name}.`)));
  }
}
