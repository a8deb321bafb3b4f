/**
 * What became of the thresholds of a run, as its result was saved.
 *
 * @module
 */
import type { ThresholdResult } from "../../core/snapshot.ts";
import { parseThreshold, type Threshold } from "../../core/threshold.ts";
import type { Fields } from "./fields.ts";

/** More than anybody gives: what a saved file may hold is bounded. */
const MOST = 1_000;

/** Those of a document; the expression says what each was about, the rest what came of it. */
export function readThresholds(document: Fields): ThresholdResult[] {
  const all = document.objects("thresholds");
  if (all.length > MOST) throw document.wrong("thresholds", all.length, `at most ${MOST} of them`);
  return all.map((one) => ({
    ...parsed(one),
    actual: one.number("actual"),
    crossed: one.boolean("crossed") ?? false,
  }));
}

function parsed(one: Fields): Threshold {
  const expression = one.text("expression") ?? "";
  try {
    return parseThreshold(expression);
  } catch {
    throw one.wrong("expression", expression, "a threshold as rtt.p99>20ms");
  }
}
