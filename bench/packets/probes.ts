/**
 * Probes as a transport would leave them in the slots of a batch.
 *
 * @module
 */
import { type Batch, PEER_PORT, PEER_SIZE, SlotFlag } from "../../core/batch.ts";
import { TlvWriter } from "../../core/session/tlv_writer.ts";
import type { Tlv } from "../../core/tlv.ts";
import { SENDER as PROBE, STAMP_SIZE } from "../../core/wire/test_packet.ts";
import { putExtraPadding, TLV_HEADER } from "../../core/wire/tlv.ts";
import { EPOCH, SENDER } from "../../tests/support/sim.ts";

/** Octets that a reply writes over, and so those to be put back. */
const HEADER = 48;
const TYPICAL_TOS = 0x88;

/** Writes one probe after another. */
export class ProbeWriter {
  readonly #octets: number;
  readonly #sessions: number;
  readonly #header: Uint8Array;
  #seq = 0;

  /** `sessions`: ports that the probes come from in turn. */
  constructor(octets: number, protocol: "twamp" | "stamp", sessions: number, tlvs: readonly Tlv[] = []) {
    this.#octets = octets;
    this.#sessions = sessions;
    const writer = new TlvWriter(tlvs, undefined);
    this.#header = new Uint8Array(HEADER + writer.size);
    const view = new DataView(this.#header.buffer);
    const end = writer.write(view, this.#header, 0, STAMP_SIZE, 0);
    if (protocol === "stamp" && octets > end) putExtraPadding(view, end, octets - end - TLV_HEADER);
  }

  /** Fills the batch. Padding is zeros, as our own sender's. */
  fill(batch: Batch): void {
    const { view, bytes, peer } = batch;
    batch.count = batch.capacity;
    for (let slot = 0; slot < batch.count; slot++) {
      const at = slot * batch.stride;
      bytes.set(this.#header, at);
      view.setUint32(at + PROBE.SEQ, this.#seq);
      view.setUint32(at + PROBE.TIME, 3_900_000_000 + (this.#seq >>> 20));
      view.setUint32(at + PROBE.TIME + 4, this.#seq << 12);
      view.setUint16(at + PROBE.ERROR, 0x0142);
      batch.length[slot] = this.#octets;
      batch.flags[slot] = SlotFlag.IP_HEADER | SlotFlag.TOS;
      batch.tos[slot] = TYPICAL_TOS;
      batch.ttl[slot] = 64;
      batch.stamp[2 * slot] = EPOCH;
      batch.stamp[2 * slot + 1] = this.#seq & 0xfffffff;
      peer.set(SENDER, slot * PEER_SIZE);
      const port = 1024 + this.#seq % this.#sessions;
      peer[slot * PEER_SIZE + PEER_PORT] = port >> 8;
      peer[slot * PEER_SIZE + PEER_PORT + 1] = port & 0xff;
      this.#seq++;
    }
  }
}
