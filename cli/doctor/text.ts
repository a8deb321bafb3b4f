/**
 * The report for people: sections, at most 80 columns.
 *
 * @module
 */
import { VERSION } from "../version.ts";
import { bufferLines } from "./buffers.ts";
import { clockLines } from "./clocks.ts";
import type { Facts } from "./facts.ts";
import { floorLines } from "./floors.ts";
import { hostLines } from "./host.ts";
import { interfaceLines } from "./interfaces.ts";
import { section, wrap } from "./layout.ts";
import { optionLines } from "./options.ts";
import { privilegeLines } from "./privileges.ts";
import type { Advice } from "./rule.ts";
import { waitingLines } from "./waiting.ts";

/** All of it, ending with a line break. */
export function reportText(facts: Facts, advice: readonly Advice[], version = VERSION): string {
  const unknown = facts.systemUnknown;
  const lines = [
    `What this machine can measure with (twampede ${version}, ${facts.host.runtime})`,
    ...hostLines(facts.host),
    ...clockLines(facts.clocks, unknown),
    ...waitingLines(facts.waiting, facts.host.runtime),
    ...interfaceLines(facts.interfaces, facts.stampsSeen, unknown),
    ...optionLines(facts.options, unknown),
    ...privilegeLines(facts.privileges),
    ...bufferLines(facts.buffers, unknown),
    ...floorLines(facts.transports),
    ...section("What to change for better numbers", adviceLines(advice)),
  ];
  return `${lines.join("\n")}\n`;
}

/** A command stands on a line of its own, however long: it is there to be copied. */
function adviceLines(advice: readonly Advice[]): string[] {
  if (advice.length === 0) return ["  Nothing: no rule of this program applies here."];
  return advice.flatMap(({ text, command }, i) => {
    const number = `  ${i + 1}. `;
    return [...wrap(number.padEnd(6), "      ", text), ...command === null ? [] : [`        ${command}`]];
  });
}
