/**
 * What of the clocks a reader of one-way delays must know.
 *
 * @module
 */
import type { ClockEstimate } from "./clock_model.ts";

/** More than that no sound crystal is off. */
const UNSOUND_PPM = 100;

/** One line each; none where all is well. */
export function clockNotes(clock: ClockEstimate | null): string[] {
  if (clock === null) return [];
  const { steps, driftPpm, driftErrorPpm } = clock;
  const notes: string[] = [];
  if (steps > 0) {
    notes.push(
      `a clock was set ${steps === 1 ? "once" : `${steps} times`} in this run, here or there: the offset is that of ` +
        "the time since; one-way delays before and after differ, corrected ones do not",
    );
  }
  if (driftPpm !== null && driftErrorPpm !== null && Math.abs(driftPpm) - driftErrorPpm > UNSOUND_PPM) {
    notes.push(
      `the clocks drift apart by ${Math.abs(driftPpm).toFixed(0)} ppm, theirs is ${
        driftPpm > 0 ? "faster" : "slower"
      }: ` +
        `more than ${UNSOUND_PPM} ppm is a clock that is broken, or one that is being pulled right`,
    );
  }
  return notes;
}
