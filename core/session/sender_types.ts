/**
 * What a sender session is told.
 *
 * @module
 */
import type { Schedule, TrafficProfile } from "../plugin.ts";
import type { Nanos } from "../time/clock.ts";
import type { ReflectOptions } from "./reflected_padding.ts";
import type { ReplyOptions } from "./reply.ts";

/** What a session is. */
export interface SenderOptions extends ReplyOptions {
  /** Where probes go and replies must come from, as in `Batch.peer`. */
  readonly peer: Uint8Array;
  readonly traffic: TrafficProfile;
  readonly schedule: Schedule;
  /** Probes to send; `Infinity` until {@linkcode SenderSession.stop}. */
  readonly count: number;
  /** A reply later than this is lost: Tmax of RFC 7680 section 2.2. */
  readonly timeout: Nanos;
  /** Probes to remember; see `windowFor`. */
  readonly window: number;
  /**
   * How long an answered probe waits for a later reply that says when its own one left, where a TLV asks for that (RFC
   * 8972 section 4.7); default 100 ms.
   */
  readonly stampGrace?: Nanos | undefined;
  /** T1 in truncated PTPv2 form, not NTP (RFC 8186 section 2.3). */
  readonly ptp?: boolean | undefined;
  /** Padding that is to come back (RFC 6038). */
  readonly reflect?: ReflectOptions | undefined;
}
