/**
 * The line that shows a long run as it goes: on a terminal only, on standard error, gone when the run ends.
 *
 * @module
 */
import { delayText } from "../outputs/units.ts";

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
  now(): Progress;
}

/** How a session stands. */
export interface Progress {
  readonly sent: number;
  readonly received: number;
  readonly lost: number;
  readonly medianRtt: number | null;
}

/** Starts showing one line for all; returns what ends it and clears the line. Nothing happens without a terminal. */
export function showProgress(...plans: readonly ProgressPlan[]): () => void {
  const stream = process.stderr;
  if (!stream.isTTY || plans.every(({ count, intervalNs }) => count * intervalNs < LONG_NS)) return () => {};
  const timer = setInterval(() => {
    const line = progressLine(plans.map((plan) => plan.now()), plans);
    stream.write(CLEAR + line.slice(0, Math.max(10, (stream.columns ?? 80) - 1)));
  }, EVERY_MS);
  // The terminal has gone away: there is nobody left to show it to, and the run has a result all the same.
  stream.on("error", () => clearInterval(timer));
  return () => {
    clearInterval(timer);
    stream.write(CLEAR);
  };
}

/**
 * `sent 53/100  received 52  loss 0.0%  p50 134us  4.7 s left`; of several sessions the sums, and the range of their
 * medians.
 */
export function progressLine(now: readonly Progress[], plans: readonly ProgressPlan[]): string {
  const sum = (count: (p: Progress) => number) => now.reduce((all, one) => all + count(one), 0);
  const planned = plans.reduce((all, { count }) => all + count, 0);
  const endless = planned === Infinity;
  const several = plans.length > 1 ? `${plans.length} sessions  ` : "";
  const sent = endless ? `${sum((s) => s.sent)}` : `${sum((s) => s.sent)}/${planned}`;
  const done = sum((s) => s.received + s.lost);
  const loss = done === 0 ? "" : `  loss ${(100 * sum((s) => s.lost) / done).toFixed(1)}%`;
  const received = sum((s) => s.received);
  return `${several}sent ${sent}  received ${received}${loss}${medians(now)}${
    endless ? "  Ctrl-C ends" : left(now, plans)
  }`;
}

function medians(now: readonly Progress[]): string {
  const known = now.flatMap(({ medianRtt }) => medianRtt === null ? [] : [medianRtt]);
  if (known.length === 0) return "";
  const [least, most] = [delayText(Math.min(...known)), delayText(Math.max(...known))];
  return `  p50 ${least === most ? least : `${least} to ${most}`}`;
}

/** Until the slowest is done. When all are sent, the last probes still have their timeout. */
function left(now: readonly Progress[], plans: readonly ProgressPlan[]): string {
  const sending = Math.max(...plans.map(({ count, intervalNs }, i) => (count - now[i].sent) * intervalNs));
  if (sending > 0) return `  ${(sending / 1e9).toFixed(1)} s left`;
  return `  waiting up to ${Math.max(...plans.map(({ timeoutNs }) => timeoutNs)) / 1e9} s`;
}
