/**
 * What a rule about a far end is.
 *
 * @module
 */
import type { Evidence } from "./evidence.ts";

/** `fault`: numbers are wrong or missing by it; `weakness`: they can be; `note`: a reader should know. */
export type Severity = "fault" | "weakness" | "note";

/** Octets, and which of them are meant. */
export interface Shown {
  readonly what: string;
  readonly octets: Uint8Array;
  readonly marks: readonly (readonly [at: number, size: number])[];
}

/** What a rule found. */
export interface Found {
  readonly text: string;
  /** For whoever reads numbers of this far end. */
  readonly means: string;
  readonly severity?: Severity;
  /** Where it is another one than the rule's. */
  readonly rfc?: string;
  readonly shown?: Shown;
}

/** A condition, and what follows from it. What was not examined makes no condition true, and nothing fine. */
export interface Rule {
  readonly id: string;
  readonly severity: Severity;
  readonly rfc: string;
  find(evidence: Evidence): Found | undefined;
  /** Asked where nothing was found: what is right about it, or undefined where that is not known. */
  fine?(evidence: Evidence): string | undefined;
}

/** A finding as it is told. */
export interface Finding extends Found {
  readonly id: string;
  readonly severity: Severity;
  readonly rfc: string;
}
