/**
 * Where the nanoseconds of a packet are.
 *
 * @module
 */
import { ask, type Context, RUNTIMES, TITLES } from "../support/context.ts";
import { median, show } from "../support/numbers.ts";
import { printTable } from "../support/table.ts";

/** Prints the parts side by side. */
export function benchParts(context: Context): void {
  const turns = context.quick ? 1 : 3;
  const runs = RUNTIMES.map((): Record<string, number>[] => []);
  for (let turn = 0; turn < turns; turn++) {
    RUNTIMES.forEach((runtime, r) => runs[r].push(ask(context, runtime, "parts/worker.ts", [])));
  }
  const rows = Object.keys(runs[0][0]).map((name) => [
    name,
    ...runs.map((results) => show(median(results.map((result) => result[name])))),
  ]);
  const notes = ["Nanoseconds a call by mitata (p50), the call of an empty function (about 1) in it."];
  printTable("Parts of a packet's way", notes, ["", ...RUNTIMES.map((runtime) => `${TITLES[runtime]} ns`)], rows);
}
