/**
 * What a reader must know of STAMP extensions that were not answered as they were asked.
 *
 * @module
 */
import type { TlvReport } from "../core/snapshot.ts";

/** Why U comes back of a TLV that is understood as a rule. */
const REASON: Readonly<Record<string, string>> = {
  cos: "or cannot read the TOS of probes",
  direct: "or is stateless",
  destination: "or is not that node",
  "return-path": "or may or can not use it",
  "micro-session": "or does not know its member link",
  control: "or may not",
  hmac: "or has no key for this session, and of its replies no TLV is read",
};

/** One line for each that is odd. */
export function tlvNotes(reports: readonly TlvReport[]): string[] {
  return reports.flatMap((report) => {
    const { name, returned, unrecognized, malformed, integrityFailed, nonConformant } = report;
    const notes: string[] = [];
    const note = (count: number, text: string) => {
      if (count > 0) notes.push(`TLV ${name}: ${text} (${count} of ${returned} returned)`);
    };
    note(unrecognized, `the far end does not understand it${REASON[name] ? `, ${REASON[name]}` : ""}`);
    note(malformed, "the far end says that it is malformed, or sends it so");
    note(nonConformant, "the far end could not do as it was asked");
    if (integrityFailed > 0) {
      notes.push(`TLV ${name}: discarded in ${integrityFailed} of the replies, whose HMAC does not verify`);
    }
    return notes;
  });
}
