/**
 * The program as people run it: from the checkout under either runtime, and as the executable; each with every transport
 * that it says it has here.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { buildOurs } from "./build.ts";
import { ENVIRONMENT, ROOT } from "./context.ts";

/** A way to run the program, with one transport. */
export interface Program {
  /** "ffi on Deno" */
  readonly title: string;
  /** Without `--transport`; a command of the program goes behind it. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly transport: readonly string[];
  /** It takes `--precise`. */
  readonly precise: boolean;
}

/** What the tables are about, so that one who misses its row is told. */
const EXPECTED = "ffi";

/** All of them, and a line about what is not there. */
export function programs(): { readonly all: readonly Program[]; readonly notes: readonly string[] } {
  const launcher = [join(ROOT, "twampede")];
  const ways = [
    { name: "Deno", command: launcher, env: { TWAMPEDE_RUNTIME: "deno" } },
    { name: "Bun", command: launcher, env: { TWAMPEDE_RUNTIME: "bun" } },
    { name: "executable", command: [buildOurs()], env: {} },
  ];
  const all: Program[] = [];
  const without: string[] = [];
  for (const { name, command, env } of ways) {
    const says = (words: string[]) => {
      const [exe, ...args] = [...command, ...words];
      const { status, stdout, stderr } = spawnSync(exe, args, { encoding: "utf8", env: { ...ENVIRONMENT, ...env } });
      if (status !== 0) throw new Error(`${name}: twampede ${words.join(" ")} ended with ${status}: ${stderr}`);
      return stdout;
    };
    const precise = says(["sender", "--help"]).includes("--precise");
    const names = readTransports(says(["plugins"]));
    if (!names.includes(EXPECTED)) without.push(name);
    for (const one of names) {
      // The sockets of the runtimes cannot, and would be refused with it.
      all.push({
        title: `${one} on ${name}`,
        command,
        env,
        transport: ["--transport", one],
        precise: precise && one === EXPECTED,
      });
    }
  }
  const missing = without.length === 0 ? [] : [`The ${EXPECTED} transport is not there: ${without.join(", ")}.`];
  return { all, notes: missing };
}

/** Starts each by `start`; says of those that did not why, so that one refusal does not take the others' rows along. */
export async function startEach(
  all: readonly Program[],
  start: (program: Program) => Promise<void>,
): Promise<readonly string[]> {
  const refusals: string[] = [];
  for (const program of all) {
    await start(program).catch((error: Error) => {
      refusals.push(`${program.title} is not there: ${error.message.trim().split("\n").at(-1)}`);
    });
  }
  return refusals;
}

/** The names under "Transports" in the output of `plugins`, those left out that say they are not for here. */
function readTransports(text: string): string[] {
  const [, section = ""] = text.split(/^Transports.*\n/m);
  const [body] = section.split(/^\S/m);
  return [...body.matchAll(/^ {2}(\w+) (.*)$/gm)].filter(([, , what]) => !what.includes("[not ")).map(([, name]) =>
    name
  );
}
