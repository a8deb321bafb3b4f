/**
 * Waiting: how late each way of it ends. A probe cannot leave nearer to its time than this.
 *
 * @module
 */
import type { Clock, Mono, Nanos } from "../../core/time/clock.ts";
import type { Machine } from "../../plugins/transport/ffi/machine.ts";
import type { WaitFacts } from "./facts.ts";
import { grid, section, span } from "./layout.ts";

const GRID_NS = 1e6;
const COUNT = 200;
/** Where everything takes long, fewer waits are enough. */
const LIMIT_NS = 500e6;

/** Waits for `ns`, or longer. */
type Wait = (ns: Nanos) => void | Promise<void>;

/** Each way that there is. */
export async function readWaiting(machine: Machine | undefined, clock: Clock): Promise<WaitFacts[]> {
  const found: WaitFacts[] = [];
  if (machine !== undefined) {
    const before = machine.setTimerSlack(null);
    found.push({ how: "block", slackNs: machine.setTimerSlack(null), ...await lateness(clock, machine.block) });
    machine.setTimerSlack(1);
    found.push({ how: "block", slackNs: 1, ...await lateness(clock, machine.block) });
    machine.setTimerSlack(before);
  }
  const timer: Wait = (ns) => new Promise((resolve) => setTimeout(resolve, ns / 1e6));
  found.push({ how: "timer", slackNs: null, ...await lateness(clock, timer) });
  found.push({ how: "spin", slackNs: null, ...await lateness(clock, () => {}) });
  return found;
}

type Lateness = Pick<WaitFacts, "count" | "p50Ns" | "p99Ns" | "maxNs">;

async function lateness(clock: Clock, wait: Wait): Promise<Lateness> {
  const late: Nanos[] = [];
  const begun = clock.mono();
  let target: Mono = begun;
  for (let now = begun; late.length < COUNT && now - begun < LIMIT_NS;) {
    while (target <= now) target += GRID_NS;
    for (; now < target; now = clock.mono()) {
      const waiting = wait(target - now);
      if (waiting !== undefined) await waiting;
    }
    late.push(now - target);
  }
  return quantiles(late);
}

/** Exact, by nearest rank. */
function quantiles(values: Nanos[]): Lateness {
  values.sort((a, b) => a - b);
  const at = (share: number) => values[Math.ceil(share * values.length) - 1];
  return { count: values.length, p50Ns: at(0.5), p99Ns: at(0.99), maxNs: at(1) };
}

/** As text. */
export function waitingLines(waiting: readonly WaitFacts[], runtime: string): string[] {
  return section(
    "Waiting: how late it ends, on a grid of 1 ms",
    grid([
      ["", "median", "p99", "largest", "waits"],
      ...waiting.map((one) => [
        nameOf(one, runtime),
        span(one.p50Ns),
        span(one.p99Ns),
        span(one.maxNs),
        String(one.count),
      ]),
    ], [1, 2, 3, 4]),
  );
}

function nameOf({ how, slackNs }: WaitFacts, runtime: string): string {
  if (how === "block") return `system call, timer slack ${span(slackNs)}`;
  return how === "spin" ? "spinning" : `setTimeout of ${runtime.split(" ")[0]}`;
}
