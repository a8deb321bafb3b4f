/**
 * Sender, network and reflector in one process and in virtual time: how much of a long run a test can afford, and
 * whether memory grows with it.
 *
 * @module
 */
import { ask, type Context, RUNTIMES, TITLES } from "../support/context.ts";
import { median, show, spread } from "../support/numbers.ts";
import { printTable } from "../support/table.ts";

interface Run {
  readonly perSecond: number;
  readonly grown: number;
  readonly virtual: number;
  readonly lost: number;
  readonly sent: number;
}

/** Prints the table. */
export function benchSimulation(context: Context): void {
  const count = 1_000_000;
  const turns = context.quick ? 1 : 3;
  const runs = RUNTIMES.map((): Run[] => []);
  for (let turn = 0; turn < turns; turn++) {
    RUNTIMES.forEach((runtime, r) => {
      const flags = runtime === "deno" ? ["--v8-flags=--expose-gc"] : [];
      runs[r].push(ask<Run>(context, runtime, "simulation/worker.ts", [String(count)], flags));
    });
  }
  const rows = RUNTIMES.map((runtime, r) => {
    const rates = runs[r].map((run) => run.perSecond);
    const { virtual, lost } = runs[r][0];
    const grown = show(median(runs[r].map((run) => run.grown)) / 1000);
    return [TITLES[runtime], show(median(rates)), spread(rates), show(virtual), show(lost), grown];
  });
  const notes = [
    `${show(count)} probes at 10,000 a second of virtual time, 1% lost, delays of 2 to 3 ms each way; the simulated`,
    `network allocates, the machines do not. Median of ${turns}. Growth of the live heap from the first tenth to the end.`,
  ];
  printTable("Simulated run", notes, ["", "probes/s", "±", "virtual s", "lost", "heap growth KB"], rows);
}
