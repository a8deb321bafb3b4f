/**
 * Rules about timestamps: where they are, what they say, and what they are written in.
 *
 * @module
 */
import { REFLECTOR, SENDER } from "../../../core/wire/test_packet.ts";
import { span as spanText } from "../layout.ts";
import { type Evidence, type Pair, whole } from "./evidence.ts";
import { field, isZero, same, span, stampsOf } from "./packets.ts";
import type { Found, Rule, Shown } from "./rule.ts";

const FORMAT = "RFC 5357 section 4.2.1, RFC 8762 section 4.3.1";
/** Replies that must agree before a habit is called one. */
const HABIT = 3;
/** How much better nanoseconds must fit than NTP fractions. */
const CLEARLY_NS = 1e6;
/** What stamps of two clocks of one reflector, or of ours, may be apart. */
const SLACK_NS = 1e6;

/** A reply with what in it is meant. */
export function shownReply({ answer }: Pair, ...marks: readonly (readonly [number, number])[]): Shown {
  return { what: `a reply of ${answer.octets.length} octets`, octets: answer.octets, marks };
}

const isSwapped = ({ asked, answer }: Pair) =>
  same(answer.octets, REFLECTOR.TIME, asked.octets, SENDER.TIME, 8) &&
  !same(answer.octets, REFLECTOR.SENDER_TIME, asked.octets, SENDER.TIME, 8);

const isAltered = (pair: Pair) =>
  !isSwapped(pair) && !same(pair.answer.octets, REFLECTOR.SENDER_TIME, pair.asked.octets, SENDER.TIME, 8);

const lacksStamp = ({ answer: { octets } }: Pair) =>
  isZero(octets, REFLECTOR.TIME, 8) || isZero(octets, REFLECTOR.RECEIVED, 8);

const isEqual = (pair: Pair) =>
  !lacksStamp(pair) && same(pair.answer.octets, REFLECTOR.TIME, pair.answer.octets, REFLECTOR.RECEIVED, 8);

/** Replies whose stamps are where they belong. */
export function ordered(evidence: Evidence): Pair[] {
  return whole(evidence).filter((pair) => !isSwapped(pair) && !lacksStamp(pair));
}

function residence({ asked, answer }: Pair): number {
  const { t2, t3 } = stampsOf(asked.octets, answer.octets, answer.stamp);
  return span(t2, t3);
}

const isEarly = (pair: Pair) => residence(pair) < 0;
const isTooLong = (pair: Pair) => residence(pair) > pair.answer.roundNs + SLACK_NS;

const isPtp = ({ answer: { octets } }: Pair) => ((field(octets, REFLECTOR.ERROR, 2) ?? 0) & 0x4000) !== 0;

/**
 * Weighs the gaps between receive stamps, read both ways, against those between departures. Of NTP alone: in what says
 * that it is PTP, nanoseconds are right.
 */
export function fractionIsNanos(all: readonly Pair[]): boolean {
  const pairs = all.filter((pair) => !isPtp(pair));
  if (pairs.length <= HABIT) return false;
  let nanos = 0;
  let ntp = 0;
  for (let i = 0; i < pairs.length; i++) {
    const { octets } = pairs[i].answer;
    const fraction = field(octets, REFLECTOR.RECEIVED + 4, 4)!;
    if (fraction >= 1e9) return false;
    if (i === 0) continue;
    const before = pairs[i - 1];
    const seconds = field(octets, REFLECTOR.RECEIVED, 4)! - field(before.answer.octets, REFLECTOR.RECEIVED, 4)!;
    const step = fraction - field(before.answer.octets, REFLECTOR.RECEIVED + 4, 4)!;
    const sent = span(
      stampsOf(before.asked.octets, before.answer.octets, [0, 0]).t1,
      stampsOf(pairs[i].asked.octets, octets, [0, 0]).t1,
    );
    const asNanos = Math.abs(seconds * 1e9 + step - sent);
    const asNtp = Math.abs(seconds * 1e9 + step / 4.294967296 - sent);
    if (asNanos + CLEARLY_NS < asNtp) nanos++;
    else if (asNtp + CLEARLY_NS < asNanos) ntp++;
  }
  return nanos >= HABIT && nanos > 4 * ntp;
}

/** A finding where enough of the replies have something. */
function some(pairs: readonly Pair[], is: (pair: Pair) => boolean, least: number, found: (bad: Pair[]) => Found) {
  const bad = pairs.filter(is);
  return bad.length >= least && bad.length > 0 ? found(bad) : undefined;
}

/** `all 12`, `3 of 12`. */
export function share(part: number, all: number): string {
  return part === all ? `all ${all}` : `${part} of ${all}`;
}

export const STAMP_RULES: readonly Rule[] = [
  {
    id: "swapped-stamps",
    severity: "fault",
    rfc: FORMAT,
    find: (e) =>
      some(whole(e), isSwapped, 1, (bad) => ({
        text: `The stamps are in another order: T1 is echoed in the Timestamp field of ${
          share(bad.length, whole(e).length)
        } replies, and what stands in Sender Timestamp is not T1.`,
        means: "A sender that reads the order of the RFC shows one-way delays and round trips that are garbage.",
        shown: shownReply(bad[0], [REFLECTOR.TIME, 8], [REFLECTOR.SENDER_TIME, 8]),
      })),
    fine: (e) => whole(e).length > 0 ? "the stamps are in the order of the RFC" : undefined,
  },
  {
    id: "echo-altered",
    severity: "fault",
    rfc: FORMAT,
    find: (e) =>
      some(whole(e), isAltered, 1, (bad) => ({
        text: `Sender Timestamp is not the Timestamp that was sent, in ${share(bad.length, whole(e).length)} replies.`,
        means: "Senders that take T1 from the reply have wrong round trips; those that remember it are right.",
        shown: shownReply(bad[0], [REFLECTOR.SENDER_TIME, 8]),
      })),
    fine: (e) => whole(e).length > 0 && !whole(e).some(isSwapped) ? "T1 comes back as it was sent" : undefined,
  },
  {
    id: "missing-stamps",
    severity: "fault",
    rfc: FORMAT,
    find: (e) =>
      some(whole(e), lacksStamp, 1, (bad) => ({
        text: `A timestamp of its own is zero in ${share(bad.length, whole(e).length)} replies.`,
        means: "One-way delays and residence are unknown; the residence stays inside the round trip.",
        shown: shownReply(
          bad[0],
          ...[REFLECTOR.TIME, REFLECTOR.RECEIVED].filter((at) => isZero(bad[0].answer.octets, at, 8)).map((at) =>
            [at, 8] as const
          ),
        ),
      })),
  },
  {
    id: "equal-stamps",
    severity: "fault",
    rfc: "RFC 5357 section 4.2, RFC 8762 section 4.3.1",
    find: (e) => {
      const pairs = ordered(e);
      return some(pairs, isEqual, Math.max(HABIT, pairs.length), (bad) => ({
        text: `T2 = T3 in ${share(bad.length, pairs.length)} replies: one reading of the clock for both.`,
        means: "Its residence time is unknown and stays inside the round trip and one of the ways.",
        shown: shownReply(bad[0], [REFLECTOR.TIME, 8], [REFLECTOR.RECEIVED, 8]),
      }));
    },
    fine: (e) => ordered(e).length >= HABIT ? "T2 and T3 are two readings of its clock" : undefined,
  },
  {
    id: "nanosecond-fraction",
    severity: "fault",
    rfc: "RFC 4656 section 4.1.2, RFC 5905 section 6",
    find: (e) => {
      const pairs = ordered(e).filter((pair) => !isPtp(pair));
      if (!fractionIsNanos(pairs)) return undefined;
      const { octets } = pairs[0].answer;
      const fraction = field(octets, REFLECTOR.RECEIVED + 4, 4)!;
      return {
        text:
          `The Fraction holds nanoseconds instead of units of 2^-32 s: none of ${pairs.length} is 10^9 or more, and ` +
          `their gaps fit those of the probes only when read so (0x${fraction.toString(16)} is ${fraction}).`,
        means:
          "Its stamps are up to 0.77 s wrong, and with them every one-way delay, its residence and, by that, round trips.",
        shown: shownReply(pairs[0], [REFLECTOR.TIME + 4, 4], [REFLECTOR.RECEIVED + 4, 4]),
      };
    },
    fine: (e) => ordered(e).length > HABIT ? "the Fraction counts 2^-32 s, as its gaps show" : undefined,
  },
  {
    id: "negative-residence",
    severity: "fault",
    rfc: "RFC 5357 section 4.2, RFC 8762 section 4.3.1",
    find: (e) =>
      some(ordered(e), isEarly, 1, (bad) => ({
        text: `T3 is before T2 in ${share(bad.length, ordered(e).length)} replies, by ${
          spanText(-Math.min(...bad.map(residence)))
        } at the most.`,
        means: "Either its stamps come from two clocks or its clock is set back: residence and round trips are wrong.",
        shown: shownReply(bad[0], [REFLECTOR.TIME, 8], [REFLECTOR.RECEIVED, 8]),
      })),
  },
  {
    id: "implausible-residence",
    severity: "fault",
    rfc: "RFC 5357 section 4.2, RFC 8762 section 4.3.1",
    find: (e) => {
      const pairs = ordered(e);
      if (fractionIsNanos(pairs)) return undefined;
      return some(pairs, isTooLong, 1, (bad) => ({
        text: `T3 - T2 is longer than the whole round trip in ${share(bad.length, pairs.length)} replies.`,
        means: "A round trip without residence would be negative: none can be had of these replies.",
        shown: shownReply(bad[0], [REFLECTOR.TIME, 8], [REFLECTOR.RECEIVED, 8]),
      }));
    },
  },
  {
    id: "ptp",
    severity: "note",
    rfc: "RFC 8186 section 2.3",
    find: (e) =>
      some(whole(e), isPtp, 1, (bad) => ({
        text: `Z is set in ${share(bad.length, whole(e).length)} replies: its timestamps are PTPv2, not NTP.`,
        means: "A sender that does not look at Z reads garbage. Whether it counts TAI or UTC, it does not say.",
        shown: shownReply(bad[0], [REFLECTOR.ERROR, 2]),
      })),
  },
];
