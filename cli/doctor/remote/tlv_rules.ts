/**
 * Rules about STAMP extensions. What became of each is in the verdicts; these say what follows.
 *
 * @module
 */
import { STAMP_SIZE } from "../../../core/wire/test_packet.ts";
import type { Evidence } from "./evidence.ts";
import type { Found, Rule } from "./rule.ts";
import { isCopier, type Outcome, type Verdict, verdicts } from "./tlv_verdict.ts";

const of = (e: Evidence, outcome: Outcome) => verdicts(e).filter((one) => one.outcome === outcome);
const names = (all: readonly Verdict[]) => all.map(({ tlv }) => tlv.name).join("; ");

/** A finding for each TLV that is broken, in its own words. */
function broken(id: string): Rule {
  return {
    id: `tlv-${id}`,
    severity: "fault",
    rfc: "RFC 8972 section 4",
    find(e): Found | undefined {
      const one = of(e, "broken").find(({ tlv }) => tlv.id === id);
      if (one === undefined) return undefined;
      return {
        text: `TLV ${one.tlv.name}: ${one.text}.`,
        rfc: one.tlv.rfc,
        means: "A sender cannot rely on what this TLV says; one that trusts the flags is misled.",
        shown: { what: `a reply of ${one.reply!.length} octets`, octets: one.reply!, marks: one.marks },
      };
    },
  };
}

/** `ids` are those of the table. */
export function tlvRules(ids: readonly string[]): Rule[] {
  return [
    ...ids.map(broken),
    {
      id: "tlv-dropped",
      severity: "fault",
      rfc: "RFC 8972 section 4, RFC 8762 section 4.3",
      find: (e) => {
        const all = of(e, "dropped");
        if (all.length === 0) return undefined;
        const octets = all[0].reply!;
        return {
          text: `It leaves TLVs out of its replies: ${
            all.length === verdicts(e).length ? `each of the ${all.length} asked for` : names(all)
          }. One that it does not know must come back with U set.`,
          means: "The two directions have different sizes, and a sender waits for what never comes.",
          shown: { what: `a reply of ${octets.length} octets`, octets, marks: [[STAMP_SIZE, 4]] },
        };
      },
    },
    {
      id: "tlv-silent",
      severity: "fault",
      rfc: "RFC 8972 section 4",
      find: (e) => {
        const all = of(e, "silent");
        if (all.length === 0) return undefined;
        return {
          text: `There is no reply, asked twice, to a probe with: ${
            names(all)
          }. A TLV that is not known is to be skipped and returned.`,
          means: "Every probe with it is told as lost.",
        };
      },
      fine: (e) => verdicts(e).length > 0 ? "probes with any TLV are answered" : undefined,
    },
    {
      id: "tlv-unsupported",
      severity: "note",
      rfc: "RFC 8972 section 4, RFC 8762 section 4.3",
      find: (e) => {
        if (!isCopier(e) || of(e, "copied").length === 0) return undefined;
        return {
          text: "It copies what is behind the base packet octet for octet, flags too: it knows RFC 8762 and no TLVs.",
          means: "TLVs only make packets larger. Sizes are alike both ways.",
        };
      },
    },
    {
      id: "tlv-as-padding",
      severity: "note",
      rfc: "RFC 8972 section 4, RFC 5357 section 4.2.1",
      find: (e) => {
        const all = of(e, "as-padding");
        if (all.length === 0) return undefined;
        const octets = all[0].reply!;
        return {
          text: all.length === verdicts(e).length
            ? "It takes probes with TLVs for TWAMP: they come back 27 octets further on, as padding."
            : `It takes some probes for TWAMP, by their octets, and returns their TLVs as padding: ${names(all)}.`,
          means:
            "It tells the protocols apart packet by packet, which no RFC has. What it takes for STAMP it answers as such.",
          shown: {
            what: `a reply of ${octets.length} octets`,
            octets,
            marks: [[41, Math.min(16, octets.length - 41)]],
          },
        };
      },
    },
    {
      id: "tlv-flags",
      severity: "fault",
      rfc: "RFC 8972 section 4",
      // Told one by one above; here only what is right.
      find: () => undefined,
      fine: (e) => {
        const all = verdicts(e).filter(({ outcome }) =>
          !["copied", "as-padding", "silent", "dropped"].includes(outcome)
        );
        if (all.length === 0 || all.some(({ outcome }) => outcome === "broken")) return undefined;
        return "U, M and I are set where they should be";
      },
    },
  ];
}
