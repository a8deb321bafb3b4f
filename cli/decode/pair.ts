/**
 * Finds the request of each reply, and what the reply says about its way.
 *
 * @module
 */
import { type Nanos, wallSpan } from "../../core/time/clock.ts";
import { isPtp, isSealedKind, offsetsOf, type PacketKind } from "../../core/wire/guess.ts";
import { type Offsets, OPEN, SEALED } from "../../core/wire/offsets.ts";
import { readTimestamp } from "../../core/wire/timestamp.ts";
import type { Packet } from "./packet.ts";

/** Requests that are remembered; of more, the oldest are forgotten, so that memory stays bounded. */
const REMEMBERED = 65_536;

/** A request that may still be answered. */
export interface Request {
  readonly number: number;
  readonly kind: PacketKind;
  /** Its Timestamp, as sent. */
  readonly high: number;
  readonly low: number;
}

/** What a reply says; a span is null where a stamp is missing. */
export interface Spans {
  /** T2 - T1. */
  readonly outboundNs: Nanos | null;
  /** T3 - T2. */
  readonly residenceNs: Nanos | null;
  /** T4 - T3, with the capture's time for T4. */
  readonly inboundNs: Nanos | null;
  /** T4 - T1 - (T3 - T2). */
  readonly rttNs: Nanos | null;
}

/** Requests by the way they went and their sequence number. */
export class Requests {
  readonly #waiting = new Map<string, Request>();

  /** Remembers a sender's packet. */
  add(packet: Packet, kind: PacketKind): void {
    const { view, at } = packet;
    const { SEQ, TIME } = offsetsOf(kind);
    const key = keyOf(packet.from, packet.to, view.getUint32(at + SEQ));
    this.#waiting.delete(key);
    const [high, low] = [view.getUint32(at + TIME), view.getUint32(at + TIME + 4)];
    this.#waiting.set(key, { number: packet.number, kind, high, low });
    if (this.#waiting.size > REMEMBERED) this.#waiting.delete(this.#waiting.keys().next().value!);
  }

  /** The request that `packet` would be the reply to, by ports and the sender's sequence number. */
  find(packet: Packet): Request | undefined {
    const open = this.#find(packet, OPEN);
    if (open !== undefined && !isSealedKind(open.kind)) return open;
    const sealed = this.#find(packet, SEALED);
    return sealed !== undefined && isSealedKind(sealed.kind) ? sealed : undefined;
  }

  #find({ view, at, length, from, to }: Packet, { SENDER_SEQ, SHORTEST_REPLY }: Offsets): Request | undefined {
    return length < SHORTEST_REPLY ? undefined : this.#waiting.get(keyOf(to, from, view.getUint32(at + SENDER_SEQ)));
  }
}

function keyOf(from: string | undefined, to: string | undefined, sequence: number): string {
  return `${from ?? ""}>${to ?? ""}#${sequence}`;
}

/** Whether `packet` gives back the Timestamp of `request`: then it is its reply, whatever its clock says. */
export function echoes(packet: Packet, request: Request): boolean {
  const at = packet.at + offsetsOf(request.kind).SENDER_TIME;
  return packet.view.getUint32(at) === request.high && packet.view.getUint32(at + 4) === request.low;
}

/** The spans that a reply which has its three stamps says, and its capture time where there is one. */
export function spansOf({ view, at, length, time }: Packet, { ERROR, TIME, RECEIVED, ...sender }: Offsets): Spans {
  const ptp = isPtp(view, at, length, ERROR);
  const words = new Uint32Array(8);
  const [t1, t2, t3, t4] = [0, 2, 4, 6];
  readTimestamp(view, at + sender.SENDER_TIME, isPtp(view, at, length, sender.SENDER_ERROR), words, t1);
  readTimestamp(view, at + RECEIVED, ptp, words, t2);
  readTimestamp(view, at + TIME, ptp, words, t3);
  if (time !== undefined) words.set([time.seconds, time.nanos], t4);
  const has1 = isStamp(view, at + sender.SENDER_TIME);
  const has2 = isStamp(view, at + RECEIVED);
  const has3 = isStamp(view, at + TIME);
  const has4 = time !== undefined;
  const residence = wallSpan(words, t2, t3);
  return {
    outboundNs: has1 && has2 ? wallSpan(words, t1, t2) : null,
    residenceNs: has2 && has3 ? residence : null,
    inboundNs: has3 && has4 ? wallSpan(words, t3, t4) : null,
    rttNs: has1 && has2 && has3 && has4 ? wallSpan(words, t1, t4) - residence : null,
  };
}

/** All zeros are no stamp. */
function isStamp(view: DataView, at: number): boolean {
  return view.getUint32(at) !== 0 || view.getUint32(at + 4) !== 0;
}
