/**
 * How long a start takes that does nothing: ours, and that of nothing at all, made and started the same way.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { type Context, ENVIRONMENT, ROOT } from "../support/context.ts";
import { buildEmpty, buildOurs } from "../support/build.ts";
import { median, quantile, show, spread } from "../support/numbers.ts";
import { printTable } from "../support/table.ts";

interface Start {
  readonly name: string;
  readonly command: readonly string[];
  /** Whose time is the least that this one can have. */
  readonly base?: string;
  readonly env?: Record<string, string>;
}

const EMPTY = "compiled, empty";

function starts(context: Context): Start[] {
  const empty = join(context.scratch, "empty.ts");
  writeFileSync(empty, "");
  const executable = buildOurs();
  const launcher = join(ROOT, process.platform === "win32" ? "twampede.cmd" : "twampede");
  const config = join(ROOT, "deno.json");
  return [
    { name: "/bin/true", command: ["/bin/true"] },
    { name: EMPTY, command: [buildEmpty(context, empty)] },
    { name: "dist/twampede version", command: [executable, "version"], base: EMPTY },
    { name: "dist/twampede help", command: [executable, "help"], base: EMPTY },
    { name: "bun, empty file", command: [context.bun, "--no-env-file", "--no-install", empty] },
    {
      name: "./twampede version, Bun",
      command: [launcher, "version"],
      base: "bun, empty file",
      env: { TWAMPEDE_RUNTIME: "bun" },
    },
    {
      name: "deno run, empty file",
      command: [context.deno, "run", "-A", "-q", "--unstable-net", "--config", config, empty],
    },
    {
      name: "./twampede version, Deno",
      command: [launcher, "version"],
      base: "deno run, empty file",
      env: { TWAMPEDE_RUNTIME: "deno" },
    },
  ];
}

/** Prints the table. */
export function benchStart(context: Context): void {
  const all = starts(context);
  const rounds = context.quick ? 20 : 40;
  const times = all.map((): number[] => []);
  for (let round = -2; round < rounds; round++) {
    all.forEach((start, index) => {
      const ms = timeOf(start);
      if (round >= 0) times[index].push(ms);
    });
  }
  const rows = all.map(({ name, base }, index) => {
    const bare = times[all.findIndex((other) => other.name === base)];
    const more = bare === undefined ? NaN : median(times[index].map((ms, round) => ms - bare[round]));
    return [name, show(median(times[index])), spread(times[index]), show(quantile(times[index], 0)), show(more)];
  });
  const notes = [
    `Milliseconds from spawn to exit, median of ${rounds} rounds in which all took turns. More: than the empty program`,
    "above it, in the same round. What starting any process costs here is in /bin/true.",
  ];
  printTable("Start", notes, ["", "ms", "±", "least", "more"], rows);
}

function timeOf({ name, command, env }: Start): number {
  const [exe, ...args] = command;
  const from = performance.now();
  const { status } = spawnSync(exe, args, { stdio: "ignore", env: { ...ENVIRONMENT, ...env }, cwd: ROOT });
  const ms = performance.now() - from;
  if (status !== 0) throw new Error(`${name} ended with ${status}`);
  return ms;
}
