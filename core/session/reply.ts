/**
 * What a reply says: its four stamps in the order the far end has them, the values that follow from them, and what is
 * odd about it.
 *
 * @module
 */
import { type Batch, SlotFlag } from "../batch.ts";
import { ProbeFlag, type ProbeRecord } from "../record.ts";
import { type ClockStep, type Mono, type Nanos, wallSpan } from "../time/clock.ts";
import { ERROR_PTP, ERROR_SYNCHRONIZED } from "../wire/error_estimate.ts";
import type { SenderCounters } from "../snapshot.ts";
import type { Tlv, TlvMac } from "../tlv.ts";
import { STAMP_FORMAT, STAMP_SEALED_FORMAT, type TestFormat, testFormat } from "../wire/format.ts";
import { readTimestamp } from "../wire/timestamp.ts";
import { PeerWatch } from "./peer_watch.ts";
import type { ReflectedPadding } from "./reflected_padding.ts";
import type { PacketSeal } from "./seal.ts";
import { TlvReader } from "./tlv_reader.ts";
import type { Window } from "./window.ts";

/** How far two clocks of this host may disagree over a round trip before one of them was set. */
export const TOLERANCE_NS = 1e6;

/** Whether a span of the wall clock fits into what the monotonic clock says has passed. */
export function isWithin(span: Nanos, elapsed: Nanos): boolean {
  return span >= -TOLERANCE_NS && span <= elapsed + TOLERANCE_NS;
}

/** What of a session its replies are read with. */
export interface ReplyOptions {
  readonly protocol: "twamp" | "stamp";
  /** STAMP Session Identifier (RFC 8972 section 3); 0 for none. */
  readonly ssid: number;
  /** No more probes once a reply has no SSID where the probe has one: the far end does not know RFC 8972. */
  readonly needsSsid?: boolean | undefined;
  /** TTL that probes leave with, where it is known: a higher one in a reply was not read off a packet. */
  readonly ttl?: number | undefined;
  /** Authenticated or encrypted mode; of STAMP it is a `StampSeal`. */
  readonly seal?: PacketSeal | undefined;
  /** Probes leave room for the reply's fields (RFC 6038). */
  readonly symmetrical?: boolean | undefined;
  /** Replies say which DSCP and ECN their probe had (RFC 7750). */
  readonly monitor?: boolean | undefined;
  /** STAMP extensions that probes carry, in this order. */
  readonly tlvs?: readonly Tlv[] | undefined;
  /** Of their HMAC TLV in open mode; without it they have none. */
  readonly tlvMac?: TlvMac | undefined;
}

/** The packets of a session. */
export function formatOf({ protocol, seal, symmetrical, monitor }: ReplyOptions): TestFormat {
  if (protocol === "twamp") return testFormat({ mode: seal?.mode ?? "open", symmetrical, monitor });
  if (seal?.mode === "encrypted" || symmetrical || monitor) {
    throw new Error("encrypted mode, symmetrical and monitor are TWAMP's");
  }
  return seal === undefined ? STAMP_FORMAT : STAMP_SEALED_FORMAT;
}

/** What the TLVs of a session are sealed with: its own key in authenticated mode, or one given besides in open mode. */
export function tlvMacOf({ tlvMac, seal }: ReplyOptions): TlvMac | undefined {
  return tlvMac ?? seal?.tlvMac;
}

/** Reads replies of one session; `watch` is told what is odd about them. */
export class ReplyReader {
  readonly watch = new PeerWatch();
  /** When replies are read; a field, because engines box a double that is passed to a call. */
  now: Mono = 0;
  /** A reply came back with an SSID of zero. */
  lacksSsid = false;
  /** Jumps of this host's wall clock so far, and the last of them. */
  steps = 0;
  #step: ClockStep | undefined;
  readonly #options: ReplyOptions;
  readonly #window: Window;
  readonly #format: TestFormat;
  readonly #counters: SenderCounters;
  readonly #padding: ReflectedPadding | undefined;
  /** Undefined where probes have no TLVs. */
  readonly tlvs: TlvReader | undefined;

  /** `padding` is what of the probes is to come back, if anything. */
  constructor(options: ReplyOptions, window: Window, counters: SenderCounters, padding: ReflectedPadding | undefined) {
    this.#options = options;
    this.#window = window;
    this.#format = formatOf(options);
    this.#counters = counters;
    this.#padding = padding;
    const tlvMac = tlvMacOf(options);
    const { tlvs = [] } = options;
    this.tlvs = tlvs.length > 0 || tlvMac?.required === false ? new TlvReader(tlvs, tlvMac) : undefined;
  }

  /** The wall clock of this host jumped. */
  handleClockStep(step: ClockStep): void {
    this.#step = step;
    this.steps++;
  }

  /** Reads the TLVs of the reply in `slot`, before all else; false if they have it discarded. */
  readTlvs(rx: Batch, slot: number, counts: boolean): boolean {
    if (this.tlvs === undefined) return true;
    const { view, bytes, length } = rx;
    const { offsets, reflectorSize } = this.#format;
    const at = slot * rx.stride;
    const ptp = (view.getUint16(at + offsets.ERROR) & ERROR_PTP) !== 0;
    return this.tlvs.read(view, bytes, at + offsets.SEQ, at + reflectorSize, at + length[slot], ptp, counts);
  }

  /** Reads the reply in `slot`, which answers probe `seq`, into `out`. */
  read(rx: Batch, slot: number, seq: number, out: ProbeRecord): void {
    const { view } = rx;
    const at = slot * rx.stride;
    const length = rx.length[slot];
    const row = seq & this.#window.mask;
    const { t1, t1Source, txLag, wireT1, payload } = this.#window;
    const s = out.stamps;
    const watch = this.watch;
    const { offsets, reflectorSize } = this.#format;
    const error = view.getUint16(at + offsets.ERROR);
    const ptp = (error & ERROR_PTP) !== 0;
    watch.observeError(error);

    let t3At = at + offsets.TIME;
    const echoHigh = view.getUint32(at + offsets.SENDER_TIME);
    const echoLow = view.getUint32(at + offsets.SENDER_TIME + 4);
    if (echoHigh !== wireT1[2 * row] || echoLow !== wireT1[2 * row + 1]) {
      if (view.getUint32(t3At) === wireT1[2 * row] && view.getUint32(t3At + 4) === wireT1[2 * row + 1]) {
        t3At = at + offsets.SENDER_TIME;
        watch.swapped++;
      } else watch.echoAltered++;
    }
    const t2At = at + offsets.RECEIVED;
    s[0] = t1[2 * row];
    s[1] = t1[2 * row + 1];
    readTimestamp(view, t2At, ptp, s, 2);
    readTimestamp(view, t3At, ptp, s, 4);
    s[6] = rx.stamp[2 * slot];
    s[7] = rx.stamp[2 * slot + 1];
    const hasT2 = view.getUint32(t2At) !== 0;
    const hasT3 = view.getUint32(t3At) !== 0;
    if (!hasT2) s[2] = s[3] = 0;
    if (!hasT3) s[4] = s[5] = 0;
    if (!hasT2 || !hasT3) watch.missingStamps++;
    const isEqual = hasT2 && hasT3 && s[2] === s[4] && s[3] === s[5];
    if (isEqual) watch.equalStamps++;
    if (hasT2 && !ptp) watch.observeFraction(s[0], s[1], s[2], view.getUint32(t2At + 4));

    out.seq = seq;
    out.reflectorSeq = view.getUint32(at + offsets.SEQ);
    out.size = payload[row];
    out.replySize = length;
    out.forward = hasT2 ? wallSpan(s, 0, 2) : NaN;
    out.backward = hasT3 ? wallSpan(s, 4, 6) : NaN;
    out.residence = hasT2 && hasT3 ? wallSpan(s, 2, 4) : NaN;
    // Without both stamps the far end's residence stays inside: that is then all that is known.
    out.rtt = this.#elapsed(row, s) - (hasT2 && hasT3 ? out.residence : 0);
    if (isEqual) out.residence = NaN; // nothing takes no time: T3 was not taken
    if (out.residence < 0) watch.negativeResidence++;
    this.#refuseImpossible(row, out);

    if (length < reflectorSize) watch.shortReplies++;
    if (length !== (out.size < reflectorSize ? reflectorSize : out.size)) watch.otherSize++;
    if (this.#padding !== undefined) this.#checkPadding(this.#padding, rx, slot, out);
    if (
      this.#options.protocol === "stamp" && this.#options.ssid !== 0 &&
      view.getUint16(at + offsets.SSID) !== this.#options.ssid
    ) {
      watch.otherSsid++;
      if (view.getUint16(at + offsets.SSID) === 0) this.lacksSsid = true;
    }
    out.ttlForward = length > offsets.SENDER_TTL ? this.#readTtl(view.getUint8(at + offsets.SENDER_TTL)) : NaN;
    out.tosForward = this.#options.monitor && length > offsets.SENDER_DSCP_ECN
      ? view.getUint8(at + offsets.SENDER_DSCP_ECN)
      : NaN;
    if (this.tlvs !== undefined) this.#addTlvs(this.tlvs, out);
    const flags = rx.flags[slot];
    const { readAt } = rx;
    out.txLag = txLag[row];
    out.t3Lag = 0;
    out.rxLag = readAt[0] === 0 ? 0 : (readAt[0] - s[6]) * 1e9 + (readAt[1] - s[7]);
    out.clockSteps = this.steps;
    out.ttlBackward = flags & SlotFlag.IP_HEADER ? rx.ttl[slot] : NaN;
    out.tosBackward = flags & SlotFlag.TOS ? rx.tos[slot] : NaN;
    out.flags = t1Source[row] | (error & ERROR_SYNCHRONIZED ? 0 : ProbeFlag.UNSYNCHRONIZED) |
      (flags & SlotFlag.KERNEL_STAMP ? ProbeFlag.T4_KERNEL : 0) |
      (flags & SlotFlag.HARDWARE_STAMP ? ProbeFlag.T4_HARDWARE : 0);
  }

  /** A Class of Service TLV says what RFC 7750 has TWAMP say. */
  #addTlvs({ values }: TlvReader, out: ProbeRecord): void {
    out.tlv = values;
    const dscp = values["cos.dscp2"];
    if (typeof dscp === "number" && dscp >= 0) out.tosForward = (dscp << 2) | Number(values["cos.ecn"]);
  }

  #checkPadding(padding: ReflectedPadding, rx: Batch, slot: number, { seq, size }: ProbeRecord): void {
    const { senderSize, reflectorSize } = this.#format;
    const at = slot * rx.stride;
    const isBack = padding.isBack(rx.bytes, at + reflectorSize, at + rx.length[slot], size - senderSize, seq);
    if (isBack) this.#counters.reflectedVerified++;
    else this.#counters.reflectedAltered++;
  }

  /** T4 - T1, less what this host's wall clock jumped by in between: the monotonic clock says whether it did. */
  #elapsed(row: number, stamps: Uint32Array): Nanos {
    const span = wallSpan(stamps, 0, 6);
    const sentAt = this.#window.sentAt[row];
    if (this.#step === undefined || this.#step.at <= sentAt) return span;
    const corrected = span - this.#step.by;
    return isWithin(corrected, this.now - sentAt) ? corrected : span;
  }

  /** Values that no network makes are unknown: a clock was set between the stamps, here or there. */
  #refuseImpossible(row: number, out: ProbeRecord): void {
    if (!isWithin(this.#elapsed(row, out.stamps), this.now - this.#window.sentAt[row])) {
      this.watch.clockSteps++;
      out.rtt = out.forward = out.backward = NaN;
    } else if (out.rtt < -TOLERANCE_NS || out.rtt > this.now - this.#window.sentAt[row] + TOLERANCE_NS) {
      this.watch.implausible++;
      out.rtt =
        out.forward =
        out.backward =
        out.residence =
          NaN;
    }
  }

  /** 255 stands for "could not be read" (RFC 5357 section 4.2), unless probes do leave with 255. */
  #readTtl(ttl: number): number {
    return ttl === 0 || ttl > (this.#options.ttl ?? 254) ? NaN : ttl;
  }
}
