/**
 * STAMP extensions (RFC 8972): what a sender asks with one, how a reflector answers it, and what of that a sender reads.
 *
 * Everything happens in place. An extension sees its own value only; headers, flags and lengths are walked and written
 * by `core/session/tlv_*.ts`.
 *
 * @module
 */
import type { Batch } from "./batch.ts";
import type { Mono } from "./time/clock.ts";
import type { Layout } from "./wire/layout.ts";

export { METHOD_HARDWARE, METHOD_SOFTWARE, STAMP_METHODS } from "./wire/tlv_layouts.ts";

/** What TLVs bring back, by name: `cos.dscp2`. A number that is not known is `NaN`. Reused: copy what must outlive it. */
export type TlvValues = Record<string, number | string>;

/** One extension as a sender sends it. */
export interface Tlv {
  readonly type: number;
  /** The plugin's: what its values begin with. */
  readonly name: string;
  /** Its value, as far as that has a fixed form; absent where nobody has to know. */
  readonly layout?: Layout | undefined;
  /** Octets of its value, the same in every probe. */
  readonly length: number;
  /**
   * Writes the value for probe `seq` at `at`, where all is zero; false: this probe goes without it, and keeps its size by
   * padding.
   */
  write(view: DataView, at: number, seq: number): boolean | void;
  /**
   * Reads what came back, of a TLV that the reflector understood; false has the reply discarded. `ptp`: the reply's
   * timestamps are of that form.
   */
  read?(view: DataView, at: number, length: number, out: TlvValues, ptp: boolean): boolean | void;
  /** For one that has to be sent again until it is answered. */
  readonly timer?: TlvTimer | undefined;
  /** For one that tells of earlier replies when they left; {@linkcode read} fills it. */
  readonly late?: LateStamp | undefined;
  /** For one that asks for several replies to a probe: the far end's numbers count those, and no probes. */
  readonly asksSeveral?: boolean | undefined;
}

/** What a reply brings of an earlier one's departure (RFC 8972 section 4.7). */
export interface LateStamp {
  /** There was such a TLV, and it was understood. */
  asked: boolean;
  /** The reflector's number of that earlier reply; -1 where nothing was told. */
  seq: number;
  /** When it left, by the far end's clock: UNIX seconds and nanoseconds. */
  readonly stamp: Uint32Array;
  /** How that was found out (Timestamp Mode, Table 9 of RFC 8972). */
  method: number;
}

/** When a TLV wants a probe to carry it, besides those that leave anyway. */
export interface TlvTimer {
  /** When the next one is due; `Infinity` for never. */
  pollTimeout(): Mono;
  /** Time is `now`: what is written from here on leaves then. */
  handleTimeout(now: Mono): void;
}

/** How a reflector answers one type. Extra Padding and HMAC are not among them: the walk knows those itself. */
export interface TlvAnswer {
  readonly type: number;
  /**
   * Rewrites the value at `at` of the probe in `slot` into the reply's; returns the flags of the reply's TLV: 0 where it
   * did as it was asked, U where it could not, M where `length` cannot be. It is not called for a value that runs over
   * the end of the packet.
   */
  reflect(context: TlvContext, batch: Batch, slot: number, at: number, length: number): number;
}

/** The last reply of a session that had left when this one was made (RFC 8972 section 4.7). */
export interface FollowUp {
  /** The reflector's number of it; -1 where there was none. */
  seq: number;
  /** When it left: UNIX seconds and nanoseconds. */
  readonly stamp: Uint32Array;
  /** `SlotFlag` of that stamp; 0 is the program's own. */
  flags: number;
}

/** What a reflector is told to allow, and what its socket and host are. */
export interface TlvHost {
  /** The UDP port that it answers on. */
  readonly port: number;
  /** The address of its socket in 16 octets, IPv4-mapped; zeros where that is bound to any. */
  readonly address: Uint8Array;
  /** Addresses of this host, 16 octets each, one after another. */
  readonly addresses: Uint8Array;
  /** A reply can leave with a TOS of its own. */
  readonly perPacketTos: boolean;
  /** Whether a reply may have this DSCP, as a Class of Service TLV asks (RFC 8972 section 4.4). */
  readonly mayUseDscp: (dscp: number) => boolean;
  /** Location TLVs come back with zeros: nobody is to learn addresses behind a translator (RFC 8972 section 4.2.2). */
  readonly hideLocation: boolean;
  /** Replies leave through the interface that their probes came in by. */
  readonly sameLink: boolean;
  /** Replies may go elsewhere, or not at all, as a Return Path TLV asks (RFC 9503 section 6: on request only). */
  readonly allowReturnPath: boolean;
  /** Whether a Reflected Test Packet Control TLV is looked at. */
  readonly allowControl: boolean;
  /** Whether a reply may go to the address at `at`, which is not where its probe came from. */
  readonly mayReturnTo: (address: Uint8Array, at: number) => boolean;
  /** Octets of all replies to a probe, at most this many times those of the probe. */
  readonly maxAmplification: number;
  /** UDP payload octets that a reply may have, at most. */
  readonly maxReply: number;
  /** The identifier of this end's member link (RFC 9534); 0 for none. */
  readonly microSession: number;
}

/** What an answer may know of the probe's session, and ask of its reply; one object, reused. */
export interface TlvContext {
  readonly host: TlvHost;
  /** Whether the clock says that it is synchronised. */
  readonly synchronized: boolean;
  /** Octets of the base packet. */
  readonly base: number;
  /** Stamps of the reply are truncated PTPv2, as those of its probe (RFC 8186 section 2.3). */
  readonly ptp: boolean;
  /** Probes of this session that came, and replies that left, both with this one, 32 bits; -1 where nobody counts (stateless). */
  readonly received: number;
  readonly sent: number;
  /** Undefined where nobody remembers (stateless). */
  readonly followUp: FollowUp | undefined;
  /** This session wants {@linkcode followUp} next time. */
  wantsFollowUp: boolean;
  /** Where the reply goes, 16 octets, where {@linkcode redirected}; done when all TLVs are answered, as the next. */
  readonly returnTo: Uint8Array;
  redirected: boolean;
  /** Where it leaves from, the same. */
  readonly leaveFrom: Uint8Array;
  relocated: boolean;
  /** The probe is not for this reflector. */
  drop: boolean;
  /** A Return Path TLV asks for no reply. */
  noReply: boolean;
  /** Where the value of the first Return Path TLV of this probe is; -1 where it has none. */
  returnPathAt: number;
  /** Where the value of the Reflected Test Packet Control TLV is that shall be followed; -1 where there is none. */
  controlAt: number;
  /** What that one asks for is no reply. */
  controlDrop: boolean;
}

/** The keyed HMAC of a session's TLVs (RFC 8972 section 4.8): of the Sequence Number and all TLVs before the HMAC TLV. */
export interface TlvMac {
  /** Packets without it fail, unless one Extra Padding is all they have: authenticated mode. */
  readonly required: boolean;
  /** Whether the 16 octets at `macAt` are the HMAC of the 4 at `seqAt` and those from `from` to `to`. */
  verify(view: DataView, bytes: Uint8Array, seqAt: number, from: number, to: number, macAt: number): boolean;
  /** Writes them. */
  sign(view: DataView, bytes: Uint8Array, seqAt: number, from: number, to: number, macAt: number): void;
}

/** A host of which nothing is known, and that allows nothing. */
export const NO_HOST: TlvHost = {
  port: 0,
  address: new Uint8Array(16),
  addresses: new Uint8Array(0),
  perPacketTos: false,
  mayUseDscp: () => true,
  hideLocation: false,
  sameLink: false,
  allowReturnPath: false,
  allowControl: false,
  mayReturnTo: () => false,
  maxAmplification: 1,
  maxReply: 1452,
  microSession: 0,
};
