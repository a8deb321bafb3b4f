// Makes sure that node_modules is there and is what package-lock.json says. The launcher, the tests and the builds all
// come through here. Runs before anything is installed, so: no packages, and any of Node.js, Deno or Bun will do.
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { withLock } from "./lock.mjs";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, "node_modules");
const lockFile = join(root, "package-lock.json");
/** A copy of the lock file, made when everything is in place: an interrupted installation has none. */
const stamp = join(modules, ".twampede-lock");
const exe = process.platform === "win32" ? ".exe" : "";

/**
 * `all` is what tests and builds need, `packages` what the program needs when its runtime comes from elsewhere.
 * Returns the pinned runtimes, null where node_modules has none.
 */
export async function setup(what = "all") {
  if (!packagesRight(what) || !runtimesRight(what)) {
    await withLock(join(root, ".twampede-setup"), "fetching the packages", async () => {
      // Each is looked at again: somebody else may have done it while we waited.
      if (!packagesRight(what)) await install(what);
      if (!runtimesRight(what)) await mend();
    });
  }
  if (!fs.existsSync(stamp) || read(stamp) !== read(lockFile) || older(stamp, lockFile)) writeStamp();
  return { deno: denoPath(), bun: bunPath() };
}

/** The pinned runtimes, or an error where this system has none: tests and builds need both. */
export async function runtimes() {
  const { deno, bun } = await setup("all");
  if (!deno || !bun) throw new Error(`npm has no ${deno ? "bun" : "deno"} for ${process.platform}-${process.arch}`);
  return { deno, bun };
}

function packagesRight(what) {
  const own = JSON.parse(read(join(root, "package.json")));
  const names = Object.keys({ ...own.dependencies, ...(what === "all" ? own.devDependencies : {}) });
  if (!names.every((name) => fs.existsSync(join(modules, name, "package.json")))) return false;
  return (fs.existsSync(stamp) && read(stamp) === read(lockFile)) || installedByNpm(what);
}

/** Not every system has both, but what has a folder must be a runtime: the launcher does not look into the files. */
function runtimesRight(what) {
  if (fs.existsSync(join(modules, "bun")) && !bunPath()) return false;
  return what !== "all" || denoPath() !== null || bunPath() !== null;
}

/** Somebody ran `npm ci` by hand: npm's own record, written last, tells what is there. */
function installedByNpm(what) {
  const lock = JSON.parse(read(lockFile));
  const record = join(modules, ".package-lock.json");
  if (!fs.existsSync(record)) return false;
  const there = JSON.parse(read(record)).packages;
  return Object.entries(lock.packages).every(([path, wanted]) =>
    path === "" || wanted.optional || (wanted.dev && what !== "all") || there[path]?.integrity === wanted.integrity
  );
}

async function install(what) {
  console.error(`twampede: fetching the packages${what === "all" ? " and runtimes" : ""} (once)`);
  // From here until the stamp is written again nobody may trust what is there.
  for (const file of [stamp, join(modules, ".package-lock.json")]) fs.rmSync(file, { force: true });
  // No install scripts: those of the runtimes fail on systems they do not know; mend() runs the ones that are needed.
  const flags = what === "all" ? [] : ["--omit=dev"];
  const quiet = ["--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"];
  let status = await run("npm", ["ci", "--ignore-scripts", ...quiet, ...flags]);
  if (status === "missing") status = await installWithoutNpm(what);
  if (status !== 0) throw new Error(`installing the packages failed (status ${status}): see above, mend it, try again`);
}

function installWithoutNpm(what) {
  const part = (flag) => (what === "all" ? [] : [flag]);
  if (process.versions.bun) {
    const flags = ["--frozen-lockfile", "--ignore-scripts", ...part("--production")];
    return run(process.execPath, ["install", ...flags]);
  }
  if (process.versions.deno) return run(process.execPath, ["install", "-q", ...part("--prod")]);
  throw new Error("npm is not on PATH: install it (it comes with Node.js) and try again");
}

/** Puts the runtimes where their packages want them; what cannot be mended must not be taken for a runtime. */
async function mend() {
  const script = (file) =>
    run(process.execPath, [...(process.versions.deno ? ["run", "-A", "-q"] : []), file], "ignore");
  const deno = join(modules, "deno", "install.cjs");
  const bun = join(modules, "bun", "install.js");
  if (fs.existsSync(deno)) await script(deno);
  if (!fs.existsSync(bun) || bunPath()) return;
  await script(bun);
  if (!bunPath()) fs.rmSync(join(modules, "bun"), { recursive: true, force: true });
}

function denoPath() {
  const own = [join(modules, "deno", `deno${exe}`)];
  const scope = join(modules, "@deno");
  if (fs.existsSync(scope)) own.push(...fs.readdirSync(scope).map((name) => join(scope, name, `deno${exe}`)));
  return own.find((path) => fs.existsSync(path)) ?? null;
}

function bunPath() {
  // Called bun.exe on every system. Before its install script ran, a few lines of shell stand in its place.
  const path = join(modules, "bun", "bin", "bun.exe");
  return fs.existsSync(path) && fs.statSync(path).size > 1_000_000 ? path : null;
}

function writeStamp() {
  const part = `${stamp}.${process.pid}`;
  try {
    fs.writeFileSync(part, read(lockFile));
    fs.renameSync(part, stamp);
  } catch {
    // A checkout that cannot be written to: everything is looked at again next time.
  }
}

/** Status of the command, its output on our standard error; "missing" when there is none. A signal to us ends it. */
function run(command, args, output = 2) {
  return new Promise((resolve, reject) => {
    const shell = command === "npm" && process.platform === "win32";
    const child = spawn(command, args, { cwd: root, stdio: ["ignore", output, output], shell });
    let stopped = false;
    const stop = () => (stopped = child.kill("SIGTERM"));
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
    for (const signal of signals) process.on(signal, stop);
    const done = () => signals.forEach((signal) => process.off(signal, stop));
    child.on("error", (error) => {
      done();
      error.code === "ENOENT" ? resolve("missing") : reject(error);
    });
    child.on("close", (code, signal) => {
      done();
      stopped ? reject(new Error("interrupted while fetching: the next start begins anew")) : resolve(signal ?? code);
    });
  });
}

const read = (path) => fs.readFileSync(path, "utf8");
const older = (a, b) => fs.statSync(a).mtimeMs < fs.statSync(b).mtimeMs;

if (process.argv[1] && import.meta.url === pathToFileURL(fs.realpathSync(process.argv[1])).href) {
  try {
    await setup(process.argv[2]);
  } catch (error) {
    console.error(`twampede: ${error.message}`);
    process.exitCode = 1;
  }
}
