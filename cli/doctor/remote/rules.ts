/**
 * All rules about a far end, and what they say of one.
 *
 * @module
 */
import { ERROR_RULES } from "./error_rules.ts";
import type { Evidence } from "./evidence.ts";
import { FIELD_RULES } from "./field_rules.ts";
import { GUARD_RULES } from "./guard_rules.ts";
import { NUMBER_RULES } from "./number_rules.ts";
import { PATH_RULES } from "./path_rules.ts";
import type { Finding, Rule, Severity } from "./rule.ts";
import { SIZE_RULES } from "./size_rules.ts";
import { STAMP_RULES } from "./stamp_rules.ts";
import { tlvRules } from "./tlv_rules.ts";
import { TLV_CASES } from "./tlv_table.ts";

/** In the order in which they are told, within a severity. */
export const RULES: readonly Rule[] = [
  ...STAMP_RULES,
  ...ERROR_RULES,
  ...FIELD_RULES,
  ...SIZE_RULES,
  ...tlvRules(TLV_CASES.map(({ id }) => id)),
  ...NUMBER_RULES,
  ...PATH_RULES,
  ...GUARD_RULES,
];

export const SEVERITIES: readonly Severity[] = ["fault", "weakness", "note"];

/** What is right. */
export interface Fine {
  readonly id: string;
  readonly text: string;
  readonly rfc: string;
}

/** Findings, gravest first, and what is fine. */
export function judge(evidence: Evidence): { findings: Finding[]; fine: Fine[] } {
  const findings: Finding[] = [];
  const fine: Fine[] = [];
  for (const { id, severity, rfc, find, fine: ask } of RULES) {
    const found = find(evidence);
    if (found !== undefined) {
      findings.push({ ...found, id, severity: found.severity ?? severity, rfc: found.rfc ?? rfc });
    } else {
      const text = ask?.(evidence);
      if (text !== undefined) fine.push({ id, text, rfc });
    }
  }
  const rank = ({ severity }: Finding) => SEVERITIES.indexOf(severity);
  return { findings: findings.sort((a, b) => rank(a) - rank(b)), fine };
}
