/**
 * One slot from batch to batch.
 *
 * @module
 */
import { type Batch, LOCAL_SIZE, PEER_SIZE, SlotFlag } from "../../../core/batch.ts";

/** Copies slot `from` with all its columns to slot `to`, as far as the octets fit. */
export function copySlot(source: Batch, target: Batch, from: number, to = from): void {
  const length = Math.min(source.length[from], target.stride);
  const start = from * source.stride;
  target.bytes.set(source.bytes.subarray(start, start + length), to * target.stride);
  target.length[to] = length;
  target.stamp[2 * to] = source.stamp[2 * from];
  target.stamp[2 * to + 1] = source.stamp[2 * from + 1];
  target.ttl[to] = source.ttl[from];
  target.tos[to] = source.tos[from];
  target.txTos[to] = source.txTos[from];
  target.flags[to] = source.flags[from] | (length < source.length[from] ? SlotFlag.TRUNCATED : 0);
  target.token[to] = source.token[from];
  target.peer.set(source.peer.subarray(from * PEER_SIZE, (from + 1) * PEER_SIZE), to * PEER_SIZE);
  target.local.set(source.local.subarray(from * LOCAL_SIZE, (from + 1) * LOCAL_SIZE), to * LOCAL_SIZE);
}
