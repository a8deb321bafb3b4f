/**
 * All benchmarks, one after another, so that none disturbs the next. Arguments: `quick`, and names of benchmarks.
 *
 * The two runtimes are given in the environment by scripts/bench.mjs. This conductor only starts others and waits; what
 * is measured runs in processes of its own under each runtime.
 *
 * @module
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { benchControl } from "./control/mod.ts";
import { benchIdle } from "./idle/mod.ts";
import { benchPackets } from "./packets/mod.ts";
import { benchParts } from "./parts/mod.ts";
import { benchReflector } from "./reflector/mod.ts";
import { benchSender } from "./sender/mod.ts";
import { benchSessions } from "./sessions/mod.ts";
import { benchSimulation } from "./simulation/mod.ts";
import { benchStart } from "./start/mod.ts";
import type { Context } from "./support/context.ts";
import { printFacts } from "./support/facts.ts";
import { benchTable } from "./table/mod.ts";
import { benchWire } from "./wire/mod.ts";
import { benchWorkers } from "./workers/mod.ts";

/** In the order in which they run. */
const BENCHMARKS: Readonly<Record<string, (context: Context) => void | Promise<void>>> = {
  wire: benchWire,
  packets: benchPackets,
  parts: benchParts,
  reflector: benchReflector,
  sender: benchSender,
  workers: benchWorkers,
  sessions: benchSessions,
  table: benchTable,
  control: benchControl,
  start: benchStart,
  idle: benchIdle,
  simulation: benchSimulation,
};

const words = process.argv.slice(2);
const wanted = words.filter((word) => word !== "quick");
const unknown = wanted.find((word) => !Object.hasOwn(BENCHMARKS, word));
const { BENCH_DENO: deno, BENCH_BUN: bun } = process.env;
if (unknown !== undefined || deno === undefined || bun === undefined) {
  const names = ["quick", ...Object.keys(BENCHMARKS)].join(", ");
  console.error(unknown === undefined ? "bench: run it by npm run bench" : `bench: ${unknown} is none of ${names}`);
  process.exit(2);
}

const scratch = mkdtempSync(join(tmpdir(), "twampede-bench-"));
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(130));

const context: Context = { deno, bun, quick: words.includes("quick"), scratch };
const took: string[] = [];
printFacts(context);
for (const [name, bench] of Object.entries(BENCHMARKS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const from = performance.now();
  try {
    await bench(context);
  } catch (error) {
    console.error(`\nbench: ${name} failed: ${(error as Error).message}`);
    process.exitCode = 1;
  }
  took.push(`${name} ${((performance.now() - from) / 1000).toFixed(0)} s`);
}
console.log(`\ntook: ${took.join(", ")}`);
