/**
 * Replies of STAMP in authenticated mode, made of their probes in place (RFC 8762 section 4.3.2): as long as the probe,
 * with what is behind the base packet where it was. T3 is covered by the MAC, so both are written last.
 *
 * @module
 */
import { type Batch, SlotFlag } from "../batch.ts";
import { ERROR_PTP } from "../wire/error_estimate.ts";
import { SEALED } from "../wire/offsets.ts";
import { STAMP_HMAC } from "../wire/stamp_sealed.ts";
import { TTL_UNREADABLE } from "../wire/test_packet.ts";
import { putTimestamp } from "../wire/timestamp.ts";

/**
 * Whether an authenticated packet is itself a reply, as `isReply` has it for open ones: two reflectors of one key, set on
 * each other by one reply that was sent again, would otherwise answer without end.
 */
export function isSealedReply(view: DataView, at: number): boolean {
  const received = view.getUint32(at + SEALED.RECEIVED);
  return received !== 0 && (view.getUint32(at + SEALED.TIME) - received) >>> 0 <= 1;
}

/** Turns the probe in `slot`, whose MAC is right, into its reply under `number`: all but T3 and the MAC. */
export function writeSealedReply(batch: Batch, slot: number, number: number): void {
  const { view, bytes } = batch;
  const at = slot * batch.stride;
  const seq = view.getUint32(at + SEALED.SEQ);
  const t1High = view.getUint32(at + SEALED.TIME);
  const t1Low = view.getUint32(at + SEALED.TIME + 4);
  const error = view.getUint16(at + SEALED.ERROR);
  const ssid = view.getUint16(at + SEALED.SSID);
  // What is reserved must be zero in replies, whatever it was in the probe.
  for (let word = at; word < at + STAMP_HMAC; word += 4) view.setUint32(word, 0);
  view.setUint32(at + SEALED.SEQ, number);
  view.setUint16(at + SEALED.SSID, ssid);
  const ptp = (error & ERROR_PTP) !== 0;
  putTimestamp(view, at + SEALED.RECEIVED, batch.stamp[2 * slot], batch.stamp[2 * slot + 1], ptp);
  view.setUint32(at + SEALED.SENDER_SEQ, seq);
  view.setUint32(at + SEALED.SENDER_TIME, t1High);
  view.setUint32(at + SEALED.SENDER_TIME + 4, t1Low);
  view.setUint16(at + SEALED.SENDER_ERROR, error);
  bytes[at + SEALED.SENDER_TTL] = batch.flags[slot] & SlotFlag.IP_HEADER ? batch.ttl[slot] : TTL_UNREADABLE;
}
