/**
 * Rules about sizes: whether both directions carry the same, and how much.
 *
 * @module
 */
import { STAMP_SIZE } from "../../../core/wire/test_packet.ts";
import { type Asked, askedOf, type Evidence, type Pair, pairsOf } from "./evidence.ts";
import { replySize } from "./packets.ts";
import type { Rule } from "./rule.ts";
import { shownReply } from "./stamp_rules.ts";

const SYMMETRY = "RFC 5357 section 4.2.1, RFC 6038 section 5.1.4, RFC 8762 section 4.3";
/** What every path of today carries. */
const ORDINARY = 1400;

const sizeOf = ({ asked }: Pair) => asked.octets.length;
const replyOf = ({ answer }: Pair) => answer.octets.length;
/** A reply has its probe's size, or that of the base packet where a probe is shorter. */
const due = (pair: Pair) => Math.max(sizeOf(pair), replySize(pair.asked.protocol));

/** A TWAMP probe of 42 or 43 octets may as well be answered with a base packet of STAMP. */
const isOff = (pair: Pair) =>
  replyOf(pair) !== due(pair) && !(replyOf(pair) === STAMP_SIZE && sizeOf(pair) < STAMP_SIZE);

const sizes = (e: Evidence) => [...pairsOf(e, "plain"), ...pairsOf(e, "sizes")];

/** `41 to 38, 64 to 38 (TWAMP)`: each pair of sizes once. */
function list(pairs: readonly Pair[]): string {
  const said = (["twamp", "stamp"] as const).flatMap((protocol) => {
    const own = pairs.filter(({ asked }) => asked.protocol === protocol);
    if (own.length === 0) return [];
    const each = [...new Set(own.map((pair) => `${sizeOf(pair)} to ${replyOf(pair)}`))];
    const more = each.length > 6 ? `, and ${each.length - 6} more` : "";
    return [`${protocol.toUpperCase()} ${each.slice(0, 6).join(", ")}${more}`];
  });
  return said.join("; ");
}

/** A size of reply that several larger probes get, each cut to it. */
function cap(e: Evidence): { size: number; pairs: Pair[] } | undefined {
  const cut = sizes(e).filter((pair) => replyOf(pair) < sizeOf(pair));
  const most = Math.max(...sizes(e).map(replyOf));
  const at = cut.filter((pair) => replyOf(pair) === most);
  // Where nothing of another size came back whole it is no cap, but one size for all.
  const isWhole = sizes(e).some((pair) => replyOf(pair) === sizeOf(pair) && sizeOf(pair) > STAMP_SIZE);
  return at.length > 0 && isWhole ? { size: most, pairs: at } : undefined;
}

/** The largest of a search: asked and answered. */
export function largestOf(
  e: Evidence,
  trial: "largest" | "unfragmented",
): { size: number; reply: number; refused: number | null } | undefined {
  const pairs = pairsOf(e, trial);
  if (pairs.length === 0) return undefined;
  const best = pairs.reduce((a, b) => sizeOf(b) > sizeOf(a) ? b : a);
  const silent = askedOf(e, trial).filter((one) => one.answers.length === 0).map((one) => one.octets.length);
  return { size: sizeOf(best), reply: replyOf(best), refused: silent.length > 0 ? Math.min(...silent) : null };
}

export const SIZE_RULES: readonly Rule[] = [
  {
    id: "short-reply",
    severity: "fault",
    rfc: "RFC 5357 section 4.2.1, RFC 8762 section 4.3.1",
    find: (e) => {
      const all = sizes(e);
      const bad = all.filter((pair) =>
        replyOf(pair) < (pair.asked.protocol === "stamp" && replyOf(pair) !== 41 ? 44 : 41)
      );
      if (bad.length === 0) return undefined;
      const worst = bad.reduce((a, b) => replyOf(b) < replyOf(a) ? b : a);
      return {
        text:
          `Of ${all.length} replies ${bad.length} are shorter than the base packet of 41 (TWAMP) or 44 octets (STAMP): ` +
          `they have ${[...new Set(bad.map(replyOf))].join(", ")}.`,
        means: replyOf(worst) < 36
          ? "Such a reply has not all stamps: a sender cannot read it, and tells its probe as lost."
          : "Strict senders drop them and tell every probe as lost.",
        shown: shownReply(worst),
      };
    },
    fine: (e) => sizes(e).length > 0 ? "no reply is shorter than the base packet" : undefined,
  },
  {
    id: "asymmetric-size",
    severity: "fault",
    rfc: SYMMETRY,
    find: (e) => {
      const bad = sizes(e).filter(isOff);
      if (bad.length === 0) return undefined;
      return {
        text: `Replies have another size than their probes (octets there to octets back): ${list(bad)}.`,
        means: "The two directions carry different packets: what depends on size is not measured alike.",
        shown: shownReply(bad[bad.length - 1]),
      };
    },
    fine: (e) => sizes(e).length > 4 ? "a reply is as long as its probe" : undefined,
  },
  {
    id: "reply-cut",
    severity: "fault",
    rfc: SYMMETRY,
    find: (e) => {
      const found = cap(e);
      if (found === undefined) return undefined;
      return {
        text: `No reply is longer than ${found.size} octets: what is longer comes back cut (${
          list(found.pairs)
        }). That is a buffer of its own.`,
        means: `Probes of up to ${found.size} octets are measured alike both ways, larger ones are not.`,
        shown: shownReply(found.pairs[0], [Math.max(0, found.size - 16), 16]),
      };
    },
  },
  {
    id: "padding-dropped",
    severity: "fault",
    rfc: "RFC 8762 section 4.3",
    find: (e) => {
      const bad = pairsOf(e, "bare").find((pair) => replyOf(pair) < sizeOf(pair));
      // Where padding that is a TLV fares no better, the sizes say it all.
      const kept = pairsOf(e, "sizes", "stamp").some((pair) =>
        sizeOf(pair) > STAMP_SIZE && replyOf(pair) === sizeOf(pair)
      );
      if (bad === undefined || !kept) return undefined;
      return {
        text: `Octets behind the base packet that are no TLV are left out: ${sizeOf(bad)} octets there, ${
          replyOf(bad)
        } back.`,
        means: "A sender that pads with zeros, as TWAMP Light does, has larger packets on the way there than back.",
        shown: shownReply(bad),
      };
    },
    fine: (e) =>
      pairsOf(e, "bare").some((pair) => replyOf(pair) >= sizeOf(pair))
        ? "octets that are no TLV are returned"
        : undefined,
  },
  {
    id: "size-unanswered",
    severity: "weakness",
    rfc: SYMMETRY,
    find: (e) => {
      const asked = askedOf(e, "sizes").filter((one) => one.octets.length >= 41 && !one.unsent);
      const name = (one: Asked) => `${one.protocol.toUpperCase()} of ${one.octets.length}`;
      const answered = new Set(asked.filter((one) => one.answers.length > 0).map(name));
      const bad = new Set(asked.map(name).filter((one) => !answered.has(one)));
      if (bad.size === 0 || answered.size === 0) return undefined;
      return {
        text: `No reply, asked twice, to ${[...bad].join(", ")} octets.`,
        means: "Such sizes are told as lost.",
      };
    },
  },
  {
    id: "largest-size",
    severity: "note",
    rfc: SYMMETRY,
    find: (e) => {
      const found = largestOf(e, "largest");
      if (found === undefined || found.refused === null) return undefined;
      return {
        severity: found.size < ORDINARY ? "weakness" : "note",
        text: `The largest probe that is answered has ${found.size} octets; of ${found.refused} there is no reply.`,
        means: "What is larger is told as lost. The far end, or a firewall that drops fragments, does that.",
      };
    },
    fine: (e) => {
      const found = largestOf(e, "largest");
      return found === undefined ? undefined : `datagrams of up to ${found.size} octets are answered`;
    },
  },
  {
    id: "path-size",
    severity: "note",
    rfc: "RFC 791 section 3.2",
    find: (e) => {
      const found = largestOf(e, "unfragmented");
      if (found === undefined || found.refused === null) return undefined;
      // Where fragments do no better, it is not the path.
      const inFragments = largestOf(e, "largest");
      if (inFragments !== undefined && inFragments.size <= found.size) return undefined;
      const mtu = found.size + (e.family === 4 ? 28 : 48);
      return {
        text: `Without fragments ${found.size} octets are answered, a path MTU of ${mtu}; ${found.refused} are not.`,
        means: "Larger probes are measured in fragments, and one that is lost loses them all.",
      };
    },
    fine: (e) => {
      const found = largestOf(e, "unfragmented");
      return found === undefined ? undefined : `${found.size} octets are answered without fragments`;
    },
  },
];
