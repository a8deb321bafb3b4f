/**
 * What is wrong with octets that the far end had to return (RFC 6038 section 5.2.1).
 *
 * @module
 */
import type { Finding } from "../snapshot.ts";

/** The finding, where some came back altered. */
export function reflectedFindings(altered: number): readonly Finding[] {
  if (altered === 0) return [];
  return [{
    code: "reflected-octets-altered",
    count: altered,
    text: "the reflector does not return the padding that it must reflect (RFC 6038 section 5.2.1) as it was sent",
  }];
}
