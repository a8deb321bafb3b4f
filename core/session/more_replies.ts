/**
 * Replies beyond one a probe, and of another length than it, as Reflected Test Packet Control asks (RFC 10052).
 *
 * @module
 */
import { type Batch, PEER_WORDS } from "../batch.ts";
import type { Mono } from "../time/clock.ts";
import { SEALED } from "../wire/offsets.ts";
import { STAMP_SEALED_SIZE } from "../wire/stamp_sealed.ts";
import { REFLECTOR, STAMP_SIZE } from "../wire/test_packet.ts";
import { Bursts } from "./bursts.ts";
import type { FollowUps } from "./follow_ups.ts";
import type { ReflectorCounters, ReflectorOptions } from "./reflector_types.ts";
import { controlReply } from "./reply_control.ts";
import type { SessionTable } from "./session_table.ts";
import type { TlvReflector } from "./tlv_reflector.ts";

/** Replies that one probe asked for are sent within this: there are few places for such. */
const LONGEST_BURST_NS = 10e9;

/** What of a reflector they are made with. */
export interface MoreRepliesParts {
  readonly options: ReflectorOptions;
  readonly counters: ReflectorCounters;
  readonly tlvs: TlvReflector;
  /** Undefined where it is stateless. */
  readonly table: SessionTable | undefined;
  readonly followUps: FollowUps | undefined;
}

/** Those of one reflector. */
export class MoreReplies {
  readonly #options: ReflectorOptions;
  readonly #counters: ReflectorCounters;
  readonly #tlvs: TlvReflector;
  readonly #table: SessionTable | undefined;
  readonly #followUps: FollowUps | undefined;
  /** Undefined where a probe gets one reply at the most. */
  readonly #bursts: Bursts | undefined;

  constructor({ options, counters, tlvs, table, followUps }: MoreRepliesParts) {
    const { host } = options;
    this.#options = options;
    this.#counters = counters;
    this.#tlvs = tlvs;
    this.#table = table;
    this.#followUps = followUps;
    this.#bursts = host?.allowControl && host.maxAmplification > 1 ? new Bursts(host.maxReply) : undefined;
  }

  /** Does what the Reflected Test Packet Control TLV of the reply in `slot` asks, as far as it is allowed. */
  control(now: Mono, batch: Batch, slot: number, base: number): void {
    const { host, redirected, controlAt } = this.#tlvs.context;
    const interval = batch.view.getUint32(controlAt + 4);
    const bursts = this.#bursts;
    const lasts = (batch.view.getUint16(controlAt + 2) - 1) * interval;
    // More than was sent goes to who sent it, and to nobody whom he names; and nobody holds a place for long.
    const room = bursts !== undefined && bursts.hasRoom && !redirected && lasts <= LONGEST_BURST_NS;
    const count = controlReply(batch, slot, base, controlAt, host, redirected ? 1 : host.maxAmplification, room);
    if (count <= 1 || bursts === undefined) return;
    const table = this.#table;
    const row = table === undefined ? 0 : table.row;
    bursts.add(batch, slot, count - 1, interval, now, row, table === undefined ? 0 : table.generation(row));
  }

  /** When a reply is due that nobody has to ask for any more; `Infinity` for never. */
  pollTimeout(): Mono {
    return this.#bursts === undefined ? Infinity : this.#bursts.pollTimeout();
  }

  /**
   * Appends such replies that are due to `tx`, all but T3; returns how many. Each is one of those that its source may
   * have: where that has none left, those that would follow are not sent either.
   */
  pollTransmit(now: Mono, tx: Batch): number {
    const bursts = this.#bursts;
    if (bursts === undefined) return 0;
    const { access } = this.#options;
    const first = tx.count;
    this.#followUps?.begin(tx.capacity);
    while (bursts.poll(now, tx)) {
      if (access === undefined || access.spend(tx.peerWords, (tx.count - 1) * PEER_WORDS, now)) {
        this.#number(bursts, tx, tx.count - 1);
      } else {
        this.#counters.rateLimited++;
        bursts.refuse(tx);
      }
    }
    this.#counters.repeated += tx.count - first;
    return tx.count - first;
  }

  /** Gives the reply in `slot` a number of its own, if its session is still remembered. */
  #number(bursts: Bursts, tx: Batch, slot: number): void {
    const at = slot * tx.stride;
    const table = this.#table;
    const { row } = bursts;
    if (table !== undefined && table.generation(row) === bursts.generation) {
      tx.view.setUint32(at + REFLECTOR.SEQ, table.again(row));
      this.#followUps?.note(tx, slot, row);
    } else this.#followUps?.forgetSlot(tx, slot);
    const { authenticated, tlvKeys } = this.#options;
    const sealed = authenticated !== undefined;
    const mac = (authenticated ?? tlvKeys)?.of(tx.view.getUint16(at + (sealed ? SEALED.SSID : REFLECTOR.SSID)));
    const base = sealed ? STAMP_SEALED_SIZE : STAMP_SIZE;
    if (mac !== undefined) this.#tlvs.sign(tx, mac, at, at + base, at + tx.length[slot]);
  }
}
