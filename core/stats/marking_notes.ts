/**
 * What a reader must know of a marking that changed on the way, in sentences.
 *
 * @module
 */
import { dscpName } from "../dscp.ts";
import type { Marking, TosCount } from "../snapshot.ts";

/** RFC 3168 section 5. */
const ECN = ["Not-ECT", "ECT(1)", "ECT(0)", "CE"] as const;
const CE = 3;

const ecnOf = (tos: number) => tos & 3;
const total = (counts: readonly TosCount[]) => counts.reduce((sum, { count }) => sum + count, 0);

/** `EF (TOS 0xb8)`. */
function named(tos: number, label = ""): string {
  return `${dscpName(tos >> 2).toUpperCase()} (${label}0x${tos.toString(16).padStart(2, "0")})`;
}

/** The notes of a run; none where what arrived is what left, or what left is not known. */
export function markingNotes(marking: Marking | null): string[] {
  if (marking === null) return [];
  const { sent, replies, forward, backward } = marking;
  // With which ECN replies leave is nobody's agreement: Type-P has no place for it (RFC 4656 section 3.5).
  return [
    ...remarked("probes", sent, forward, "on the way there"),
    ...rewritten(sent, forward),
    ...congested("probes", sent, forward, "on the way there"),
    ...remarked("replies", replies, backward, "on the way back"),
    ...congested("replies", null, backward, isFree(sent, forward) ? "on the way back" : COPIED),
  ];
}

const COPIED = "on the way back, or their reflector copies the mark of the probes";

/** Whether no mark can have been copied: probes arrived there without one, or nobody tells and they could not bear one. */
function isFree(sent: number | null, forward: readonly TosCount[]): boolean {
  return forward.length > 0 ? !forward.some(({ tos }) => ecnOf(tos) === CE) : sent !== null && ecnOf(sent) === 0;
}

/** DSCP that is another than it was. */
function remarked(what: string, left: number | null, came: readonly TosCount[], where: string): string[] {
  const others = left === null ? [] : came.filter(({ tos }) => tos >> 2 !== left >> 2);
  if (left === null || others.length === 0) return [];
  const all = total(came);
  const as = others.slice(0, MOST).map(({ tos, count }) => `as ${named(tos)} in ${count} of ${all}`);
  const more = others.length > MOST ? ", and others" : "";
  return [
    `${what} left with ${named(left, "TOS ")} and arrived ${as.join(", ")}${more}: something ${where} remarks them`,
  ];
}

/** ECN of probes that was cleared, or set by somebody who must not. */
function rewritten(left: number | null, came: readonly TosCount[]): string[] {
  const others = came.filter(({ tos }) => left !== null && ecnOf(tos) !== ecnOf(left) && !isCongestion(left, tos));
  if (left === null || others.length === 0) return [];
  const to = [...new Set(others.map(({ tos }) => ECN[ecnOf(tos)]))].join(", ");
  const part = `${total(others)} of ${total(came)}`;
  return [
    `probes left with ${ECN[ecnOf(left)]} and arrived with ${to} in ${part}: something on the way there changes ECN`,
  ];
}

/** Values named in a sentence at most. */
const MOST = 3;

/** Whether CE there is a router's word of its queue: it may not say so of packets that left as Not-ECT. */
function isCongestion(left: number | null, came: number): boolean {
  return ecnOf(came) === CE && (left === null || ecnOf(left) === 1 || ecnOf(left) === 2);
}

function congested(what: string, left: number | null, came: readonly TosCount[], where: string): string[] {
  const met = total(came.filter(({ tos }) => isCongestion(left, tos)));
  return met === 0 ? [] : [`${met} of ${total(came)} ${what} met congestion (CE) ${where}`];
}
