/** The line that shows a long run as it goes: on a terminal, never into a pipe. */
import { test } from "node:test";
import assert from "node:assert/strict";
import process from "node:process";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { commandLine, run, started, type StartOptions, tool, withFolder, withResponder } from "./support.ts";
import { readResult, readTable } from "./parse.ts";

const script = process.platform === "linux" ? tool("script") : undefined;
const only = { skip: script === undefined && "needs script(1) of util-linux" };
const CLEAR = "\r\x1b[K";

/** How the program is started on a terminal of so many columns, which heeds it when it goes away. */
function terminal(columns: number, args: readonly string[]): StartOptions {
  const { file, before } = commandLine();
  const quoted = [file, ...before, ...args].map((word) => `'${word}'`).join(" ");
  const command = `stty cols ${columns} rows 24 && exec env --default-signal=HUP ${quoted}`;
  // The program's command line comes last, where script(1) would not take it: the shell leaves it out.
  const through = [tool("sh")!, "-c", 'exec "$0" -qec "$1" /dev/null', script!, command];
  return { through, env: { TERM: "xterm" } };
}

/** Runs the program there; all that the terminal got. */
async function onTerminal(columns: number, args: readonly string[]): Promise<string> {
  const { status, stdout } = await run(args, terminal(columns, args));
  assert.equal(status, 0, stdout);
  return stdout;
}

test("progress on a terminal, within its width, gone at the end; none in a pipe", only, async () => {
  await withResponder([], async ({ at }) => {
    const line = ["sender", at, "127.0.0.1:0", "-c", "45", "-i", "50", "-l", "/dev/null"];
    const [wide, narrow, pipe] = await Promise.all([onTerminal(100, line), onTerminal(24, line), run(line)]);
    const lines = (text: string) => text.split(CLEAR).filter((part) => part.startsWith("sent "));
    assert.ok(lines(wide).length >= 3, JSON.stringify(wide));
    assert.match(lines(wide)[1], /^sent \d+\/45 .*received \d+.*loss 0\.0%.*p50 \d+us.* s left$/);
    assert.ok(lines(narrow).length >= 3, JSON.stringify(narrow));
    for (const part of lines(narrow)) assert.ok(part.length < 24, JSON.stringify(part));
    for (const text of [wide, narrow]) {
      const rest = text.slice(text.lastIndexOf(CLEAR) + CLEAR.length).replaceAll("\r\n", "\n");
      assert.equal(readTable(rest).loss.Roundtrip, "0.0%");
    }
    assert.deepEqual([readTable(pipe.stdout).rest, pipe.stderr], ["", ""]);
  });
});

test("with -q and -v there is no progress; other lines are not mixed with it", only, async () => {
  await withResponder([], async ({ at }) => {
    const line = ["sender", at, "127.0.0.1:0", "-c", "45", "-i", "50"];
    const [quiet, verbose, replies] = await Promise.all(
      ["-q", "-v", "--print-responses"].map((flag) => onTerminal(100, [...line, flag])),
    );
    for (const text of [quiet, verbose]) assert.ok(!text.includes("\x1b"), text);
    const lines = replies.split("\r\n").filter((part) => part.includes("Reply from"));
    assert.equal(lines.length, 45);
    for (const part of lines) {
      assert.match(part.slice(part.lastIndexOf("\r") + 1).replace("\x1b[K", ""), /^Reply from /);
    }
  });
});

test("a terminal that goes away under the progress: the run ends, and its result is written", only, async () => {
  await withResponder([], ({ at }) =>
    withFolder(async (folder) => {
      const pipe = join(folder, "pipe");
      execFileSync(tool("mkfifo")!, [pipe]);
      const reader = spawn(tool("cat")!, [pipe], { stdio: ["ignore", "pipe", "ignore"] });
      let text = "";
      reader.stdout.setEncoding("utf8").on("data", (part: string) => text += part);
      try {
        const line = [
          "sender",
          at,
          "127.0.0.1:0",
          "-c",
          "4000",
          "-i",
          "5",
          "--output",
          "table",
          "--output",
          `json:file=${pipe}`,
        ];
        await started(line, async (run) => {
          await run.until("stdout", /sent \d+.*received \d\d/);
          run.kill("SIGKILL"); // script(1), which has the other end
          await once(reader, "close");
        }, terminal(80, line));
      } finally {
        reader.kill();
      }
      const { sent, received } = readResult(text).packets;
      assert.ok(received >= 10 && sent < 4000, `${received} of ${sent}`);
    }));
});
