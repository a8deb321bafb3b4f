/**
 * Rules about what no sender sends: whether the far end can be used against others, or be ended.
 *
 * @module
 */
import { SENDER, TWAMP_SENDER_SIZE } from "../../../core/wire/test_packet.ts";
import { askedOf, type Evidence, type Pair, pairsOf } from "./evidence.ts";
import type { Rule } from "./rule.ts";
import { shownReply } from "./stamp_rules.ts";

/** What the RFCs make unavoidable: 44 octets for 14. */
const INHERENT = 44 / TWAMP_SENDER_SIZE;

const octetsBack = ({ asked }: Pair) => asked.answers.reduce((sum, { octets }) => sum + octets.length, 0);
const factor = (pair: Pair) => octetsBack(pair) / pair.asked.octets.length;
const told = (value: number) => value === Infinity ? "something for nothing" : `${value.toFixed(1)} times`;

/** Where the far end fell silent for good. */
function endedBy(e: Evidence): number | undefined {
  const alive = askedOf(e, "alive");
  for (const { detail } of alive) {
    const same = alive.filter((one) => one.detail === detail);
    if (same.length > 1 && same.every((one) => one.answers.length === 0)) return Number(detail);
  }
  return undefined;
}

export const GUARD_RULES: readonly Rule[] = [
  {
    id: "ended-by-short",
    severity: "fault",
    rfc: "RFC 8762 section 4.3, RFC 4656 section 6.2",
    find: (e) => {
      const size = endedBy(e);
      if (size === undefined) return undefined;
      return {
        text: `A datagram of ${size} octet${
          size === 1 ? "" : "s"
        } ended it: it has answered nothing since. Start it again.`,
        means: "Anybody who can reach its port can end every measurement to it with one packet.",
      };
    },
    fine: (e) => askedOf(e, "alive").length > 0 ? "datagrams that are too short do not end it" : undefined,
  },
  {
    id: "answers-short",
    severity: "weakness",
    rfc: "RFC 5357 section 4.1.2, RFC 8762 section 4.3",
    find: (e) => {
      const bad = pairsOf(e, "short").filter(({ asked }) => asked.octets.length < TWAMP_SENDER_SIZE);
      if (bad.length === 0) return undefined;
      const list = bad.map((pair) => `${pair.asked.octets.length} to ${octetsBack(pair)}`).join(", ");
      return {
        text: `It answers datagrams that are shorter than any probe (14 octets): ${list}, up to ${
          told(Math.max(...bad.map(factor)))
        } as much back.`,
        means:
          "By forged source addresses it multiplies traffic against others, and other protocols' packets are answered.",
        shown: shownReply(bad[0]),
      };
    },
    fine: (e) => askedOf(e, "short").length > 0 ? "datagrams shorter than a probe get no reply" : undefined,
  },
  {
    id: "amplifies",
    severity: "weakness",
    rfc: "RFC 4656 section 6.2, RFC 8762 section 7",
    find: (e) => {
      const all = [...pairsOf(e, "plain"), ...pairsOf(e, "sizes"), ...pairsOf(e, "short")];
      const bad = all.filter((pair) => pair.asked.octets.length >= TWAMP_SENDER_SIZE && factor(pair) > INHERENT + 0.01);
      if (bad.length === 0) return undefined;
      const worst = bad.reduce((a, b) => factor(b) > factor(a) ? b : a);
      return {
        text:
          `It sends up to ${told(factor(worst))} what it gets: ${
            octetsBack(worst)
          } octets for ${worst.asked.octets.length}. ` +
          `The RFCs make ${INHERENT.toFixed(1)} times unavoidable (44 for 14).`,
        means: "By forged source addresses it multiplies traffic against others.",
        shown: shownReply(worst),
      };
    },
    fine: (e) => pairsOf(e, "sizes").length > 0 ? "it sends no more than the RFCs make unavoidable" : undefined,
  },
  {
    id: "answers-replies",
    severity: "weakness",
    rfc: "RFC 5357 section 4.2, RFC 8762 section 4.3",
    find: (e) => {
      const pairs = pairsOf(e, "loop");
      if (pairs.length === 0) return undefined;
      const sizes = pairs.map(({ asked }) => asked.octets.length).join(" and ");
      return {
        text:
          `It answers replies (of ${sizes} octets): one with a forged source sets two such reflectors on each other ` +
          "without end.",
        means: "Filter what reaches its port: nobody else's reflector should.",
        shown: { what: "what was sent", octets: pairs[0].asked.octets, marks: [[SENDER.TIME, 8], [16, 8]] },
      };
    },
    fine: (e) => askedOf(e, "loop").length > 0 ? "replies are not answered: no loop with another reflector" : undefined,
  },
];
