/**
 * Replies a second of a responder with one and with more threads, asked by several flooders at once: one flow stays with
 * one thread.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { buildOurs } from "../support/build.ts";
import { compile } from "../support/compiler.ts";
import { type Context, endHelpers, type Helper, ROOT, startHelper } from "../support/context.ts";
import { median, medianRatio, show, spread } from "../support/numbers.ts";
import { cpuNanos, memory } from "../support/proc.ts";
import { printTable } from "../support/table.ts";

const FLOWS = 8;
const IN_FLIGHT = 4;

interface Flood {
  readonly replies: number;
  readonly lost: number;
  readonly seconds: number;
}
interface Contender {
  readonly name: string;
  readonly helper: Helper;
  /** The one with a single thread of the same runtime. */
  readonly alone: Contender | undefined;
  readonly idle: number;
  readonly rates: number[];
  readonly cpu: number[];
  lost: number;
}

/** Prints the table. */
export async function benchWorkers(context: Context): Promise<void> {
  const flood = compile(context, "reflector/flood");
  const flooder = flood.path === undefined
    ? [context.bun, "--no-env-file", join(ROOT, "bench/reflector/flood.ts")]
    : [flood.path];
  const launcher = join(ROOT, "twampede");
  const runtimes: [string, string, Record<string, string>][] = [
    ["dist/twampede", buildOurs(), {}],
    ["Bun", launcher, { TWAMPEDE_RUNTIME: "bun" }],
    ["Deno", launcher, { TWAMPEDE_RUNTIME: "deno" }],
  ];
  const contenders: Contender[] = [];
  try {
    for (const [name, exe, env] of runtimes) {
      let alone: Contender | undefined;
      for (const workers of [1, 2]) {
        const helper = await startHelper([exe, "responder", "127.0.0.1:0", "--workers", String(workers)], env);
        const { rss: idle } = memory(helper.pid);
        const made = { name: `${name}, ${workers}`, helper, alone, idle, rates: [], cpu: [], lost: 0 };
        contenders.push(made);
        alone ??= made;
      }
    }
    const ms = context.quick ? 250 : 1000;
    for (const contender of contenders) await attack(flooder, contender, ms); // what is not compiled yet does not count
    for (const { rates, cpu } of contenders) rates.length = cpu.length = 0;
    for (let round = 0; round < (context.quick ? 4 : 6); round++) {
      for (const contender of contenders) await attack(flooder, contender, ms);
    }
    print(contenders, flood.path === undefined ? `Bun (${flood.why})` : "C");
  } finally {
    await endHelpers(contenders.map(({ helper }) => helper));
  }
}

async function attack(flooder: readonly string[], contender: Contender, ms: number): Promise<void> {
  const { helper, rates, cpu } = contender;
  const before = cpuNanos(helper.pid);
  const words = [String(helper.port), String(IN_FLIGHT), String(ms)];
  const floods = await Promise.all(Array.from({ length: FLOWS }, () => run([...flooder, ...words])));
  const replies = floods.reduce((sum, flood) => sum + flood.replies, 0);
  cpu.push((cpuNanos(helper.pid) - before) / replies / 1000);
  rates.push(floods.reduce((sum, flood) => sum + flood.replies / flood.seconds, 0));
  contender.lost += floods.reduce((sum, flood) => sum + flood.lost, 0);
}

function run([exe, ...args]: readonly string[]): Promise<Flood> {
  const child = spawn(exe, args, { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  child.stdout.on("data", (text) => said += text);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => said === "" ? reject(new Error("the flooder failed")) : resolve(JSON.parse(said)));
  });
}

function print(contenders: readonly Contender[], flooder: string): void {
  const rows = contenders.map(({ name, helper, alone, idle, rates, cpu, lost }) => [
    name,
    show(median(rates)),
    spread(rates),
    alone === undefined ? "-" : show(medianRatio(rates, alone.rates)),
    show(median(cpu)),
    String(lost),
    show(idle),
    show(memory(helper.pid).rss),
  ]);
  const notes = [
    `41 octets, stateful, ${FLOWS} flooders in ${flooder} with ${IN_FLIGHT} in flight each, which share the processors with the`,
    `responder: there are ${availableParallelism()}, so that a second thread takes from the flooders what it gains. RSS in MB, before`,
    "and after.",
  ];
  printTable("Threads of a responder", notes, [
    "threads",
    "replies/s",
    "±",
    "/ 1",
    "CPU µs",
    "lost",
    "RSS",
    "after",
  ], rows);
}
