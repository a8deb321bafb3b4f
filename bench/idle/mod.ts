/**
 * What a responder costs that nobody asks anything: memory, and time on the processor.
 *
 * @module
 */
import { compile } from "../support/compiler.ts";
import { type Context, endHelpers, type Helper, pause, startHelper } from "../support/context.ts";
import { show } from "../support/numbers.ts";
import { cpuOfThreads, cpuSince, memory, sleeps } from "../support/proc.ts";
import { programs, startEach } from "../support/programs.ts";
import { printTable } from "../support/table.ts";

const SETTLE_MS = 2000;

/** Prints the table. All of them are idle at the same time. */
export async function benchIdle(context: Context): Promise<void> {
  const ms = context.quick ? 5000 : 10_000;
  const echo = compile(context, "reflector/echo");
  const { all, notes } = programs();
  const idle: [string, Helper][] = [];
  try {
    if (echo.path !== undefined) idle.push(["C echo loop", await startHelper([echo.path])]);
    const refusals = await startEach(all, async ({ title, command, env, transport }) => {
      idle.push([title, await startHelper([...command, "responder", "127.0.0.1:0", ...transport], env)]);
    });
    await pause(SETTLE_MS);
    const before = idle.map(([, { pid }]) => ({ ...memory(pid), cpu: cpuOfThreads(pid), sleeps: sleeps(pid) }));
    const from = performance.now();
    await pause(ms);
    const rows = idle.map(([name, { pid }], index) => {
      const { rss, pss, own, cpu, sleeps: slept } = before[index];
      const seconds = (performance.now() - from) / 1000;
      const busy = cpuSince(pid, cpu) / 1e6 / seconds;
      const wakes = Math.max(0, (sleeps(pid) - slept) / seconds); // less than before when a thread has ended
      return [name, show(rss), show(pss), show(own), show(busy), `${show(busy / 10)}%`, show(wakes)];
    });
    printTable(
      "Idle responder",
      [
        `Memory in MB (10^6 octets) ${SETTLE_MS / 1000} s after the start: resident, its share of pages that other`,
        `processes use too, and what it alone has written. Then, over ${ms / 1000} s, ms a second on a processor, all`,
        "threads, that as a share of one, and how often a second one of them went to sleep of itself.",
        ...notes,
        ...refusals,
      ],
      ["", "RSS", "PSS", "own", "CPU ms/s", "of a core", "sleeps/s"],
      rows,
    );
  } finally {
    await endHelpers(idle.map(([, helper]) => helper));
  }
}
