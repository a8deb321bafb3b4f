/**
 * `--fail-if`: what a run's result is held against, and the exit status that comes of it.
 *
 * @module
 */
import type { Snapshot } from "../core/snapshot.ts";
import { describeThreshold, evaluateThresholds, type Threshold } from "../core/threshold.ts";
import { Exit } from "./exit.ts";
import type { Log } from "./log.ts";

/** The result with what became of each threshold; as it is where there are none. */
export function judged(summary: Snapshot, thresholds: readonly Threshold[]): Snapshot {
  return thresholds.length === 0 ? summary : { ...summary, thresholds: evaluateThresholds(thresholds, summary) };
}

/**
 * Names every threshold that was crossed, and gives the status of the run.
 *
 * `status` goes first where it is not 0: 4 says that there is a result and that it is a bad one, 1, 3 and 130 that there
 * is none to be judged.
 */
export function thresholdVerdict(status: number, summaries: readonly (Snapshot | undefined)[], log: Log): number {
  let isCrossed = false;
  summaries.forEach((summary, i) => {
    const { thresholds = [] } = summary ?? {};
    const whose = summaries.length === 1 ? "" : `session ${i + 1} of ${summaries.length}: `;
    for (const result of thresholds.filter(({ crossed }) => crossed)) {
      isCrossed = true;
      log.note(`${whose}${describeThreshold(result)}`);
    }
  });
  return status === Exit.DONE && isCrossed ? Exit.THRESHOLD : status;
}
