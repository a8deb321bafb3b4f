/**
 * T3 and its Error Estimate of replies, written within the system's call that sends them.
 *
 * @module
 */
import type { Batch } from "../batch.ts";
import type { Clock } from "../time/clock.ts";
import { SEALED } from "../wire/offsets.ts";
import { REFLECTOR } from "../wire/test_packet.ts";
import { putNtp } from "../wire/timestamp.ts";
import type { FollowUps } from "./follow_ups.ts";
import type { StampKeys } from "./stamp_seal.ts";

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
      view.setUint16(at + REFLECTOR.ERROR, error);
      putNtp(view, at + REFLECTOR.TIME, now[0], now[1]);
      if (followUps !== undefined) followUps.left(batch, slot, at + REFLECTOR.SEQ, now);
    }
  }

  #stampAndSeal(keys: StampKeys, batch: Batch, clock: Clock, from: number, to: number): void {
    const { view, bytes, length, stride } = batch;
    const now = this.#now;
    for (let slot = from; slot < to; slot++) {
      if (length[slot] === 0) continue;
      const at = slot * stride;
      view.setUint16(at + SEALED.ERROR, clock.errorEstimate);
      clock.wall(now, 0);
      putNtp(view, at + SEALED.TIME, now[0], now[1]);
      keys.of(view.getUint16(at + SEALED.SSID))!.seal(bytes, at);
      if (this.#followUps?.inUse) this.#followUps.left(batch, slot, at + SEALED.SEQ, now);
    }
  }
}
