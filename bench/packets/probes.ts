/**
 * Probes as a transport would leave them in the slots of a batch.
 *
 * @module
 */
import { type Batch, PEER_PORT, PEER_SIZE, SlotFlag } from "../../core/batch.ts";
import { SENDER as PROBE, STAMP_SIZE } from "../../core/wire/test_packet.ts";
import { putExtraPadding, TLV_HEADER } from "../../core/wire/tlv.ts";
import { EPOCH, SENDER } from "../../tests/support/sim.ts";

/** Octets that a reply writes over, and so those to be put back. */
const HEADER = 48;

/** Writes one probe after another. */
export class ProbeWriter {
  readonly #octets: number;
  readonly #sessions: number;
  readonly #header = new Uint8Array(HEADER);
  #seq = 0;

  /** `sessions`: ports that the probes come from in turn. */
  constructor(octets: number, protocol: "twamp" | "stamp", sessions: number) {
    this.#octets = octets;
    this.#sessions = sessions;
    if (protocol === "stamp" && octets > STAMP_SIZE) {
      putExtraPadding(new DataView(this.#header.buffer), STAMP_SIZE, octets - STAMP_SIZE - TLV_HEADER);
    }
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
      batch.flags[slot] = SlotFlag.IP_HEADER;
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
