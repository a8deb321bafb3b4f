/** Starts the program as a user would, and ends it whatever happens. */
import { type ChildProcess, spawn } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import assert from "node:assert/strict";

const root = fileURLToPath(new URL("../../", import.meta.url));
/** Where there is no configuration: that of whoever runs the tests is not for them. */
const NO_CONFIG = join(root, "tests/none");
/** A run that takes longer has failed. */
const LONGEST_MS = 60_000;

/** The program and what comes before its arguments. */
export function commandLine(permissions: readonly string[] = ["-A"]): { file: string; before: string[] } {
  const exe = process.env.TWAMPEDE_EXE;
  if (exe) return { file: exe, before: [] };
  const main = join(root, "cli/main.ts");
  if (!("Deno" in globalThis)) return { file: process.execPath, before: [main] };
  return {
    file: process.execPath,
    before: ["run", ...permissions, "--no-prompt", "-q", "--unstable-net", "--config", join(root, "deno.json"), main],
  };
}

/** What became of a run. */
export interface Outcome {
  readonly status: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StartOptions {
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  /** Instead of the program as `commandLine` has it: another executable of it. */
  readonly exe?: string;
  /** Instead of the program: this command, with the program's command line at its end. */
  readonly through?: readonly string[];
  /** What Deno allows the program, instead of all. */
  readonly permissions?: readonly string[];
  readonly longestMs?: number;
}

/** A run under way. */
export class Run {
  stdout = "";
  stderr = "";
  readonly child: ChildProcess;
  readonly args: readonly string[];
  readonly #done: Promise<Outcome>;
  #settled: Outcome | undefined;
  #overdue = false;
  #watch: (() => void)[] = [];

  constructor(args: readonly string[], options: StartOptions) {
    const { file, before } = options.exe ? { file: options.exe, before: [] } : commandLine(options.permissions);
    const line = [...(options.through ?? []), file, ...before, ...args];
    this.args = args;
    this.child = spawn(line[0], line.slice(1), {
      stdio: ["ignore", "pipe", "pipe"],
      cwd: options.cwd ?? root,
      env: { ...process.env, NO_COLOR: "1", XDG_CONFIG_HOME: NO_CONFIG, ...options.env },
    });
    const timer = setTimeout(() => {
      this.#overdue = true;
      this.child.kill("SIGKILL");
    }, options.longestMs ?? LONGEST_MS);
    for (const name of ["stdout", "stderr"] as const) {
      this.child[name]!.setEncoding("utf8").on("data", (text: string) => {
        this[name] += text;
        for (const look of this.#watch) look();
      });
    }
    this.#done = new Promise((resolve, reject) => {
      this.child.on("error", reject);
      this.child.on("close", (status, signal) => {
        clearTimeout(timer);
        this.#settled = { status, signal, stdout: this.stdout, stderr: this.stderr };
        for (const look of this.#watch) look();
        resolve(this.#settled);
      });
    });
    this.#done.catch(() => {});
  }

  /** Resolves when it has ended; rejects if it had to be ended. */
  async end(): Promise<Outcome> {
    const outcome = await this.#done;
    assert.ok(!this.#overdue, `\`${this.args.join(" ")}\` did not end by itself:\n${this.#said()}`);
    return outcome;
  }

  /** Resolves with the match of `pattern` in what came out so far, as soon as there is one. */
  async until(stream: "stdout" | "stderr", pattern: RegExp): Promise<RegExpExecArray> {
    let look!: () => void;
    const found = await new Promise<RegExpExecArray | null>((resolve) => {
      look = () => {
        const match = pattern.exec(this[stream]);
        if (match !== null || this.#settled !== undefined) resolve(match);
      };
      this.#watch.push(look);
      look();
    });
    this.#watch = this.#watch.filter((other) => other !== look);
    assert.ok(found, `\`${this.args.join(" ")}\` ended without ${pattern}:\n${this.#said()}`);
    return found;
  }

  /** The end of what came out, for messages. */
  #said(): string {
    return `--- stdout\n${this.stdout.slice(-400)}\n--- stderr\n${this.stderr.slice(-400)}`;
  }

  /** Not by `child.kill`: Deno then reports no exit status, whatever the program ends with. */
  kill(signal: NodeJS.Signals): void {
    if (this.#settled === undefined) process.kill(this.child.pid!, signal);
  }

  /** Ends it the hard way if it is still there. */
  async dispose(): Promise<void> {
    if (this.#settled === undefined) this.child.kill("SIGKILL");
    await this.#done.catch(() => {});
  }
}

/** Starts the program; `use` has it while it runs. */
export async function started<T>(
  args: readonly string[],
  use: (run: Run) => Promise<T>,
  options: StartOptions = {},
): Promise<T> {
  const run = new Run(args, options);
  try {
    return await use(run);
  } finally {
    await run.dispose();
  }
}

/** Runs the program to its end. */
export function run(args: readonly string[], options: StartOptions = {}): Promise<Outcome> {
  return started(args, (run) => run.end(), options);
}

/** A responder that answers. */
export interface Responder {
  readonly host: string;
  readonly port: number;
  /** `address:port`, as a sender takes it. */
  readonly at: string;
  signal(signal: NodeJS.Signals): void;
  /** Interrupts it; what it said at its end. */
  stop(): Promise<Outcome & { counts: Record<string, number> }>;
}

/** `12 received, 10 reflected (3 as STAMP), 2 too short` as numbers by their words; test mode's line as well. */
export function readCounts(text: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [, number, words] of text.matchAll(/(\d+) ([a-z][A-Za-z ]*[A-Za-z])/g)) counts[words] = Number(number);
  return counts;
}

/** Starts a responder on a port of the system's choice. */
export async function withResponder<T>(
  args: readonly string[],
  use: (responder: Responder) => Promise<T>,
  local = "127.0.0.1:0",
  options: StartOptions = {},
): Promise<T> {
  return await started(["responder", local, ...args], async (run) => {
    const [, host, port] = await run.until("stderr", /responder on (\S+):(\d+) /);
    const reach = host === "[::]" || host === "0.0.0.0" ? "127.0.0.1" : host;
    return await use({
      host,
      port: Number(port),
      at: `${reach}:${port}`,
      signal: (signal) => run.kill(signal),
      async stop() {
        run.kill("SIGINT");
        const outcome = await run.end();
        assert.equal(outcome.status, 0, outcome.stderr);
        const end = outcome.stderr.slice(outcome.stderr.indexOf("Ctrl-C ends it"));
        return { ...outcome, counts: readCounts(end) };
      },
    });
  }, options);
}

/** A socket of the test's own. */
export async function withSocket<T>(host: string, use: (socket: Socket, port: number) => Promise<T>): Promise<T> {
  const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
  try {
    socket.bind({ address: host, port: 0 });
    await once(socket, "listening");
    return await use(socket, socket.address().port);
  } finally {
    socket.close();
  }
}

/** A directory that is gone afterwards. */
export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "twampede-cli-"));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Does `work` on each item, a few at once: a start of the program is mostly waiting. All failures are told together. */
export async function each<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const failures: string[] = [];
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) {
      await work(item).catch((error: Error) => failures.push(`${JSON.stringify(item)}: ${error.message}`));
    }
  };
  await Promise.all([worker(), worker(), worker()]);
  assert.equal(failures.length, 0, `${failures.length} of ${items.length} failed:\n${failures.join("\n\n")}`);
}

/** Runs what must be refused at once: if it goes on instead, that is known soon. */
export function refused(args: readonly string[], options: StartOptions = {}): Promise<Outcome> {
  return run(args, { longestMs: 5000, ...options });
}

/** A mistake of the user's: its exit status, nothing on standard output, and one line that names all of `words`. */
export function assertRefused(outcome: Outcome, status: number, ...words: readonly string[]): void {
  const said = `\n--- stdout\n${outcome.stdout}\n--- stderr\n${outcome.stderr}`;
  assert.equal(outcome.status, status, `status ${outcome.status} (${outcome.signal})${said}`);
  assert.equal(outcome.stdout, "", said);
  const lines = outcome.stderr.split("\n");
  assert.equal(lines.pop(), "", `the line ends${said}`);
  assert.equal(lines.length, 1, `one line${said}`);
  assert.match(lines[0], /^twampede: \S/, said);
  assert.doesNotMatch(lines[0], /internal error|\bat .*:\d+:\d+|undefined|\[object/, said);
  for (const word of words) assert.ok(lines[0].includes(word), `${JSON.stringify(word)} is named${said}`);
}

/** The path of a tool of the system, or undefined. */
export function tool(name: string): string | undefined {
  return (process.env.PATH ?? "").split(":").map((folder) => join(folder, name)).find((path) => existsSync(path));
}
