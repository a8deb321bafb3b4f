/** A server and controllers on hosts of our own making. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Outcome, type Run, started, withFolder } from "../support.ts";
import { checkResult, type Json } from "../parse.ts";
import type { Host } from "./hosts.ts";

/** A server that takes connections. */
export interface Server {
  readonly run: Run;
  /** Interrupts it; all that it said. */
  stop(): Promise<string>;
}

/** Starts a server. It has its host to itself, so the control port is that of the standard. */
export async function withServer<T>(
  host: Host,
  args: readonly string[],
  use: (server: Server) => Promise<T>,
): Promise<T> {
  return await started(["server", "--drain", "0", ...args], async (run) => {
    await run.until("stderr", /server on \S+ \(/);
    return await use({
      run,
      async stop() {
        run.kill("SIGINT");
        const { status, stderr } = await run.end();
        assert.equal(status, 0, stderr);
        return stderr;
      },
    });
  }, host.at);
}

/** What a controller came to: a document a session, none where there was none. */
export interface Controlled extends Outcome {
  readonly results: readonly Json[];
}

/** Runs a controller on `host`; `meanwhile` has it while it runs. */
export async function controlled(
  host: Host,
  server: string,
  args: readonly string[],
  meanwhile: (run: Run) => Promise<unknown> = () => Promise.resolve(),
): Promise<Controlled> {
  return await withFolder(async (folder) => {
    const file = join(folder, "result.json");
    const line = ["controller", server, ...(args[0]?.startsWith("-") ? [":0"] : []), ...args];
    return await started([...line, "--output", `json:file=${file}`], async (run) => {
      await meanwhile(run);
      const outcome = await run.end();
      return { ...outcome, results: readResults(file) };
    }, host.at);
  });
}

function readResults(file: string): Json[] {
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  // Opened at the start and written at the end, which not every controller here comes to.
  if (text === "") return [];
  const document = JSON.parse(text);
  const results: Json[] = document.results ?? [document];
  return results.map(checkResult);
}

/** That each of `count` sessions got all its replies, and `status` 0. */
export function assertWhole({ status, stderr, results }: Controlled, count = 1): void {
  assert.equal(status, 0, stderr);
  assert.equal(results.length, count, stderr);
  for (const { packets } of results) {
    const { sent, received, lost, unexpected, forged, malformed } = packets;
    assert.ok(sent > 0, stderr);
    assert.deepEqual([received, lost, unexpected, forged, malformed], [sent, 0, 0, 0, 0], stderr);
  }
}

/** That no session got a reply, and `status` 1. */
export function assertSilent({ status, stderr, results }: Controlled, count = 1): void {
  assert.equal(status, 1, stderr);
  assert.deepEqual(results.map(({ packets }) => packets.received), Array(count).fill(0), stderr);
}
