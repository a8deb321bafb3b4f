/**
 * Many sessions in one thread at either end, a socket each: what one costs beside others, and how late its probes leave.
 *
 * @module
 */
import {
  ask,
  type Context,
  endHelpers,
  pause,
  type RuntimeName,
  RUNTIMES,
  startBeside,
  TITLES,
} from "../support/context.ts";
import { median, show, showCount } from "../support/numbers.ts";
import { cpuNanos } from "../support/proc.ts";
import { printTable } from "../support/table.ts";
import type { Outcome } from "./worker.ts";

const FILE = "sessions/worker.ts";
const SETTLE_MS = 2000;

interface Row {
  readonly runtime: RuntimeName;
  readonly sessions: number;
  readonly outcomes: Outcome[];
  /** Of the reflector's process, milliseconds a second: while nobody asks, and meanwhile. */
  readonly idle: number[];
  readonly busy: number[];
}

/** Prints the table. */
export async function benchSessions(context: Context): Promise<void> {
  const [counts, probes, rounds] = context.quick ? [[1, 20], 300, 1] : [[1, 10, 100], 600, 3];
  const rows: Row[] = RUNTIMES.flatMap((runtime) =>
    counts.map((sessions) => ({ runtime, sessions, outcomes: [], idle: [], busy: [] }))
  );
  for (let round = 0; round < rounds; round++) for (const row of rows) await measure(context, row, probes);
  const us = (row: Row, of: (outcome: Outcome) => number) => show(median(row.outcomes.map(of)) / 1000);
  printTable(
    "Many sessions in one thread",
    [
      `A reflector with a socket for each session and a sender of the same runtime, ${probes} probes a session, one every`,
      `10 ms, the sessions' departures spread over it; medians of ${rounds} rounds in which all took turns. Residence, rtt`,
      "and how late probes left (against the grid of each session's best one, the last is the worst of all) in µs: median",
      "and p99. CPU in per cent of a processor, all threads: of the reflector that nobody asks yet, then of both.",
    ],
    [
      ...["", "sent", "lost", "resid.", "p99", "rtt", "p99", "late", "p99", "most"],
      ...["idle", "reflector", "sender"],
    ],
    rows.map((row) => [
      `${TITLES[row.runtime]}, ${row.sessions}`,
      showCount(row.outcomes.reduce((sum, { sent }) => sum + sent, 0)),
      showCount(row.outcomes.reduce((sum, { lost }) => sum + lost, 0)),
      ...[us(row, ({ residence }) => residence[0]), us(row, ({ residence }) => residence[1])],
      ...[us(row, ({ rtt }) => rtt[0]), us(row, ({ rtt }) => rtt[1])],
      ...[us(row, ({ late }) => late[0]), us(row, ({ late }) => late[1]), us(row, ({ late }) => late[2])],
      ...[row.idle, row.busy, row.outcomes.map(({ cpu }) => cpu)].map((cpu) => `${show(median(cpu) / 10)}%`),
    ]),
  );
}

async function measure(context: Context, row: Row, probes: number): Promise<void> {
  const reflector = await startBeside(context, row.runtime, FILE, ["reflector", String(row.sessions)]);
  const share = async (work: () => unknown) => {
    const [cpu, from] = [cpuNanos(reflector.pid), performance.now()];
    await work();
    return (cpuNanos(reflector.pid) - cpu) / 1e3 / (performance.now() - from);
  };
  try {
    await pause(SETTLE_MS);
    row.idle.push(await share(() => pause(SETTLE_MS)));
    const args = ["sender", row.sessions, reflector.port, probes].map(String);
    row.busy.push(await share(() => row.outcomes.push(ask<Outcome>(context, row.runtime, FILE, args))));
  } finally {
    await endHelpers([reflector]);
  }
}
