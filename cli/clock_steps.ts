/**
 * That the wall clock was set, in words.
 *
 * @module
 */
import type { Clock } from "../core/time/clock.ts";
import { formatDuration } from "../core/time/duration.ts";
import { plural } from "./plural.ts";

/** `the wall clock of this host was set once, by +1.5s`; undefined if it was not. */
export function describeSteps({ steps = 0, lastStep }: Clock): string | undefined {
  if (steps === 0) return undefined;
  const by = lastStep === undefined ? "" : `${lastStep.by < 0 ? "-" : "+"}${formatDuration(Math.abs(lastStep.by))}`;
  const how = steps === 1 ? `once, by ${by}` : `${plural(steps, "time")}, last by ${by}`;
  return `the wall clock of this host was set ${lastStep === undefined ? plural(steps, "time") : how}`;
}
