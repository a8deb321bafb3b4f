/**
 * The machine that the numbers are of.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import os from "node:os";
import { readFileSync } from "node:fs";
import { compilerVersion } from "./compiler.ts";
import type { Context } from "./context.ts";

function firstLine(command: string, args: readonly string[]): string {
  return (spawnSync(command, args, { encoding: "utf8" }).stdout ?? "").split("\n")[0].trim();
}

function governor(): string {
  try {
    return readFileSync("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "utf8").trim();
  } catch {
    return "not known";
  }
}

/** Prints them. */
export function printFacts(context: Context): void {
  const [cpu] = os.cpus();
  const facts: [string, string][] = [
    [
      "machine",
      `${os.cpus().length} cores, ${cpu?.model ?? "unknown processor"}, ${os.arch()}, governor ${governor()}`,
    ],
    ["memory", `${Math.round(os.totalmem() / 1e6).toLocaleString("en-US")} MB`],
    ["kernel", `${os.type()} ${os.release()}`],
    ["runtimes", `${firstLine(context.deno, ["--version"])}; bun ${firstLine(context.bun, ["--version"])}`],
    ["compiler", compilerVersion() ?? "none: no comparison with C, and the slower flooder"],
    ["busy", `load average ${os.loadavg().map((load) => load.toFixed(2)).join(" ")} before the first benchmark`],
  ];
  const width = Math.max(...facts.map(([name]) => name.length));
  for (const [name, value] of facts) console.log(`${name.padEnd(width)}  ${value}`);
}
