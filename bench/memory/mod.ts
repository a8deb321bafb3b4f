/**
 * What a responder costs that nobody asks anything: memory, and time on the processor.
 *
 * @module
 */
import { join } from "node:path";
import { buildOurs } from "../support/build.ts";
import { compile } from "../support/compiler.ts";
import { type Context, endHelpers, type Helper, pause, ROOT, startHelper } from "../support/context.ts";
import { show } from "../support/numbers.ts";
import { cpuNanos, memory, sleeps } from "../support/proc.ts";
import { printTable } from "../support/table.ts";

const SETTLE_MS = 2000;

/** Prints the table. All of them are idle at the same time. */
export async function benchMemory(context: Context): Promise<void> {
  const ms = context.quick ? 2500 : 5000;
  const local = ["responder", "127.0.0.1:0"];
  const launcher = join(ROOT, "twampede");
  const echo = compile(context, "loopback/echo");
  const idle: [string, Helper][] = [];
  const start = async (name: string, command: string[], env = {}) => {
    idle.push([name, await startHelper(command, env)]);
  };
  try {
    if (echo.path !== undefined) await start("C echo loop", [echo.path]);
    await start("dist/twampede responder", [buildOurs(), ...local]);
    await start("./twampede responder, Bun", [launcher, ...local], { TWAMPEDE_RUNTIME: "bun" });
    await start("./twampede responder, Deno", [launcher, ...local], { TWAMPEDE_RUNTIME: "deno" });
    await pause(SETTLE_MS);
    const before = idle.map(([, { pid }]) => ({ ...memory(pid), cpu: cpuNanos(pid), sleeps: sleeps(pid) }));
    await pause(ms);
    const rows = idle.map(([name, { pid }], index) => {
      const { rss, pss, own, cpu, sleeps: slept } = before[index];
      const busy = (cpuNanos(pid) - cpu) / 1e6 / (ms / 1000);
      const wakes = (sleeps(pid) - slept) / (ms / 1000);
      return [name, show(rss), show(pss), show(own), show(busy), show(wakes)];
    });
    const notes = [
      `Memory in MB (10^6 octets) ${SETTLE_MS / 1000} s after the start: resident, its share of pages that other`,
      `processes use too, and what it alone has written. Then, over ${ms / 1000} s, ms a second on a processor, all`,
      "threads, and how often a second one of them went to sleep of itself.",
    ];
    printTable("Idle responder", notes, ["", "RSS", "PSS", "own", "CPU ms/s", "sleeps/s"], rows);
  } finally {
    await endHelpers(idle.map(([, helper]) => helper));
  }
}
