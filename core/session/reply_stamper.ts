/**
 * T3 and its Error Estimate of replies, written within the system's call that sends them.
 *
 * @module
 */
import type { Batch } from "../batch.ts";
import type { Clock } from "../time/clock.ts";
import { ERROR_PTP } from "../wire/error_estimate.ts";
import { SEALED } from "../wire/offsets.ts";
import { REFLECTOR } from "../wire/test_packet.ts";
import { putTimestamp } from "../wire/timestamp.ts";
import type { FollowUps } from "./follow_ups.ts";
import type { StampKeys } from "./stamp_seal.ts";

/**
 * T3 and its Error Estimate, in the form that the probe had: who stamps with PTP reads it (RFC 8762 section 4.2.1 leaves
 * to configuration what the Z bit does not say).
 */
function putStamp(view: DataView, at: number, errorAt: number, probeAt: number, now: Uint32Array, error: number): void {
  const z = view.getUint16(probeAt) & ERROR_PTP;
  view.setUint16(errorAt, error | z);
  putTimestamp(view, at, now[0], now[1], z !== 0);
}

/** Stamps replies of one reflector, which is of one mode. */
export class ReplyStamper {
  readonly #keys: StampKeys | undefined;
  readonly #followUps: FollowUps | undefined;
  readonly #now = new Uint32Array(2);

  /** `keys` of authenticated mode; `followUps` are told when replies left. */
  constructor(keys: StampKeys | undefined, followUps: FollowUps | undefined) {
    this.#keys = keys;
    this.#followUps = followUps;
  }

  /** Those in slots `from` to `to`, which leave together: see `ReflectorSession.stampTransmit`. */
  stamp(batch: Batch, clock: Clock, from: number, to: number): void {
    if (this.#keys === undefined) this.#stampOpen(batch, clock, from, to);
    else this.#stampAndSeal(this.#keys, batch, clock, from, to);
  }

  #stampOpen(batch: Batch, clock: Clock, from: number, to: number): void {
    const { view, length, stride } = batch;
    const now = this.#now;
    const error = clock.errorEstimate;
    const followUps = this.#followUps?.inUse ? this.#followUps : undefined;
    clock.wall(now, 0);
    for (let slot = from; slot < to; slot++) {
      if (length[slot] === 0) continue;
      const at = slot * stride;
      putStamp(view, at + REFLECTOR.TIME, at + REFLECTOR.ERROR, at + REFLECTOR.SENDER_ERROR, now, error);
      if (followUps !== undefined) followUps.left(batch, slot, at + REFLECTOR.SEQ, now);
    }
  }

  #stampAndSeal(keys: StampKeys, batch: Batch, clock: Clock, from: number, to: number): void {
    const { view, bytes, length, stride } = batch;
    const now = this.#now;
    for (let slot = from; slot < to; slot++) {
      if (length[slot] === 0) continue;
      const at = slot * stride;
      const error = clock.errorEstimate;
      clock.wall(now, 0);
      putStamp(view, at + SEALED.TIME, at + SEALED.ERROR, at + SEALED.SENDER_ERROR, now, error);
      keys.of(view.getUint16(at + SEALED.SSID))!.seal(bytes, at);
      if (this.#followUps?.inUse) this.#followUps.left(batch, slot, at + SEALED.SEQ, now);
    }
  }
}
