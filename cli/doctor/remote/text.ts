/**
 * The report for people: findings with their octets, then what is fine, at most 80 columns.
 *
 * @module
 */
import { formatEndpoint } from "../../../core/address.ts";
import { VERSION } from "../../version.ts";
import { grid, section, sentence, span, wrap } from "../layout.ts";
import { type Evidence, pairsOf } from "./evidence.ts";
import { hexLines } from "./hexdump.ts";
import type { Finding, Severity } from "./rule.ts";
import type { Fine } from "./rules.ts";
import { OUTCOME_TEXT, verdicts } from "./tlv_verdict.ts";

const TITLES: Readonly<Record<Severity, string>> = {
  fault: "Faults: numbers are wrong or missing by these",
  weakness: "Weaknesses: numbers, or others, can be hurt by these",
  note: "Worth knowing",
};

const INDENT = "      ";

/** All of it, ending with a line break. */
export function remoteText(
  evidence: Evidence,
  findings: readonly Finding[],
  fine: readonly Fine[],
  version = VERSION,
): string {
  let number = 0;
  const found = (["fault", "weakness", "note"] as const).flatMap((severity) => {
    const own = findings.filter((one) => one.severity === severity);
    if (own.length === 0) return severity === "fault" ? section("Faults", ["  None was found."]) : [];
    return section(TITLES[severity], own.flatMap((one) => findingLines(one, ++number)));
  });
  const lines = [
    `What ${
      formatEndpoint(evidence.host, evidence.port)
    } does with probes (twampede ${version}, ${evidence.transport})`,
    ...sentence(summary(evidence)),
    ...found,
    ...tlvLines(evidence),
    ...section(
      "What is fine",
      fine.length === 0 ? ["  Nothing could be told."] : fine.flatMap(({ text }) => wrap("  - ", "    ", text)),
    ),
    ...evidence.skipped.length === 0 ? [] : section(
      "Not examined",
      evidence.skipped.flatMap(({ trial, why }) => wrap("  - ", "    ", `${trial}: ${why}`)),
    ),
  ];
  return `${lines.join("\n")}\n`;
}

function summary(evidence: Evidence): string {
  const spoken = (["twamp", "stamp"] as const).flatMap((protocol) => {
    const asked = evidence.asked.filter((one) => one.trial === "plain" && one.protocol === protocol);
    if (asked.length === 0) return [];
    return [`${protocol.toUpperCase()} ${pairsOf(evidence, "plain", protocol).length} of ${asked.length}`];
  });
  const rounds = pairsOf(evidence, "plain").map(({ answer }) => answer.roundNs).sort((a, b) => a - b);
  const sent = evidence.asked.length;
  return `Ordinary probes answered: ${spoken.join(", ")}; the fastest within ${span(rounds[0] ?? null)}. ` +
    `${sent} datagrams were sent in all.`;
}

function findingLines({ text, means, rfc, shown }: Finding, number: number): string[] {
  return [
    ...wrap(`  ${number}. `.padEnd(6), INDENT, text),
    ...wrap(`${INDENT}What it means: `, INDENT, means),
    ...wrap(INDENT, INDENT, `[${rfc}]`),
    ...shown === undefined ? [] : hexLines(shown, INDENT),
  ];
}

function tlvLines(evidence: Evidence): string[] {
  const all = verdicts(evidence);
  if (all.length === 0) return [];
  return section(
    "STAMP extensions, each asked for by itself",
    grid(
      all.map((
        { tlv, outcome, text },
      ) => [
        tlv.name,
        text === null || outcome === "dropped" || outcome === "silent"
          ? OUTCOME_TEXT[outcome]
          : `${OUTCOME_TEXT[outcome]}: ${text}`,
      ]),
    ),
  );
}
