// Executables by `deno compile`. Bundled here, not by its --bundle: that writes the time of the build into the file.
import { readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../run.mjs";

const BUNDLE_MS = 300_000;
const MAIN = "twampede.mjs";
/** What threads are started from, as the sources and as the bundle call it. */
const WORKER = ["./responder_worker.ts", "./responder_worker.mjs"];

/**
 * All permissions, and no questions: one executable has one set, and some commands need all (cli/permissions.ts). Which
 * ones it does not need, each command gives back when it starts.
 */
export const DENO_PERMISSIONS = ["-A", "--no-prompt"];

/**
 * Bundles the sources in `from` into `folder`: the program and what its threads run. Returns null, or the reason why not.
 * Without a bundle `deno compile` embeds all of node_modules, the test runtimes too.
 */
export async function bundleForDeno({ exe, build, from, folder, env = {} }) {
  const outputs = [["cli/main.ts", MAIN], [join("cli", WORKER[0]), WORKER[1]]];
  for (const [source, name] of outputs) {
    const path = join(folder, name);
    const args = ["bundle", "-q", "--minify", "--platform", "deno", "-o", path, source];
    const { status, output } = await run(exe, args, { limitMs: BUNDLE_MS, cwd: from, env });
    if (status !== 0) return output.trim().split("\n").pop();
    // Deno has no --define: what Bun is told by a flag stands before the program.
    const known = `globalThis.TWAMPEDE_BUILD=${JSON.stringify(build)};\n`;
    writeFileSync(path, known + readFileSync(path, "utf8").replaceAll(`"${WORKER[0]}"`, `"${WORKER[1]}"`));
    // The files' times become part of the executable.
    const time = build.date === null ? 0 : Date.parse(build.date) / 1000;
    utimesSync(path, time, time);
  }
  return null;
}

/** Compiles what {@linkcode bundleForDeno} has put into `folder`. */
export function denoCommand(deno, { target, folder, part }) {
  const how = ["-q", "--no-check", "--no-config", "--unstable-net", "--include", join(folder, WORKER[1])];
  return [deno, ["compile", ...how, ...DENO_PERMISSIONS, "--target", target.deno, "-o", part, join(folder, MAIN)]];
}
