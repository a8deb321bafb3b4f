/**
 * What a rule is.
 *
 * @module
 */
import type { Facts } from "./facts.ts";

/** What to change: a sentence, and a command where there is one. */
export interface Advice {
  readonly id: string;
  readonly text: string;
  readonly command: string | null;
}

/** A condition and what follows from it. What is not known makes no condition true. */
export interface Rule {
  readonly id: string;
  applies(facts: Facts): boolean;
  /** Asked only where it applies, and so is the command. */
  text(facts: Facts): string;
  command?(facts: Facts): string | null;
}
