/**
 * How many probes one core sends and has full statistics of: each way to run our sender, with each transport, to a C
 * loop that answers on the other core.
 *
 * @module
 */
import process from "node:process";
import { compile } from "../support/compiler.ts";
import { type Context, endHelpers, type Helper, runToEnd, startHelper } from "../support/context.ts";
import { median, show, showCount, spread } from "../support/numbers.ts";
import { pinned, pinning } from "../support/pin.ts";
import { cpuNanos, dropped } from "../support/proc.ts";
import { type Program, programs, startEach } from "../support/programs.ts";
import { printTable } from "../support/table.ts";

/** More often than any of them can, so that the schedule is no bound. */
const INTERVAL = "2us";
const TIMEOUT = "200ms";
const PATIENCE_MS = 10_000;
const SAMPLE_MS = 10;

/** What is read of `--output json`. */
interface Result {
  readonly durationNs: number;
  readonly packets: { readonly sent: number; readonly lost: number; readonly unfinished: number };
  readonly delayNs: { readonly roundtrip: { readonly p50: number } };
}

interface Row {
  readonly program: Program;
  readonly rates: number[];
  /** Microseconds a probe. */
  readonly cpu: number[];
  readonly trips: number[];
  sent: number;
  lost: number;
  /** Of the lost, what found the C loop's socket full. */
  atEcho: number;
}

/** Prints the table, or why there is none. */
export async function benchSender(context: Context): Promise<void> {
  const echo = compile(context, "reflector/echo");
  if (echo.path === undefined) return console.log(`\n## One core's probes: not measured: ${echo.why}.`);
  const { all, notes } = programs();
  const rows: Row[] = [];
  const helper = await startHelper([...pinned(0), echo.path, "stamps"]);
  const [count, ms, rounds] = context.quick ? [200_000, 2000, 2] : [1_000_000, 4000, 3];
  let refusals: readonly string[] = [];
  try {
    refusals = await startEach(all, async (program) => {
      await send(program, helper.port, 1, ms);
      rows.push({ program, rates: [], cpu: [], trips: [], sent: 0, lost: 0, atEcho: 0 });
    });
    for (let round = 0; round < rounds; round++) {
      for (const row of rows) await measure(row, helper, count, ms);
    }
  } finally {
    await endHelpers([helper]);
  }
  const plan = `-i ${INTERVAL} -c ${count} --packet-timeout ${TIMEOUT} --output json, interrupted after ${
    ms / 1000
  } s;`;
  printTable(
    "One core's probes",
    [
      plan,
      `medians of ${rounds} rounds in which all took turns. CPU: µs a probe, all threads, without what a run of one probe`,
      "takes; busy: its share of the time. Rtt: µs, median. Lost: of all rounds; at C: of these, what found the C loop's",
      `socket full; the others are lost at the sender's end. ${pinning()}`,
      ...notes,
      ...refusals,
    ],
    ["", "probes/s", "±", "CPU µs", "busy", "rtt", "sent", "lost", "at C"],
    rows.map(({ program, rates, cpu, trips, sent, lost, atEcho }) => [
      program.title,
      ...[show(median(rates)), spread(rates), show(median(cpu)), `${show(median(rates) * median(cpu) / 1e4)}%`],
      ...[show(median(trips)), showCount(sent), `${show(100 * lost / sent)}%`, `${show(100 * atEcho / sent)}%`],
    ]),
  );
}

async function measure(row: Row, { port }: Helper, count: number, ms: number): Promise<void> {
  const { program, rates, cpu, trips } = row;
  const before = dropped(port);
  const start = await send(program, port, 1, ms);
  const { result, nanos } = await send(program, port, count, ms);
  rates.push(result.packets.sent / result.durationNs * 1e9);
  cpu.push((nanos - start.nanos) / result.packets.sent / 1000);
  trips.push(result.delayNs.roundtrip.p50 / 1000);
  row.sent += result.packets.sent;
  row.lost += result.packets.lost;
  row.atEcho += dropped(port) - before;
}

/** A run, and its time on a processor: what was last seen of it before it ended. */
async function send(
  { title, command, env, transport }: Program,
  port: number,
  count: number,
  ms: number,
): Promise<{ result: Result; nanos: number }> {
  const plan = ["-i", INTERVAL, "-c", String(count), "--packet-timeout", TIMEOUT, "-q", "--output", "json"];
  const whole = [...pinned(1), ...command, "sender", `127.0.0.1:${port}`, ":0", ...transport, ...plan];
  let nanos = NaN;
  const timers: NodeJS.Timeout[] = [];
  const { status, stdout, stderr } = await runToEnd(whole, env, ms + PATIENCE_MS, (pid) => {
    timers.push(setInterval(() => nanos = Math.max(cpuNanos(pid) || 0, nanos || 0), SAMPLE_MS));
    timers.push(setTimeout(() => process.kill(pid, "SIGINT"), ms));
  });
  timers.forEach(clearTimeout);
  if (status !== 0) throw new Error(`${title}: the sender ended with ${status}: ${stderr.trim()}`);
  return { result: JSON.parse(stdout), nanos };
}
