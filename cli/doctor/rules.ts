/**
 * What to change for better numbers: all rules, and what of them applies.
 *
 * @module
 */
import { CLOCK_RULES } from "./clock_rules.ts";
import type { Facts } from "./facts.ts";
import { HOST_RULES } from "./host_rules.ts";
import { NETWORK_RULES } from "./network_rules.ts";
import type { Advice, Rule } from "./rule.ts";

/** In the order in which they are told. */
export const RULES: readonly Rule[] = [...CLOCK_RULES, ...HOST_RULES, ...NETWORK_RULES];

/** What applies to a machine. */
export function adviceFor(facts: Facts): Advice[] {
  return RULES.filter((rule) => rule.applies(facts)).map((rule) => ({
    id: rule.id,
    text: rule.text(facts),
    command: rule.command?.(facts) ?? null,
  }));
}
