/**
 * Probes of a session, octet by octet: all but the stamp first, then T1 within the system's call that sends them.
 *
 * @module
 */
import { type Batch, PEER_SIZE } from "../batch.ts";
import type { Clock } from "../time/clock.ts";
import { ERROR_PTP } from "../wire/error_estimate.ts";
import type { TestFormat } from "../wire/format.ts";
import { SENDER_HMAC } from "../wire/sealed_packet.ts";
import { putTimestamp } from "../wire/timestamp.ts";
import { putExtraPadding, TLV_HEADER } from "../wire/tlv.ts";
import type { ReflectedPadding } from "./reflected_padding.ts";
import type { SenderOptions } from "./sender_types.ts";
import type { TlvWriter } from "./tlv_writer.ts";
import { ProbeState, type Window } from "./window.ts";

/** Writes those of one session. */
export class ProbeWriter {
  /** UNIX seconds and nanoseconds of the first one's T1; 0 0 before it. */
  readonly firstT1 = new Uint32Array(2);
  readonly #options: SenderOptions;
  readonly #format: TestFormat;
  readonly #window: Window;
  readonly #tlvs: TlvWriter | undefined;
  readonly #padding: ReflectedPadding | undefined;

  /** `tlvs` and `padding` as far as probes have such. */
  constructor(
    options: SenderOptions,
    format: TestFormat,
    window: Window,
    tlvs: TlvWriter | undefined,
    padding: ReflectedPadding | undefined,
  ) {
    this.#options = options;
    this.#format = format;
    this.#window = window;
    this.#tlvs = tlvs;
    this.#padding = padding;
  }

  /** Writes probe `seq` into `slot` of `tx`, and begins its row. */
  write(tx: Batch, slot: number, seq: number): void {
    const { traffic, protocol, peer, ssid, seal } = this.#options;
    const { offsets, senderSize } = this.#format;
    const { view, bytes } = tx;
    const at = slot * tx.stride;
    const size = traffic.size(seq);
    let padding = at + senderSize;
    // What is reserved; the base packet of TWAMP has none.
    if (senderSize > offsets.SSID) bytes.fill(0, at, padding);
    view.setUint32(at + offsets.SEQ, seq);
    if (protocol === "stamp") {
      view.setUint16(at + offsets.SSID, ssid);
      if (this.#tlvs !== undefined) padding = this.#tlvs.write(view, bytes, at + offsets.SEQ, padding, seq);
      if (size > padding - at) {
        putExtraPadding(view, padding, at + size - padding - TLV_HEADER);
        padding += TLV_HEADER;
      }
    }
    if (this.#padding === undefined) traffic.fill(bytes, padding, at + size, seq);
    else this.#padding.fill(bytes, padding, at + size, seq);
    // Where its stamp is not covered that is written last (RFC 5357 section 4.2.1).
    if (seal !== undefined && !seal.coversStamps) seal.sealSender(view, bytes, at);
    for (let i = 0; i < PEER_SIZE; i++) tx.peer[slot * PEER_SIZE + i] = peer[i];
    tx.length[slot] = size;
    tx.token[slot] = seq;
    const row = seq & this.#window.mask;
    this.#window.state[row] = ProbeState.PENDING;
    this.#window.payload[row] = size;
    this.#window.t1Source[row] = 0;
    this.#window.txLag[row] = 0;
  }

  /**
   * Writes T1 and its Error Estimate into slots `from` to `to` of `tx`, and seals what covers them: the last thing before
   * the system call. Called again for a slot, it begins anew.
   */
  stampTransmit(tx: Batch, clock: Clock, from: number, to: number): void {
    const { t1, wireT1, mask } = this.#window;
    const { TIME, ERROR } = this.#format.offsets;
    const { seal, ptp = false } = this.#options;
    const encrypts = seal !== undefined && seal.mode === "encrypted";
    const seals = seal !== undefined && seal.coversStamps;
    for (let slot = from; slot < to; slot++) {
      const at = slot * tx.stride;
      const row = 2 * (tx.token[slot] & mask);
      if (encrypts) this.#writeCovered(tx, slot);
      tx.view.setUint16(at + ERROR, ptp ? clock.errorEstimate | ERROR_PTP : clock.errorEstimate);
      clock.wall(t1, row);
      putTimestamp(tx.view, at + TIME, t1[row], t1[row + 1], ptp);
      wireT1[row] = tx.view.getUint32(at + TIME);
      wireT1[row + 1] = tx.view.getUint32(at + TIME + 4);
      if (seals) seal.sealSender(tx.view, tx.bytes, at);
      if (this.firstT1[0] !== 0) continue;
      this.firstT1[0] = t1[row];
      this.firstT1[1] = t1[row + 1];
    }
  }

  /** The plain text that encrypted mode covers, all but T1: a slot may be stamped again, and is sealed by then. */
  #writeCovered(tx: Batch, slot: number): void {
    const at = slot * tx.stride;
    for (let i = 0; i < SENDER_HMAC; i += 4) tx.view.setUint32(at + i, 0);
    tx.view.setUint32(at + this.#format.offsets.SEQ, tx.token[slot]);
  }
}
