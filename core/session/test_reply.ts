/**
 * Replies of test sessions, made of their probes in place (RFC 5357 section 4.2.1, RFC 6038 section 5.2).
 *
 * A reply is as long as its probe, and never shorter than its own base packet. Padding is pushed back behind the longer
 * header, and what then stands out at the end falls off; that of symmetrical probes stays where it is. So what is to be
 * reflected comes back where there is room, without being looked at.
 *
 * @module
 */
import { type Batch, SlotFlag } from "../batch.ts";
import type { Clock } from "../time/clock.ts";
import { ERROR_PTP } from "../wire/error_estimate.ts";
import { TTL_UNREADABLE } from "../wire/test_packet.ts";
import { putTimestamp } from "../wire/timestamp.ts";
import { pushBack } from "./open_reply.ts";
import type { TestSession } from "./test_session.ts";

/** Turns the probe in `slot`, plain text, into the reply of `session`, all but T3 and a MAC that covers it. */
export function writeReply(session: TestSession, batch: Batch, slot: number): void {
  const { view, bytes, length } = batch;
  const { offsets, senderSize, reflectorSize } = session.format;
  const { monitor, ptp, seal } = session.spec;
  const at = slot * batch.stride;
  const size = length[slot];
  const seq = view.getUint32(at + offsets.SEQ);
  const t1High = view.getUint32(at + offsets.TIME);
  const t1Low = view.getUint32(at + offsets.TIME + 4);
  const error = view.getUint16(at + offsets.ERROR);
  const hasHeader = (batch.flags[slot] & SlotFlag.IP_HEADER) !== 0;
  if (size > reflectorSize) {
    if (reflectorSize > senderSize) {
      pushBack(view, bytes, at + senderSize, at + reflectorSize, size - reflectorSize);
    }
  } else length[slot] = reflectorSize;
  // Everything that is reserved; an octet left over is the Sender TTL.
  for (let word = at; word + 4 <= at + reflectorSize; word += 4) view.setUint32(word, 0);
  view.setUint32(at + offsets.SEQ, session.next);
  session.next = (session.next + 1) >>> 0;
  putTimestamp(view, at + offsets.RECEIVED, batch.stamp[2 * slot], batch.stamp[2 * slot + 1], ptp);
  view.setUint32(at + offsets.SENDER_SEQ, seq);
  view.setUint32(at + offsets.SENDER_TIME, t1High);
  view.setUint32(at + offsets.SENDER_TIME + 4, t1Low);
  view.setUint16(at + offsets.SENDER_ERROR, error);
  bytes[at + offsets.SENDER_TTL] = hasHeader ? batch.ttl[slot] : TTL_UNREADABLE;
  // RFC 7750 has no word for "could not be read": the mode is not offered where a socket cannot.
  if (monitor && batch.flags[slot] & SlotFlag.TOS) bytes[at + offsets.SENDER_DSCP_ECN] = batch.tos[slot];
  if (seal !== undefined && !session.encrypts) seal.sealReflector(view, bytes, at);
}

/** Writes T3 and its Error Estimate into the reply of `session` in `slot`. */
export function writeT3(session: TestSession, batch: Batch, slot: number, clock: Clock, now: Uint32Array): void {
  const { view } = batch;
  const { offsets } = session.format;
  const at = slot * batch.stride;
  const { ptp } = session.spec;
  view.setUint16(at + offsets.ERROR, ptp ? clock.errorEstimate | ERROR_PTP : clock.errorEstimate);
  putTimestamp(view, at + offsets.TIME, now[0], now[1], ptp);
}
