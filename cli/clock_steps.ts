/**
 * That a clock was set, in words.
 *
 * @module
 */
import type { Clock } from "../core/time/clock.ts";
import { formatDuration } from "../core/time/duration.ts";
import type { DatagramSocket } from "../core/transport.ts";
import { plural } from "./plural.ts";

/** `the wall clock of this host was set once, by +1.5s`; undefined if it was not. */
export function describeSteps({ steps = 0, lastStep }: Clock): string | undefined {
  if (steps === 0) return undefined;
  const by = lastStep === undefined ? "" : `${lastStep.by < 0 ? "-" : "+"}${formatDuration(Math.abs(lastStep.by))}`;
  const how = steps === 1 ? `once, by ${by}` : `${plural(steps, "time")}, last by ${by}`;
  return `the wall clock of this host was set ${lastStep === undefined ? plural(steps, "time") : how}`;
}

/** What is to be said of a card whose clock was set under way; undefined if it was not. */
export function describeJumps({ card }: DatagramSocket): string | undefined {
  if (card === undefined || card.jumps === 0) return undefined;
  return `the clock of ${card.interface} (${card.phc}) was set ${
    plural(card.jumps, "time")
  } during the run, or steered ` +
    `by more than 500 ppm: stamps up to a second before that may be off by as much`;
}
