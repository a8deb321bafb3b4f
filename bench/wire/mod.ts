/**
 * How true the numbers are: what the program reports of each probe, against captures at both ends of a cable between
 * two network namespaces. And how punctually probes leave.
 *
 * @module
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { compile } from "../support/compiler.ts";
import type { Context } from "../support/context.ts";
import { median, quantile, show } from "../support/numbers.ts";
import { type Program, programs } from "../support/programs.ts";
import { printTable } from "../support/table.ts";
import { type Network, openNetwork } from "./network.ts";
import { floor, full, type Maker, ours, type Plan, type Run, runOnce, stamp } from "./run.ts";
import { compare, type Comparison, lateness, newComparison } from "./truth.ts";

const GRID_MS = 1;
/** Probes of a run in full TWAMP, and of one with Follow-Up Telemetry. */
const FULL_COUNT = 300;

interface Row {
  readonly maker: Maker;
  readonly comparison: Comparison;
  /** Nanoseconds, of the grid; with `--precise` only where that is an option. */
  readonly late: number[];
  readonly latePrecise: number[];
  /** Why there are no numbers. */
  refusal: string;
}

function newRow(maker: Maker): Row {
  return { maker, comparison: newComparison(), late: [], latePrecise: [], refusal: "" };
}

/** Prints the tables, or the line that says why there are none. */
export async function benchWire(context: Context): Promise<void> {
  const capture = compile(context, "wire/capture");
  if (capture.path === undefined) return console.log(`\n## Wire: not measured: ${capture.why}.`);
  const { all, notes } = programs();
  const c = compile(context, "wire/floor");
  const rows = [...(c.path === undefined ? [] : [floor(c.path)]), ...all.map(ours)].map(newRow);
  const others = fullRows(context, all);
  const late = all.filter(isBest).flatMap((
    one,
  ) => [stamp(one, "T3 as sent", []), stamp(one, "Follow-Up", ["follow-up"])])
    .map(newRow);
  let network: Network;
  try {
    network = await openNetwork();
  } catch (error) {
    return console.log(`\n## Wire: not measured, no network namespaces here: ${(error as Error).message}`);
  }
  try {
    await measure(context, network, capture.path, rows);
    await measureLong(context, network, capture.path, late);
    await measureLong(context, network, capture.path, others);
  } finally {
    await network.close();
  }
  const refusals = [...rows, ...late, ...others].filter(({ refusal }) => refusal !== "").map(({ maker, refusal }) =>
    `${maker.title}: ${refusal}`
  );
  print(context, rows.filter(({ refusal }) => refusal === ""), [...notes, ...refusals]);
  printLate(context, late.filter(({ refusal }) => refusal === ""));
  printFull(context, others.filter(({ refusal }) => refusal === ""));
}

/** The transport that stamps best. */
const isBest = ({ title }: Program) => title.startsWith("ffi");

/** Full TWAMP in each mode, by the transport that stamps best. */
function fullRows(context: Context, all: readonly Program[]): Row[] {
  const keys = join(context.scratch, "keys");
  writeFileSync(keys, "wire hex:000102030405060708090a0b0c0d0e0f\n", { mode: 0o600 });
  const makers = ["open", "authenticated", "encrypted"].flatMap((mode) =>
    all.filter(isBest).map((program) => full(program, mode, keys))
  );
  return makers.map(newRow);
}

/** Runs of so many probes, in turns. */
async function measureLong(context: Context, network: Network, capture: string, rows: readonly Row[]): Promise<void> {
  for (let round = 0; round < (context.quick ? 1 : 2); round++) {
    for (const row of rows) {
      if (row.refusal !== "") continue;
      try {
        const plan: Plan = { intervalMs: 10, count: FULL_COUNT, precise: false };
        const { near, far, ndjson } = await runOnce(context, network, capture, row.maker, plan);
        if (
          row.maker.isSealed && [near, far].some(({ probes, replies }) => probes.size + replies.size < 2 * plan.count)
        ) {
          throw new Error("not all was captured, and sealed packets are told apart by their order");
        }
        compare(row.comparison, near, far, ndjson);
      } catch (error) {
        row.refusal = (error as Error).message.split("\n")[0];
      }
    }
  }
}

/** All take turns; what is shown is of all rounds together. */
async function measure(context: Context, network: Network, capture: string, rows: readonly Row[]): Promise<void> {
  const truth: Plan = { intervalMs: 10, count: context.quick ? 100 : 150, precise: false };
  const grid: Plan = { intervalMs: GRID_MS, count: 1000, precise: false };
  for (let round = 0; round < (context.quick ? 1 : 2); round++) {
    for (const row of rows) {
      if (row.refusal !== "") continue;
      const go = (plan: Plan): Promise<Run> => runOnce(context, network, capture, row.maker, plan);
      try {
        const { near, far, ndjson } = await go(truth);
        compare(row.comparison, near, far, ndjson);
        row.late.push(...lateness((await go(grid)).near, GRID_MS * 1e6));
        if (!row.maker.precise) continue;
        row.latePrecise.push(...lateness((await go({ ...grid, precise: true })).near, GRID_MS * 1e6));
      } catch (error) {
        row.refusal = (error as Error).message.split("\n")[0];
      }
    }
  }
}

/** A nanosecond is what a stamp's fraction rounds by; it shall not show as -0.00. */
const micros = (nanos: number) => show(Math.round(nanos / 10) / 100 + 0);

function print(context: Context, rows: readonly Row[], notes: readonly string[]): void {
  printTable(
    "Truth of a round trip",
    [
      "Microseconds. Error: the rtt of a probe's line less what captures at both ends of a veth pair say; its absolute",
      "value, then the median with its sign. True: that round trip, without the time in the reflector, and that time.",
      `${
        context.quick ? "100" : "Twice 150"
      } probes, 10 ms apart. C: kernel stamps but for T3. Missing: replies captured, but not reported.`,
      ...notes,
    ],
    ["", "T1/T4", "error p50", "p99", "max", "signed p50", "true rtt p50", "residence p50", "probes", "missing"],
    rows.map(({ maker, comparison: { source, errors, trips, residences, missing } }) => {
      const sizes = errors.map(Math.abs);
      const of = [median(sizes), quantile(sizes, 0.99), quantile(sizes, 1), median(errors), median(trips)];
      const numbers = [...of, median(residences)].map(micros);
      return [maker.title, source, ...numbers, String(errors.length), String(missing)];
    }),
  );
  printTable(
    "Truth of each stamp",
    ["Microseconds from the capture to the stamp, median and p99 of the absolute value."],
    ["", ...[1, 2, 3, 4].flatMap((n) => [`T${n}`, "p99"])],
    rows.map(({ maker, comparison: { stamps } }) => [
      maker.title,
      ...stamps.flatMap((of) => [median(of), quantile(of.map(Math.abs), 0.99)]).map(micros),
    ]),
  );
  printTable(
    "Punctual departures",
    [
      `Microseconds that captured probes left after a grid of ${GRID_MS} ms, which starts so that the earliest is on time.`,
      ...(rows.some(({ maker }) => maker.precise) ? [] : ["--precise is not there."]),
    ],
    ["", "late p50", "p99", "max", "--precise p50", "p99", "max", "probes"],
    rows.map(({ maker, late, latePrecise }) => {
      const of = [late, latePrecise].flatMap((all) => [median(all), quantile(all, 0.99), quantile(all, 1)]);
      return [maker.title, ...of.map(micros), String(late.length)];
    }),
  );
}

function printLate(context: Context, rows: readonly Row[]): void {
  printTable(
    "Truth with Follow-Up Telemetry",
    [
      "Microseconds, as above, over STAMP: once with the T3 that a reply carries, once with the one that the next reply",
      "tells (RFC 8972 section 4.7). T3: as the result has it, then from the capture of a reply to its T3.",
      `${
        context.quick ? FULL_COUNT : `Twice ${FULL_COUNT}`
      } probes, 10 ms apart, the last with the T3 that it carries.`,
    ],
    ["", "T1/T4", "T3", "error p50", "p99", "max", "signed p50", "T3 p50", "p1", "max", "probes", "missing"],
    rows.map(({ maker, comparison: { source, t3: from, errors, stamps: [, , t3], missing } }) => {
      const sizes = errors.map(Math.abs);
      const of = [median(sizes), quantile(sizes, 0.99), quantile(sizes, 1), median(errors)];
      const numbers = [...of, median(t3), quantile(t3, 0.01), quantile(t3, 1)].map(micros);
      return [maker.title, source, from ?? "not told", ...numbers, String(errors.length), String(missing)];
    }),
  );
}

function printFull(context: Context, rows: readonly Row[]): void {
  printTable(
    "Truth of full TWAMP",
    [
      "Microseconds, as above; T3: from the capture of a reply to its T3; more than 0 would be a reply that left before it.",
      `${context.quick ? FULL_COUNT : `Twice ${FULL_COUNT}`} probes, 10 ms apart.`,
    ],
    ["", "error p50", "p99", "max", "signed p50", "T3 p50", "p1", "max", "true rtt p50", "residence p50", "probes"],
    rows.map(({ maker, comparison: { errors, trips, residences, stamps: [, , t3] } }) => {
      const sizes = errors.map(Math.abs);
      const of = [median(sizes), quantile(sizes, 0.99), quantile(sizes, 1), median(errors)];
      const departures = [median(t3), quantile(t3, 0.01), quantile(t3, 1)];
      const numbers = [...of, ...departures, median(trips), median(residences)].map(micros);
      return [maker.title, ...numbers, String(errors.length)];
    }),
  );
}
