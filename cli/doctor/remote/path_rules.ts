/**
 * Rules about how replies come back: source, marking, TTL, loss, copies, and how evenly the far end works.
 *
 * @module
 */
import { span as spanText } from "../layout.ts";
import { askedOf, type Evidence, type Pair, pairsOf } from "./evidence.ts";
import { span, stampsOf } from "./packets.ts";
import type { Rule } from "./rule.ts";
import { fractionIsNanos, ordered } from "./stamp_rules.ts";

/** A median residence that is no longer that of a program that answers as it reads. */
const SLOW_NS = 5e6;
/** Longer than the median, for two of a dozen. */
const UNEVEN_NS = 10e6;

/** Residence times, sorted; empty where they are not to be told. */
export function residences(e: Evidence): number[] {
  const pairs = ordered(e);
  if (fractionIsNanos(pairs)) return [];
  return pairs.map(({ asked, answer }) => {
    const { t2, t3 } = stampsOf(asked.octets, answer.octets, answer.stamp);
    return span(t2, t3);
  }).filter((ns) => ns > 0).sort((a, b) => a - b);
}

const median = (sorted: readonly number[]) => sorted[sorted.length >> 1];
const hex = (tos: number) => `0x${tos.toString(16).padStart(2, "0")}`;

/** TOS of probes and of their replies, where both are known. */
function markings(e: Evidence): [sent: number, got: number][] {
  const pairs = pairsOf(e, "marking");
  return pairs.flatMap(({ asked, answer }): [number, number][] =>
    asked.tos === null || answer.tos === null ? [] : [[asked.tos, answer.tos]]
  );
}

const ttlsOf = (
  pairs: readonly Pair[],
) => [...new Set(pairs.map(({ answer }) => answer.ttl).filter((ttl) => ttl !== null))];

export const PATH_RULES: readonly Rule[] = [
  {
    id: "other-source",
    severity: "fault",
    rfc: "RFC 5357 section 4.2, RFC 8762 section 4",
    find: (e) => {
      const all = e.asked.flatMap((one) => one.answers);
      const bad = all.filter((one) => !one.sameSource);
      if (bad.length === 0) return undefined;
      return {
        text: `Of ${all.length} replies ${bad.length} come from ${bad[0].from}, and the probes went to ${
          e.family === 6 ? `[${e.host}]` : e.host
        }:${e.port}.`,
        means: "Senders drop what comes from elsewhere, and so do firewalls and translations on the way.",
      };
    },
    fine: (e) => e.asked.some((one) => one.answers.length > 0) ? "replies come from where the probes went" : undefined,
  },
  {
    id: "tos",
    severity: "note",
    rfc: "RFC 5357 section 4.2.1, RFC 8762 section 4.3",
    find: (e) => {
      const seen = markings(e);
      const got = new Set(seen.map(([, tos]) => tos));
      if (new Set(seen.map(([sent]) => sent)).size < 2 || seen.every(([sent, tos]) => sent === tos)) return undefined;
      const list = [...new Set(seen.map(([sent, tos]) => `${hex(sent)} to ${hex(tos)}`))].join(", ");
      return {
        text: got.size === 1
          ? `Replies have TOS ${
            hex([...got][0])
          }, whatever their probes have (${list}): it sets its own, or the path does.`
          : `TOS of probes and of their replies: ${list}.`,
        means: "The way back is measured in that class: both ways together are of no one class.",
      };
    },
    fine: (e) => {
      const seen = markings(e);
      return new Set(seen.map(([sent]) => sent)).size > 1 ? "replies have the TOS of their probes" : undefined;
    },
  },
  {
    id: "reply-ttl",
    severity: "note",
    rfc: "RFC 5357 section 4.2.1",
    find: (e) => {
      const ttls = ttlsOf(pairsOf(e, "plain"));
      if (ttls.length === 0) return undefined;
      // Above what any system starts with but 255.
      if (ttls.length === 1 && ttls[0] > 128) return undefined;
      return ttls.length > 1
        ? {
          text: `Replies arrived with several TTLs: ${ttls.join(", ")}.`,
          means: "Paths change, or several machines answer.",
        }
        : {
          text: `Replies arrived with TTL ${ttls[0]}: they did not leave with the 255 that TWAMP wants.`,
          means: "The number of hops back is known only if one knows what it starts with, 64 or 128 mostly.",
        };
    },
    fine: (e) => {
      const ttls = ttlsOf(pairsOf(e, "plain"));
      return ttls.length === 1 && ttls[0] > 128 ? `replies leave with TTL 255 (${255 - ttls[0]} hops back)` : undefined;
    },
  },
  {
    id: "loss",
    severity: "weakness",
    rfc: "RFC 5357 section 4.2, RFC 7680 section 2.4",
    find: (e) => {
      const asked = e.protocols.flatMap((protocol) => askedOf(e, "plain", protocol));
      const lost = asked.filter((one) => one.answers.length === 0).length;
      if (lost === 0) return undefined;
      return {
        text: `${lost} of ${asked.length} ordinary probes were not answered, at some 20 a second.`,
        means: "The path loses, or the far end limits its rate: what else was not answered here may be that.",
      };
    },
    fine: (e) => pairsOf(e, "plain").length > 0 ? "no loss at a gentle rate" : undefined,
  },
  {
    id: "duplicates",
    severity: "weakness",
    rfc: "RFC 5357 section 4.2",
    find: (e) => {
      const asked = e.asked.filter((one) => one.trial !== "tlv" && one.answers.length > 0);
      const twice = asked.filter((one) => one.answers.length > 1).length;
      if (twice === 0) return undefined;
      return {
        text: `Of ${asked.length} probes that were answered, ${twice} were answered more than once, up to ${
          Math.max(...asked.map((one) => one.answers.length))
        } times.`,
        means: "Senders that count replies, and not probes, show less loss than there is.",
      };
    },
    fine: (e) => pairsOf(e, "plain").length > 0 ? "no reply came twice" : undefined,
  },
  {
    id: "residence",
    severity: "weakness",
    rfc: "RFC 5357 section 4.2",
    find: (e) => {
      const all = residences(e);
      if (all.length < 3) return undefined;
      const most = all[all.length - 1];
      // One alone may be anybody's scheduler.
      const often = all[all.length - 2] - median(all) > UNEVEN_NS;
      if (median(all) <= SLOW_NS && !often) return undefined;
      return {
        text: `It keeps probes for ${spanText(median(all))} (median) and up to ${spanText(most)} before it answers.`,
        means: "Round trips that leave the residence out are right; those of other senders have all of it inside.",
      };
    },
    fine: (e) => {
      const all = residences(e);
      return all.length < 3
        ? undefined
        : `it answers within ${spanText(median(all))} (median, ${spanText(all[0])} to ${
          spanText(all[all.length - 1])
        })`;
    },
  },
];
