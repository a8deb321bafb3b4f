/**
 * Watches what the far end does, reply by reply, and says at the end what a reader of the numbers must know. Each fault
 * here exists in a deployed implementation.
 *
 * @module
 */
import { ERROR_PTP, ERROR_SYNCHRONIZED, errorNanos } from "../wire/error_estimate.ts";
import type { Finding, PeerReport } from "../snapshot.ts";

/** Replies that must agree before a habit is called one. */
const HABIT = 3;
/** How much better nanoseconds must fit than NTP fractions to be evidence: more than a path varies, mostly. */
const CLEARLY_NS = 1e6;

/** Counters of what was seen; the sender increments them. */
export class PeerWatch {
  replies = 0;
  swapped = 0;
  echoAltered = 0;
  equalStamps = 0;
  missingStamps = 0;
  negativeResidence = 0;
  /** Round trips of our own stamps that the monotonic clock contradicts. */
  clockSteps = 0;
  implausible = 0;
  shortReplies = 0;
  otherSize = 0;
  noMultiplier = 0;
  otherSsid = 0;
  #errorBits = -1;
  #fractionTooBig = false;
  #fitsNanos = 0;
  #fitsNtp = 0;
  /** Of the reply before: T1 (s, ns), T2 raw (s, fraction). */
  readonly #before = new Float64Array(4);

  /** Notes the Error Estimate of a reply. */
  observeError(bits: number): void {
    this.replies++;
    this.#errorBits = bits;
    if ((bits & 0xff) === 0) this.noMultiplier++;
  }

  /**
   * Weighs whether the fraction field holds nanoseconds (0 to 10^9) instead of 2^-32 s: then the gaps between receive
   * stamps fit the gaps between departures only when read that way.
   */
  observeFraction(t1Seconds: number, t1Nanos: number, t2Seconds: number, t2Fraction: number): void {
    const b = this.#before;
    if (t2Fraction >= 1e9) this.#fractionTooBig = true;
    if (!this.#fractionTooBig && this.replies > 1) {
      const sent = (t1Seconds - b[0]) * 1e9 + (t1Nanos - b[1]);
      const seconds = (t2Seconds - b[2]) * 1e9;
      const step = t2Fraction - b[3];
      const asNanos = Math.abs(seconds + step - sent);
      const asNtp = Math.abs(seconds + step / 4.294967296 - sent);
      if (asNanos + CLEARLY_NS < asNtp) this.#fitsNanos++;
      else if (asNtp + CLEARLY_NS < asNanos) this.#fitsNtp++;
    }
    b[0] = t1Seconds;
    b[1] = t1Nanos;
    b[2] = t2Seconds;
    b[3] = t2Fraction;
  }

  /** What the far end said of itself, and what it does. */
  report(): PeerReport {
    const bits = this.#errorBits;
    const error = bits < 0 ? NaN : errorNanos(bits);
    return {
      errorEstimateNs: Number.isNaN(error) ? null : error,
      synchronized: bits < 0 ? null : (bits & ERROR_SYNCHRONIZED) !== 0,
      timestampFormat: bits < 0 ? null : (bits & ERROR_PTP) !== 0 ? "ptp" : "ntp",
      findings: this.#findings(),
    };
  }

  #findings(): Finding[] {
    const always = (count: number) => count >= HABIT && count === this.replies;
    const nanos = !this.#fractionTooBig && this.#fitsNanos >= HABIT && this.#fitsNanos > 4 * this.#fitsNtp;
    const found: [boolean, string, number, string][] = [
      [
        this.swapped > 0,
        "swapped-stamps",
        this.swapped,
        "the reflector sends its stamps in another order than RFC 5357 section 4.2.1; they were read in its order",
      ],
      [
        always(this.equalStamps),
        "equal-stamps",
        this.equalStamps,
        "the reflector sends T2 = T3: its residence time is unknown and stays inside the round trip",
      ],
      [
        nanos,
        "nanosecond-fraction",
        this.#fitsNanos,
        "the reflector writes nanoseconds into the fraction field: its stamps are wrong, and with them one-way values, residence and, by that, round trips",
      ],
      [
        this.echoAltered > 0,
        "echo-altered",
        this.echoAltered,
        "the reflector does not return the sender's timestamp as it was sent",
      ],
      [
        this.missingStamps > 0,
        "missing-stamps",
        this.missingStamps,
        "the reflector leaves a timestamp zero: one-way values and residence are unknown for those probes",
      ],
      [
        this.negativeResidence > 0,
        "negative-residence",
        this.negativeResidence,
        "the reflector's T3 is before its T2: its clock was set back, or its stamps are wrong",
      ],
      [
        this.clockSteps > 0,
        "clock-stepped",
        this.clockSteps,
        "this host's wall clock was set during the run: round trips across that moment are left out",
      ],
      [
        this.implausible > 0,
        "implausible-residence",
        this.implausible,
        "the reflector's T3 - T2 is longer than the whole round trip: those probes have no delays",
      ],
      [
        this.shortReplies > 0,
        "short-reply",
        this.shortReplies,
        "replies are shorter than the base packet of the protocol: no Sender TTL",
      ],
      [
        this.otherSize > 0,
        "asymmetric-size",
        this.otherSize,
        "replies have another size than their probes: the two directions are not measured alike",
      ],
      [
        this.noMultiplier > 0,
        "no-error-estimate",
        this.noMultiplier,
        "the reflector's Error Estimate has a multiplier of 0, which RFC 4656 section 4.1.2 forbids",
      ],
      [
        this.otherSsid > 0,
        "ssid-not-returned",
        this.otherSsid,
        "the reflector does not return the SSID (RFC 8972 section 3)",
      ],
    ];
    return found.filter(([seen]) => seen).map(([, code, count, text]) => ({ code, count, text }));
  }
}
