/**
 * Control connections a second: the machines alone, and the server over TCP on loopback; open and encrypted, and how much
 * of that is crypto. What a sealed packet costs is in the benchmark of packets.
 *
 * @module
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ask, type Context, RUNTIMES, startHelper, TITLES } from "../support/context.ts";
import { median, show, spread } from "../support/numbers.ts";
import { programs } from "../support/programs.ts";
import { printTable } from "../support/table.ts";
import type { Alone } from "./alone.ts";
import type { Connected } from "./connect.ts";

const MODES = ["open", "encrypted"] as const;
/** What a server asks for by default. */
const ITERATIONS = 2048;
/** Clients at once: more than the processors that derive keys. */
const CLIENTS = 8;

/** Prints both tables. */
export async function benchControl(context: Context): Promise<void> {
  const turns = context.quick ? 1 : 3;
  const alone = RUNTIMES.flatMap((runtime) =>
    MODES.map((mode) => {
      const runs = Array.from(
        { length: turns },
        () => ask<Alone>(context, runtime, "control/alone.ts", [mode, String(ITERATIONS)]),
      );
      const [total, derive, rest] = (["total", "derive", "seal"] as const).map((of) =>
        median(runs.map((run) => run[of]))
      );
      const percent = (part: number) => `${Math.round(100 * part / total)} %`;
      return [TITLES[runtime], mode, show(1e9 / total), show(total / 1000), percent(derive), percent(rest)];
    })
  );
  printTable(
    "Control: both machines in one thread",
    [
      "A conversation is a set-up, a session requested, started and stopped. Two keys are derived in it from a passphrase",
      `(PBKDF2, ${ITERATIONS} iterations each), and both streams are encrypted and authenticated. Median of ${turns}.`,
    ],
    ["", "mode", "conversations/s", "µs each", "deriving keys", "other crypto"],
    alone,
  );

  const keys = join(context.scratch, "keys");
  writeFileSync(keys, "alice foobar\n", { mode: 0o600 });
  const rows: string[][] = [];
  const ways = programs().all.filter(({ title }) => title.startsWith("ffi"));
  for (const { title, command, env } of ways) {
    const server = await startHelper(
      [...command, "server", "127.0.0.1", "--control-port", "0", "--key-file", keys],
      env,
    );
    for (const mode of MODES) {
      const runs = Array.from(
        { length: turns },
        () => ask<Connected>(context, "deno", "control/connect.ts", [String(server.port), mode, keys, String(CLIENTS)]),
      );
      const rates = runs.map((run) => run.perSecond);
      rows.push([title, mode, show(median(rates)), spread(rates), show(median(runs.map((run) => run.p50)) / 1e6)]);
    }
    server.child.kill("SIGKILL");
  }
  printTable(
    "Control: server over TCP on loopback",
    [`${CLIENTS} clients at once (Deno), each connecting, measuring nothing, stopping and closing. Every session has a socket.`],
    ["server", "mode", "conversations/s", "±", "ms each (p50)"],
    rows,
  );
}
