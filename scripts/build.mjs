// npm run build [-- --all | --target NAME] [--runtime bun|deno]: executables in dist/ that need nothing installed.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { run } from "./run.mjs";
import { root, runtimes } from "./setup.mjs";
import { BUN_FLAGS, BUN_TARGETS, DENO_TARGETS } from "./targets.mjs";

const dist = join(root, "dist");
const entry = join(root, "cli", "main.ts");
/** What threads are started from. Nothing imports these: Bun has to be told, Deno finds them where they are started. */
const threads = [join(root, "cli", "responder_worker.ts")];

// Bundled, because without it all of node_modules, the test runtimes too, would be put into the file.
const DENO_FLAGS = ["-A", "-q", "--no-check", "--unstable-net", "--bundle", "--minify"];

function bunCommand(bun, target, file) {
  const cross = target ? [`--target=${target}`] : [];
  return [bun, ["build", ...BUN_FLAGS, ...cross, `--outfile=${file}`, entry, ...threads]];
}

function denoCommand(deno, target, file) {
  const cross = target ? ["--target", target] : [];
  return [deno, ["compile", ...DENO_FLAGS, ...cross, "-o", file, entry]];
}

/** One file; null when it is there, else the reason why not in one line. */
async function build(runtime, exe, target, file) {
  // Beside the place it goes to, so that nobody finds half a file, and a running one is replaced, not overwritten.
  const part = join(dist, `.part-${basename(file)}`);
  const [command, args] = runtime === "bun" ? bunCommand(exe, target, part) : denoCommand(exe, target, part);
  const { status, output } = await run(command, args, { limitMs: 600_000 });
  if (status === 0) {
    renameSync(part, file);
    return null;
  }
  rmSync(part, { force: true });
  if (runtime === "deno" && /denort/.test(output)) {
    return "deno compile needs the runtime archive denort of exactly its version and could not download it: " +
      "put it into $DENO_DIR/dl, or name the unpacked file in DENORT_BIN";
  }
  const lines = output.split("\n").map((line) => line.trim()).filter(Boolean);
  const at = lines.findIndex((line) => /\berror\b/i.test(line));
  if (at < 0) return lines.pop() ?? `the compiler ended with ${status}`;
  return [lines[at], lines.slice(at).find((line) => line.startsWith("at "))].filter(Boolean).join(" ");
}

function options() {
  try {
    const { values } = parseArgs({
      options: {
        all: { type: "boolean", default: false },
        target: { type: "string", multiple: true, default: [] },
        runtime: { type: "string", default: "bun" },
      },
    });
    if (["bun", "deno"].includes(values.runtime)) return values;
    console.error(`build: --runtime ${values.runtime} is not known: bun or deno`);
  } catch (error) {
    const known = "--all, --target NAME and --runtime bun|deno";
    console.error(`build: ${error.message.split(". ")[0]}; the options are ${known}`);
  }
  process.exit(2);
}

/** What to build: a target is called as its file is, without what all files have in common. */
function jobsFor({ all, target, runtime }) {
  const targets = runtime === "bun" ? BUN_TARGETS : DENO_TARGETS;
  if (all) return targets;
  if (target.length === 0) {
    return [{ name: process.platform === "win32" ? "twampede.exe" : "twampede", target: null }];
  }
  const short = ({ name }) => name.replace(/^twampede-|\.exe$/g, "");
  const unknown = target.find((wanted) => !targets.some((one) => short(one) === wanted));
  if (unknown === undefined) return targets.filter((one) => target.includes(short(one)));
  console.error(`build: --target ${unknown} is not known to ${runtime}: ${targets.map(short).join(", ")}`);
  process.exit(2);
}

async function main() {
  const chosen = options();
  const { all, runtime } = chosen;
  const jobs = jobsFor(chosen);
  const exe = (await runtimes())[runtime];
  mkdirSync(dist, { recursive: true });
  const width = Math.max(...jobs.map(({ name }) => name.length)) + 5;
  const sums = [];
  let failed = 0;
  for (const { name, target } of jobs) {
    const start = performance.now();
    const reason = await build(runtime, exe, target, join(dist, name));
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    if (reason) {
      failed++;
      console.error(`build: dist/${name}${target ? ` (${target})` : ""} could not be made: ${reason}`);
      continue;
    }
    const megabytes = (statSync(join(dist, name)).size / 1e6).toFixed(1);
    console.log(`${`dist/${name}`.padEnd(width)} ${megabytes.padStart(7)} MB ${seconds.padStart(6)} s`);
    if (all) sums.push(`${createHash("sha256").update(readFileSync(join(dist, name))).digest("hex")}  ${name}\n`);
  }
  if (sums.length > 0) writeFileSync(join(dist, "SHA256SUMS"), sums.join(""));
  process.exitCode = failed > 0 ? 1 : 0;
}

await main().catch((error) => {
  console.error(`build: ${error.message}`);
  process.exitCode = 1;
});
