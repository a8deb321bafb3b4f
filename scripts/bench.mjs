// npm run bench [-- ARGUMENTS]: every benchmark under Deno, then under Bun, one at a time, so that none disturbs another.
import { spawnSync } from "node:child_process";
import { basename, join } from "node:path";
import process from "node:process";
import { filesBelow } from "./files.mjs";
import { childEnvironment } from "./run.mjs";
import { root, runtimes } from "./setup.mjs";

const { deno, bun } = await runtimes().catch((error) => {
  console.error(`bench: ${error.message}`);
  process.exit(1);
});
const UNDER = [
  ["Deno", deno, ["run", "-A", "-q", "--no-check", "--unstable-net", "--config", join(root, "deno.json")]],
  ["Bun", bun, ["--no-env-file", "--no-install"]],
];
const files = filesBelow(root, ["_bench.ts"], "bench");
if (files.length === 0) console.error("bench: there is no bench/*_bench.ts");
let failed = files.length === 0;

for (const [name, exe, flags] of UNDER) {
  const version = spawnSync(exe, ["--version"], { encoding: "utf8" }).stdout.split("\n")[0].replace(/^deno /, "");
  console.log(`\n# ${name} ${version}`);
  for (const file of files) {
    console.log(`\n## ${basename(file, "_bench.ts")}`);
    const args = [...flags, join(root, file), ...process.argv.slice(2)];
    const { status, signal } = spawnSync(exe, args, { cwd: root, env: childEnvironment(), stdio: "inherit" });
    if (status === 0) continue;
    console.error(`bench: ${file} under ${name} ended with ${signal ?? `status ${status}`}`);
    failed = true;
  }
}
process.exitCode = failed ? 1 : 0;
