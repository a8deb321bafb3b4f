// node scripts/release/start_time.mjs FILE…: how long executables take to start. Measuring tools are started often, and
// by other programs.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { basename } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { hostTarget, TARGETS } from "../targets.mjs";

const RUNS = 15;
const START_MS = 60_000;
const ARM64_LIBRARIES = "/usr/aarch64-linux-gnu";

/**
 * `{ through, versionMs, helpMs }`, medians of whole processes; null where it cannot run here. `version` is the runtime
 * alone, `--help` loads the command line and so what every command does.
 */
export function startTime(path, target) {
  const through = runner(target);
  if (through === undefined) return null;
  const command = [...through, path];
  const [versionMs, helpMs] = ["--version", "--help"].map((word) => median(command, word));
  return versionMs === null || helpMs === null ? null : { through: through[0] ?? null, versionMs, helpMs };
}

/** What has to stand before it here; undefined where nothing helps. */
function runner(target) {
  if (target.id === hostTarget()?.id) return [];
  if (process.platform !== "linux" || target.id !== "linux-arm64") return undefined;
  if (!existsSync(`${ARM64_LIBRARIES}/lib/libc.so.6`)) return undefined;
  const path = (process.env.PATH ?? "").split(":");
  const qemu = ["qemu-aarch64", "qemu-aarch64-static"].find((name) => path.some((at) => existsSync(`${at}/${name}`)));
  return qemu && [qemu, "-L", ARM64_LIBRARIES];
}

function median([command, ...before], word) {
  // Of a translated processor more than the order of magnitude means nothing.
  const runs = before.length > 0 ? 1 : RUNS;
  const times = [];
  for (let left = runs + 1; left > 0; left--) {
    const start = performance.now();
    const { status } = spawnSync(command, [...before, word], { stdio: "ignore", timeout: START_MS });
    if (status !== 0) return null;
    times.push(performance.now() - start);
  }
  // The first one brings the file into memory.
  const sorted = times.slice(1).sort((a, b) => a - b);
  return Number(sorted[runs >> 1].toFixed(1));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const path of process.argv.slice(2)) {
    const target = TARGETS.find(({ name }) => name === basename(path)) ?? hostTarget();
    console.log(JSON.stringify({ name: basename(path), start: startTime(path, target) }));
  }
}
