/**
 * The system's C compiler, where there is one: what C needs for the same work is the bound that the tables name.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { basename, join } from "node:path";
import { type Context, ROOT } from "./context.ts";

const COMPILER = "cc";

/** Its first line about itself; undefined if there is none. */
export function compilerVersion(): string | undefined {
  const { status, stdout } = spawnSync(COMPILER, ["--version"], { encoding: "utf8" });
  return status === 0 ? stdout.split("\n")[0] : undefined;
}

/** Compiles `bench/<name>.c`; the program's path, or why there is none. */
export function compile(context: Context, name: string): { path?: string; why: string } {
  if (compilerVersion() === undefined) return { why: "there is no C compiler (cc)" };
  const path = join(context.scratch, basename(name));
  const { status, stderr } = spawnSync(COMPILER, ["-O2", "-o", path, join(ROOT, "bench", `${name}.c`)], {
    encoding: "utf8",
  });
  return status === 0 ? { path, why: "" } : { why: `cc refuses bench/${name}.c: ${stderr.split("\n")[0]}` };
}
