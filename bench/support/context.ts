/**
 * What every benchmark gets: the two runtimes by path, how long it may take, and how to run a file of ours under either.
 *
 * @module
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export type RuntimeName = "deno" | "bun";
export const RUNTIMES: readonly RuntimeName[] = ["deno", "bun"];
export const TITLES: Readonly<Record<RuntimeName, string>> = { deno: "Deno", bun: "Bun" };

export interface Context {
  readonly deno: string;
  readonly bun: string;
  /** Fewer and shorter rounds. */
  readonly quick: boolean;
  /** A folder of this run, removed at its end. */
  readonly scratch: string;
}

/** No colours, no looking for newer versions. */
export const ENVIRONMENT = { ...process.env, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" };

/** The command that runs `bench/<file>` under `runtime`, with what the launcher passes to it, and `flags` besides. */
function commandFor(context: Context, runtime: RuntimeName, file: string, flags: readonly string[]): string[] {
  const path = join(ROOT, "bench", file);
  if (runtime === "bun") return [context.bun, "--no-env-file", "--no-install", ...flags, path];
  const config = join(ROOT, "deno.json");
  return [context.deno, "run", "-A", "-q", "--no-check", "--unstable-net", "--config", config, ...flags, path];
}

/** Runs a file of ours to its end; what it prints is JSON. */
export function ask<T>(
  context: Context,
  runtime: RuntimeName,
  file: string,
  args: readonly string[],
  flags: readonly string[] = [],
): T {
  const [exe, ...rest] = [...commandFor(context, runtime, file, flags), ...args];
  const options = { encoding: "utf8", env: ENVIRONMENT, timeout: 120_000, maxBuffer: 1e8 } as const;
  const { status, stdout, stderr } = spawnSync(exe, rest, options);
  if (status !== 0) throw new Error(`${file} under ${runtime} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as T;
}

/** A process that runs beside us and says its port in a line that ends in a number. */
export interface Helper {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly port: number;
}

const READY_MS = 10_000;

/** Helpers that have not ended; none outlives us, however we end. */
const running = new Set<ChildProcess>();
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/** Starts a helper; its standard input stays open while we live, so that it can see us go. */
export function startHelper(
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Helper> {
  const [exe, ...args] = command;
  const child = spawn(exe, args, { env: { ...ENVIRONMENT, ...env }, stdio: ["pipe", "pipe", "pipe"] });
  running.add(child);
  child.once("exit", () => running.delete(child));
  return new Promise((resolve, reject) => {
    let said = "";
    const fail = (why: string) => {
      child.kill("SIGKILL");
      reject(new Error(`${exe} ${args.join(" ")} ${why}: ${said}`));
    };
    const timer = setTimeout(() => fail("was not ready in time"), READY_MS);
    const exited = () => fail("ended at once");
    child.once("exit", exited);
    const read = (text: unknown) => {
      said += String(text);
      const port = /:(\d+)\b[^\n]*\n/.exec(said);
      if (port === null) return;
      clearTimeout(timer);
      child.off("exit", exited);
      resolve({ child, pid: child.pid!, port: Number(port[1]) });
    };
    child.stdout!.on("data", read);
    child.stderr!.on("data", read);
  });
}

/** How a process ended, and what it said. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end, or until it takes too long; `watch` is told its process id once it runs. */
export function runToEnd(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  timeout: number,
  watch: (pid: number) => void = () => {},
): Promise<Ended> {
  const [exe, ...args] = command;
  const child = spawn(exe, args, { env: { ...ENVIRONMENT, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (text) => stdout += String(text));
  child.stderr.on("data", (text) => stderr += String(text));
  const timer = setTimeout(() => child.kill("SIGKILL"), timeout);
  if (child.pid !== undefined) watch(child.pid);
  return new Promise((resolve, reject) => {
    const over = () => {
      clearTimeout(timer);
      running.delete(child);
    };
    child.once("error", (error) => {
      over();
      reject(error);
    });
    child.once("close", (status) => {
      over();
      resolve({ status, stdout, stderr });
    });
  });
}

/** A file of ours as a helper. */
export function startBeside(
  context: Context,
  runtime: RuntimeName,
  file: string,
  args: readonly string[],
): Promise<Helper> {
  return startHelper([...commandFor(context, runtime, file, []), ...args]);
}

/** Ends helpers and waits for them. */
export async function endHelpers(helpers: readonly Helper[]): Promise<void> {
  await Promise.all(helpers.map(({ child }) =>
    new Promise<void>((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) return resolve();
      const hard = setTimeout(() => child.kill("SIGKILL"), 2000);
      child.once("exit", () => {
        clearTimeout(hard);
        resolve();
      });
      child.kill("SIGTERM");
    })
  ));
}

/** Waits; nothing else runs here meanwhile. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
