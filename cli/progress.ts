/**
 * The line that shows a long run as it goes: on a terminal only, on standard error, gone when the run ends.
 *
 * @module
 */
import { delayText } from "../outputs/units.ts";
import type { Snapshot } from "../core/snapshot.ts";

const EVERY_MS = 250;
/** Shorter runs need none. */
const LONG_NS = 2e9;
const CLEAR = "\r\x1b[K";

/** What is known before the run. */
export interface ProgressPlan {
  /** `Infinity` until interrupted. */
  readonly count: number;
  readonly intervalNs: number;
  readonly timeoutNs: number;
  snapshot(): Snapshot;
}

/** Starts showing; returns what ends it and clears the line. Nothing happens where there is no terminal. */
export function showProgress(plan: ProgressPlan): () => void {
  const stream = process.stderr;
  if (!stream.isTTY || plan.count * plan.intervalNs < LONG_NS) return () => {};
  const timer = setInterval(() => {
    const line = progressLine(plan.snapshot(), plan);
    stream.write(CLEAR + line.slice(0, Math.max(10, (stream.columns ?? 80) - 1)));
  }, EVERY_MS);
  return () => {
    clearInterval(timer);
    stream.write(CLEAR);
  };
}

/** `sent 53/100  received 52  lost 0  p50 134us  4.7 s left`. */
export function progressLine(now: Snapshot, plan: ProgressPlan): string {
  const endless = plan.count === Infinity;
  const sent = endless ? `${now.sent}` : `${now.sent}/${plan.count}`;
  const done = now.received + now.lost;
  const loss = done === 0 ? "" : `  loss ${(100 * now.lost / done).toFixed(1)}%`;
  const p50 = now.rtt.p50 === null ? "" : `  p50 ${delayText(now.rtt.p50)}`;
  const sending = (plan.count - now.sent) * plan.intervalNs;
  // When all are sent, the slowest still have their timeout.
  const left = sending > 0 ? `  ${(sending / 1e9).toFixed(1)} s left` : `  waiting up to ${plan.timeoutNs / 1e9} s`;
  return `sent ${sent}  received ${now.received}${loss}${p50}${endless ? "  Ctrl-C ends" : left}`;
}
