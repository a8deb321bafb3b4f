/**
 * `doctor`: what this machine can measure with, and what to change for better numbers.
 *
 * @module
 */
import { examine } from "../doctor/examine.ts";
import { reportJson } from "../doctor/json.ts";
import { adviceFor } from "../doctor/rules.ts";
import { coloured } from "../doctor/colours.ts";
import { reportText } from "../doctor/text.ts";
import { Exit } from "../exit.ts";
import { print } from "../sinks.ts";

/** How the report is written. */
export type DoctorOutput = "text" | "json";

/** Runs `doctor`; a poor machine is no failure. Resolves to the exit status. */
export async function runDoctor(output: DoctorOutput): Promise<number> {
  const facts = await examine();
  const advice = adviceFor(facts);
  print(output === "json" ? reportJson(facts, advice, new Date().toISOString()) : coloured(reportText(facts, advice)));
  return Exit.DONE;
}
