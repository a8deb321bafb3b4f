// npm run bench [-- quick] [NAME…]: bench/main.ts, told where the two runtimes are. It runs under Bun, whose way of
// starting processes costs least; what is measured runs in processes of its own under each runtime.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { childEnvironment } from "./run.mjs";
import { root, runtimes } from "./setup.mjs";

const { deno, bun } = await runtimes().catch((error) => {
  console.error(`bench: ${error.message}`);
  process.exit(1);
});
const args = ["--no-env-file", "--no-install", join(root, "bench", "main.ts"), ...process.argv.slice(2)];
const env = childEnvironment({ BENCH_DENO: deno, BENCH_BUN: bun });
const { status, signal } = spawnSync(bun, args, { cwd: root, env, stdio: "inherit" });
if (status === null) console.error(`bench: ended with ${signal}`);
process.exitCode = status ?? 1;
