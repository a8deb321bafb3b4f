/**
 * What an interval may be.
 *
 * @module
 */
import { OptionError } from "../../core/errors.ts";
import type { Nanos } from "../../core/time/clock.ts";

/** `interval` in whole nanoseconds, so that a sum of gaps is exact; at least 1. */
export function meanGap(schedule: string, interval: Nanos): Nanos {
  const gap = Math.round(interval);
  if (gap >= 1 && Number.isSafeInteger(gap)) return gap;
  throw new OptionError(`interval ${interval} of schedule ${schedule} is not a number of nanoseconds: give 1 or more`);
}
