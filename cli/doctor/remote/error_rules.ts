/**
 * Rules about the Error Estimate: what a far end claims of its clock, against what its stamps show.
 *
 * @module
 */
import { ERROR_SYNCHRONIZED, errorNanos } from "../../../core/wire/error_estimate.ts";
import { REFLECTOR } from "../../../core/wire/test_packet.ts";
import { span as spanText } from "../layout.ts";
import { type Evidence, type Pair, whole } from "./evidence.ts";
import { field, span, stampsOf } from "./packets.ts";
import type { Rule } from "./rule.ts";
import { fractionIsNanos, ordered, share, shownReply } from "./stamp_rules.ts";

const ERROR_ESTIMATE = "RFC 4656 section 4.1.2, RFC 8762 section 4.2.1";
const HABIT = 3;
/** No clock that stamps packets in software, and few that do in a card, are known better than this. */
const NONSENSE_NS = 25;

const bitsOf = ({ answer }: Pair) => field(answer.octets, REFLECTOR.ERROR, 2) ?? 0;
const isSynchronized = (pair: Pair) => (bitsOf(pair) & ERROR_SYNCHRONIZED) !== 0;
const hasNone = (pair: Pair) => (bitsOf(pair) & 0xff) === 0;
const hex = (bits: number) => `0x${bits.toString(16).padStart(4, "0")}`;
const isFixed = (pairs: readonly Pair[]) => pairs.every((pair) => bitsOf(pair) === bitsOf(pairs[0]));
const claims = (pair: Pair) => errorNanos(bitsOf(pair));

/**
 * How far the two clocks are apart at the least, and as good as can be told: were both ways alike, by the reply that was
 * back soonest; whatever they are, delays that would be negative.
 */
export function clockOffset(evidence: Evidence): { offsetNs: number; boundNs: number } | undefined {
  const pairs = ordered(evidence);
  if (pairs.length === 0 || fractionIsNanos(pairs)) return undefined;
  let best: { offsetNs: number; boundNs: number } | undefined;
  for (const { asked, answer } of pairs) {
    const { t1, t2, t3, t4 } = stampsOf(asked.octets, answer.octets, answer.stamp);
    const out = span(t1, t2);
    const back = span(t3, t4);
    const roundNs = out + back;
    if (roundNs < 0) continue;
    if (best === undefined || roundNs / 2 < best.boundNs) best = { offsetNs: (out - back) / 2, boundNs: roundNs / 2 };
  }
  return best;
}

/** Of this end, where something keeps its clock. */
function ownErrorNs({ errorEstimate }: Evidence): number | undefined {
  return errorEstimate & ERROR_SYNCHRONIZED ? errorNanos(errorEstimate) : undefined;
}

export const ERROR_RULES: readonly Rule[] = [
  {
    id: "no-error-estimate",
    severity: "fault",
    rfc: ERROR_ESTIMATE,
    find: (e) => {
      const bad = whole(e).filter(hasNone);
      if (bad.length === 0) return undefined;
      return {
        text: `The Multiplier of the Error Estimate is 0 in ${share(bad.length, whole(e).length)} replies.`,
        means: "A multiplier of 0 is not allowed: a receiver is to take such a packet for corrupt and discard it.",
        shown: shownReply(bad[0], [REFLECTOR.ERROR, 2]),
      };
    },
    fine: (e) => whole(e).length > 0 ? "the Error Estimate has a multiplier" : undefined,
  },
  {
    id: "false-error-estimate",
    severity: "fault",
    rfc: ERROR_ESTIMATE,
    find: (e) => {
      const pairs = whole(e).filter((pair) => !hasNone(pair));
      if (pairs.length < HABIT || !isFixed(pairs) || !(claims(pairs[0]) < NONSENSE_NS)) return undefined;
      const [first] = pairs;
      return {
        text:
          `The Error Estimate is ${hex(bitsOf(first))} in ${share(pairs.length, pairs.length)} replies: it claims to ` +
          `know the time to ${claims(first).toFixed(2)}ns${
            isSynchronized(first) ? ", from a source of UTC" : ", and that nothing keeps its clock right"
          }. It is a constant of the program.`,
        means: "Nothing of its clock can be told from it: leave the error of one-way delays unknown.",
        shown: shownReply(first, [REFLECTOR.ERROR, 2]),
      };
    },
    fine: (e) =>
      whole(e).some((pair) => !hasNone(pair)) ? "the Error Estimate is one that a clock can have" : undefined,
  },
  {
    id: "false-synchronisation",
    severity: "fault",
    rfc: ERROR_ESTIMATE,
    find: (e) => {
      const pairs = ordered(e).filter((pair) => isSynchronized(pair) && !hasNone(pair));
      const seen = clockOffset(e);
      if (pairs.length === 0 || seen === undefined) return undefined;
      const own = ownErrorNs(e);
      const claimed = Math.max(...pairs.map(claims));
      if (Math.abs(seen.offsetNs) <= claimed + seen.boundNs + (own ?? 0)) return undefined;
      const text = `S is set with an error of ${spanText(claimed)}, and its clock shows ${
        spanText(Math.abs(seen.offsetNs))
      } ${seen.offsetNs > 0 ? "ahead of" : "behind"} ours, give or take ${spanText(seen.boundNs)} for the path.`;
      return {
        text: own === undefined ? `${text} Nothing keeps the clock of this host right, so it may be ours.` : text,
        // Whose clock is wrong cannot be told where ours has no keeper.
        severity: own === undefined ? "weakness" : "fault",
        means: "One-way delays are wrong by that much, whatever the S bit says.",
        shown: shownReply(pairs[0], [REFLECTOR.ERROR, 2]),
      };
    },
    fine: (e) => {
      const seen = clockOffset(e);
      if (seen === undefined || !ordered(e).some(isSynchronized) || ownErrorNs(e) === undefined) return undefined;
      return "S is set, and the clocks of both ends agree with it";
    },
  },
  {
    id: "wavering-synchronisation",
    severity: "fault",
    rfc: ERROR_ESTIMATE,
    find: (e) => {
      const pairs = whole(e);
      const changes = pairs.filter((pair, i) => i > 0 && isSynchronized(pair) !== isSynchronized(pairs[i - 1])).length;
      if (changes < 2) return undefined;
      const other = pairs.find((pair) => isSynchronized(pair) !== isSynchronized(pairs[0]))!;
      return {
        text: `S changed ${changes} times in ${pairs.length} replies, from ${hex(bitsOf(pairs[0]))} to ${
          hex(bitsOf(other))
        } and back: no clock is found and lost so often.`,
        means: "The S bit says nothing here. Several machines behind one address would do the same.",
        shown: shownReply(other, [REFLECTOR.ERROR, 2]),
      };
    },
  },
];
