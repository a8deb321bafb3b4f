/**
 * The reflector's table of sessions, full: whether it holds what it says, in how much memory, and what a packet costs.
 *
 * @module
 */
import { ask, type Context, RUNTIMES, TITLES } from "../support/context.ts";
import { median, show, showCount } from "../support/numbers.ts";
import { printTable } from "../support/table.ts";
import type { Outcome } from "./worker.ts";

const FILE = "table/worker.ts";

/** Prints the table. */
export function benchTable(context: Context): void {
  const [counts, rounds, ms] = context.quick ? [[8192, 100_000], 1, 300] : [[8192, 100_000, 1_000_000], 3, 1000];
  const rows = RUNTIMES.flatMap((runtime) =>
    counts.map((sessions) => {
      const got = Array.from(
        { length: rounds },
        () => ask<Outcome>(context, runtime, FILE, [String(sessions), String(ms)]),
      );
      const of = (value: (outcome: Outcome) => number) => median(got.map(value));
      return [
        `${TITLES[runtime]}, ${showCount(sessions)}`,
        show(of(({ resident }) => resident) / 1e6),
        show(of(({ resident }) => resident) / sessions),
        ...[({ none }: Outcome) => none, ({ one }: Outcome) => one, ({ all }: Outcome) => all].map((value) =>
          show(of(value))
        ),
        showCount(Math.max(...got.map(({ evicted }) => evicted))),
      ];
    })
  );
  printTable(
    "A reflector with many sessions",
    [
      `As many sessions as the table has rows, each with its own address and port; medians of ${rounds} processes. MB and`,
      "octets a session: what the process grows by while they come. Nanoseconds a packet (reflect and stampTransmit):",
      "stateless, of one session alone, and of all in random order, which is mostly the wait for memory. evicted: sessions",
      "forgotten although they spoke.",
    ],
    ["", "MB", "octets", "stateless", "one", "all", "evicted"],
    rows,
  );
}
