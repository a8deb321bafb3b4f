/**
 * The executable that is measured, and an empty one made the same way.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { BUN_FLAGS } from "../../scripts/targets.mjs";
import { type Context, ENVIRONMENT, ROOT } from "./context.ts";

const EXE = process.platform === "win32" ? ".exe" : "";
/** What goes into the executable. */
const SOURCES = ["cli", "core", "outputs", "plugins"];

function newest(folder: string): number {
  return Math.max(
    0,
    ...readdirSync(folder, { withFileTypes: true }).map((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? newest(path) : statSync(path).mtimeMs;
    }),
  );
}

function run(exe: string, args: readonly string[]): void {
  const { status, stderr, stdout } = spawnSync(exe, args, { encoding: "utf8", env: ENVIRONMENT, cwd: ROOT });
  if (status !== 0) throw new Error(`${exe} ${args.join(" ")} ended with ${status}: ${stderr}${stdout}`);
}

/** dist/twampede, made anew if it is missing or older than a source. */
export function buildOurs(): string {
  const path = join(ROOT, "dist", `twampede${EXE}`);
  const made = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (made < Math.max(...SOURCES.map((folder) => newest(join(ROOT, folder))))) {
    run("npm", ["run", "--silent", "build"]);
  }
  return path;
}

/** An executable of the empty program `source`. */
export function buildEmpty(context: Context, source: string): string {
  const path = join(context.scratch, `empty${EXE}`);
  run(context.bun, ["build", ...BUN_FLAGS, `--outfile=${path}`, source]);
  return path;
}
