/**
 * Replies a second over loopback through the real drivers, each transport against a plain C echo loop in the same run.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { compile } from "../support/compiler.ts";
import {
  type Context,
  endHelpers,
  type Helper,
  ROOT,
  type RuntimeName,
  startHelper,
  startOurs,
} from "../support/context.ts";
import { median, medianRatio, show, spread } from "../support/numbers.ts";
import { cpuNanos, memory } from "../support/proc.ts";
import { printTable } from "../support/table.ts";

/** Transport and the runtimes that have it. */
const OURS: readonly [string, RuntimeName][] = [["deno", "deno"], ["node", "deno"], ["bun", "bun"], ["node", "bun"]];
const IN_FLIGHT = 32;

interface Flood {
  readonly replies: number;
  readonly lost: number;
  readonly seconds: number;
}
interface Contender {
  readonly name: string;
  readonly helper: Helper;
  readonly rates: number[];
  readonly cpu: number[];
  /** With one probe in flight: a round trip's microseconds. */
  readonly alone: number[];
  lost: number;
}

/** Prints the table; without a compiler without the comparison, and says so. */
export async function benchLoopback(context: Context): Promise<void> {
  const [echo, flood] = [compile(context, "loopback/echo"), compile(context, "loopback/flood")];
  const flooder = flood.path === undefined
    ? [context.bun, "--no-env-file", join(ROOT, "bench/loopback/flood.ts")]
    : [flood.path];
  const contenders: Contender[] = [];
  const add = (name: string, helper: Helper) =>
    contenders.push({ name, helper, rates: [], cpu: [], alone: [], lost: 0 });
  try {
    if (echo.path !== undefined) add("C, recvmmsg", await startHelper([echo.path]));
    for (const [transport, runtime] of OURS) {
      const helper = await startOurs(context, runtime, "loopback/responder.ts", [transport]);
      add(`${transport} on ${runtime === "deno" ? "Deno" : "Bun"}`, helper);
    }
    const ms = context.quick ? 250 : 1000;
    for (const contender of contenders) attack(flooder, contender, ms); // what is not compiled yet does not count
    for (const { rates, cpu, alone } of contenders) rates.length = cpu.length = alone.length = 0;
    for (let round = 0; round < (context.quick ? 4 : 6); round++) {
      for (const contender of contenders) attack(flooder, contender, ms);
    }
    print(contenders, flood.path === undefined ? `Bun (${flood.why})` : "C", echo.why);
  } finally {
    await endHelpers(contenders.map(({ helper }) => helper));
  }
}

function attack([exe, ...args]: readonly string[], contender: Contender, ms: number): void {
  const { helper, rates, cpu, alone } = contender;
  const run = (inFlight: number, time: number): Flood => {
    const words = [...args, String(helper.port), String(inFlight), String(time)];
    const { stdout, stderr } = spawnSync(exe, words, { encoding: "utf8", timeout: time + 20_000 });
    if (stdout === "") throw new Error(`the flooder failed: ${stderr}`);
    return JSON.parse(stdout);
  };
  const before = cpuNanos(helper.pid);
  const many = run(IN_FLIGHT, ms);
  cpu.push((cpuNanos(helper.pid) - before) / many.replies / 1000);
  rates.push(many.replies / many.seconds);
  const one = run(1, Math.round(ms / 4));
  alone.push(one.seconds / one.replies * 1e6);
  contender.lost += many.lost + one.lost;
}

function print(contenders: readonly Contender[], flooder: string, whyNoEcho: string): void {
  const c = whyNoEcho === "" ? contenders[0] : undefined;
  const rows = contenders.map((contender) => [
    contender.name,
    show(median(contender.rates)),
    spread(contender.rates),
    c === undefined ? "-" : show(medianRatio(contender.rates, c.rates)),
    show(median(contender.cpu)),
    c === undefined ? "-" : show(medianRatio(contender.cpu, c.cpu)),
    show(median(contender.alone)),
    String(contender.lost),
    show(memory(contender.helper.pid).rss),
  ]);
  const notes = [
    `41 octets, stateful, ${IN_FLIGHT} in flight; medians of ${contenders[0].rates.length} rounds in which all took`,
    `turns. The flooder is in ${flooder}, the same for all, and shares the processors: CPU is what a reply costs whoever`,
    "else is busy. Alone: one probe in flight, a whole round trip, the flooder's half in it. RSS: in MB, at the end.",
    ...(whyNoEcho === "" ? [] : [`The C echo loop is left out: ${whyNoEcho}.`]),
  ];
  const heads = ["transport", "replies/s", "±", "/ C", "CPU µs", "/ C", "alone µs", "lost", "RSS MB"];
  printTable("Over loopback", notes, heads, rows);
}
