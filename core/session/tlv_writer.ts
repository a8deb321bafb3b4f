/**
 * The TLVs of a sender's probes, behind the base packet and before Extra Padding (RFC 8972 section 4).
 *
 * @module
 */
import type { Tlv, TlvMac } from "../tlv.ts";
import { putExtraPadding, putTlvHeader, TLV_HEADER, TLV_HMAC, TLV_HMAC_LENGTH } from "../wire/tlv.ts";
import type { Mono } from "../time/clock.ts";

const HMAC_TLV = TLV_HEADER + TLV_HMAC_LENGTH;

/** Writes them; knows their size before the first probe. */
export class TlvWriter {
  /** Octets of all of them in each probe. */
  readonly size: number;
  readonly #tlvs: readonly Tlv[];
  readonly #mac: TlvMac | undefined;
  /** Probes that each was in; the last is the HMAC TLV's. */
  readonly sent: Float64Array;

  constructor(tlvs: readonly Tlv[], mac: TlvMac | undefined) {
    this.#tlvs = tlvs;
    this.#mac = mac;
    this.sent = new Float64Array(tlvs.length + 1);
    const values = tlvs.reduce((sum, { length }) => sum + TLV_HEADER + length, 0);
    // Extra Padding alone needs no HMAC; that of a profile is not here.
    this.size = values + (mac !== undefined && (tlvs.length > 0 || !mac.required) ? HMAC_TLV : 0);
  }

  /** Writes all at `from`, in a probe whose Sequence Number is written already; returns where they end. */
  write(view: DataView, bytes: Uint8Array, seqAt: number, from: number, seq: number): number {
    let at = from;
    for (let i = 0; i < this.#tlvs.length; i++) {
      const tlv = this.#tlvs[i];
      const { length } = tlv;
      const value = at + TLV_HEADER;
      bytes.fill(0, value, value + length);
      if (tlv.write(view, value, seq) === false) {
        putExtraPadding(view, at, length);
      } else {
        putTlvHeader(view, at, tlv.type, length);
        this.sent[i]++;
      }
      at = value + length;
    }
    if (this.#mac !== undefined && this.size > at - from) {
      putTlvHeader(view, at, TLV_HMAC, TLV_HMAC_LENGTH);
      this.#mac.sign(view, bytes, seqAt, from, at, at + TLV_HEADER);
      this.sent[this.#tlvs.length]++;
      at += HMAC_TLV;
    }
    return at;
  }

  /** When a TLV wants to be sent again; `Infinity` for never. */
  pollTimeout(): Mono {
    let due = Infinity;
    for (const { timer } of this.#tlvs) if (timer !== undefined) due = Math.min(due, timer.pollTimeout());
    return due;
  }

  /** Time is `now`, for those that have to be sent again. */
  handleTimeout(now: Mono): void {
    for (const { timer } of this.#tlvs) timer?.handleTimeout(now);
  }
}

/** Octets that TLVs add to each probe of a sender. */
export function tlvSize(tlvs: readonly Tlv[], mac?: TlvMac): number {
  return new TlvWriter(tlvs, mac).size;
}
