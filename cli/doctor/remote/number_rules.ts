/**
 * Rules about the numbers of replies.
 *
 * @module
 */
import { REFLECTOR } from "../../../core/wire/test_packet.ts";
import { type Evidence, type Pair, pairsOf } from "./evidence.ts";
import { field } from "./packets.ts";
import type { Rule } from "./rule.ts";
import { shownReply } from "./stamp_rules.ts";
import { STEP } from "./trials/numbers.ts";

const hasNumber = ({ answer }: Pair) => answer.octets.length >= REFLECTOR.SEQ + 4;
const rseq = ({ answer }: Pair) => field(answer.octets, REFLECTOR.SEQ, 4)!;
const sseq = ({ asked }: Pair) => field(asked.octets, 0, 4)!;

/** How the replies of a run of probes with gaps are numbered. */
export type Numbering = "counts" | "copies" | "neither";

const step = (e: Evidence, detail: string) =>
  pairsOf(e, "numbers").filter((pair) => pair.asked.detail === detail && hasNumber(pair));

/** Undefined where too few came back. */
export function numbering(e: Evidence): Numbering | undefined {
  const pairs = step(e, STEP.gap);
  if (pairs.length < 3) return undefined;
  if (pairs.every((pair) => rseq(pair) === sseq(pair))) return "copies";
  // Replies lost on the way back leave gaps; those of a session do not stand still.
  const rising = pairs.every((pair, i) =>
    i === 0 || (rseq(pair) > rseq(pairs[i - 1]) && rseq(pair) - rseq(pairs[i - 1]) < 4)
  );
  return rising ? "counts" : "neither";
}

export const NUMBER_RULES: readonly Rule[] = [
  {
    id: "numbers-copied",
    severity: "note",
    rfc: "RFC 8762 section 4.3.1, RFC 5357 section 4.2.1",
    find: (e) => {
      if (numbering(e) !== "copies") return undefined;
      const twamp = pairsOf(e, "numbers")[0].asked.protocol === "twamp";
      return {
        severity: twamp ? "weakness" : "note",
        text: `Sequence Number is a copy of the sender's: the reflector is stateless${
          twamp ? ", where TWAMP wants numbers of its own" : ", which STAMP allows"
        }.`,
        means: "Loss cannot be laid to a direction, nor can reordering or duplicates.",
        shown: shownReply(pairsOf(e, "numbers").at(-1)!, [REFLECTOR.SEQ, 4], [REFLECTOR.SENDER_SEQ, 4]),
      };
    },
  },
  {
    id: "numbers-odd",
    severity: "fault",
    rfc: "RFC 5357 section 4.2.1, RFC 8762 section 4.3.1",
    find: (e) => {
      if (numbering(e) !== "neither") return undefined;
      const pairs = step(e, STEP.gap);
      return {
        text: `Sequence Number neither counts replies nor copies the sender's: ${pairs.map(rseq).join(", ")} for ${
          pairs.map(sseq).join(", ")
        }.`,
        means: "Loss by direction, as senders tell it from these numbers, is wrong.",
        shown: shownReply(pairs[0], [REFLECTOR.SEQ, 4]),
      };
    },
    fine: (e) =>
      numbering(e) === "counts"
        ? "replies have numbers of their own (stateful), and loss can be laid to a direction"
        : undefined,
  },
  {
    id: "numbers-shared",
    severity: "weakness",
    rfc: "RFC 5357 section 4.2.1 (erratum 1590), RFC 8762 section 4.3.1",
    find: (e) => {
      const other = step(e, STEP.other);
      const gap = step(e, STEP.gap);
      if (numbering(e) !== "counts" || other.length === 0 || rseq(other[0]) <= rseq(gap.at(-1)!)) return undefined;
      return {
        text: `Probes from another port go on with the same numbers (${rseq(gap.at(-1)!)}, then ${
          rseq(other[0])
        }): it counts for all sessions together.`,
        means: "With two senders at once, the other's packets look like loss on the way back.",
        shown: shownReply(other[0], [REFLECTOR.SEQ, 4]),
      };
    },
    fine: (e) => {
      const other = step(e, STEP.other);
      return numbering(e) === "counts" && other.length > 0 ? "each session has numbers of its own" : undefined;
    },
  },
  {
    id: "numbers-not-reset",
    severity: "note",
    rfc: "RFC 5357 section 4.2.1, RFC 8762 section 4.3.1",
    find: (e) => {
      const [first] = step(e, STEP.restart);
      if (numbering(e) !== "counts" || first === undefined || rseq(first) === 0) return undefined;
      return {
        text: `A sender that begins again at 0 from the same port is answered with ${
          rseq(first)
        }: its session goes on.`,
        means:
          "Loss by direction of a second run from the same port is right only for senders that look at differences.",
        shown: shownReply(first, [REFLECTOR.SEQ, 4]),
      };
    },
    fine: (e) => {
      const [first] = step(e, STEP.restart);
      return numbering(e) === "counts" && first !== undefined
        ? "a sender that begins again is a session anew"
        : undefined;
    },
  },
];
