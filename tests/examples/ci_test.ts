/** The pipelines in examples/ci, as far as they are ours: the steps that measure, each once with a good path and once not. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { commandLine, withFolder, withResponder } from "../cli/support.ts";

const EXAMPLES = fileURLToPath(new URL("../../examples/ci/", import.meta.url));
const onPosix = { skip: process.platform === "win32" && "needs a POSIX shell" };

/** The lines of a block of YAML, `key: |` or `- |` after `after`, without their indentation. */
function block(file: string, after: RegExp): string {
  const lines = readFileSync(join(EXAMPLES, file), "utf8").split("\n");
  const from = lines.findIndex((line) => after.test(line));
  const start = lines.findIndex((line, at) => at >= from && /(run:|-) \|$/.test(line)) + 1;
  assert.ok(from >= 0 && start > 0, `${file} has ${after}`);
  const [indent] = /^ */.exec(lines[start])!;
  const end = lines.findIndex((line, at) => at > start && !line.startsWith(indent));
  return lines.slice(start, end).map((line) => line.slice(indent.length)).join("\n");
}

/** Runs a script as a runner does, with the program on the PATH. */
async function step(script: string, folder: string, env: Record<string, string>) {
  const { file, before } = commandLine();
  const words = [file, ...before].map((word) => `'${word}'`).join(" ");
  writeFileSync(join(folder, "twampede"), `#!/bin/sh\nexec ${words} "$@"\n`);
  chmodSync(join(folder, "twampede"), 0o755);
  const path = `${folder}:${process.env.PATH}`;
  const child: ChildProcess = spawn("sh", ["-ec", script], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: "1", COUNT: "5", ...env, PATH: path },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 60_000,
  });
  let said = "";
  child.stdout!.setEncoding("utf8").on("data", (text: string) => void (said += text));
  child.stderr!.setEncoding("utf8").on("data", (text: string) => void (said += text));
  const [status] = await once(child, "close");
  return { status, said };
}

const REASON = /rtt\.p99 is [\d.]+ [mun]?s, which crosses rtt\.p99>1ns/;

/** `script` with a path that is good enough and with one that is not; what each leaves in `file`. */
async function twice(script: string, check: (isGood: boolean, said: string, read: (file: string) => string) => void) {
  await withResponder([], async ({ at }) => {
    for (const isGood of [true, false]) {
      await withFolder(async (folder) => {
        const summary = join(folder, "summary.md");
        const limits = { MAX_RTT: isGood ? "59s" : "1ns", MAX_LOSS: "99%" };
        const { status, said } = await step(script, folder, { TARGET: at, GITHUB_STEP_SUMMARY: summary, ...limits });
        assert.equal(status, isGood ? 0 : 4, said);
        assert.equal(REASON.test(said), !isGood, said);
        check(isGood, said, (file) => readFileSync(join(folder, file), "utf8"));
      });
    }
  });
}

test("the shell script passes and fails", onPosix, async () => {
  await twice(readFileSync(join(EXAMPLES, "check-path.sh"), "utf8"), (isGood, said) => {
    assert.match(said, isGood ? /keeps rtt\.p99>59s/ : /twampede: rtt\.p99 is /);
  });
});

test("the step for GitHub passes and fails, with an annotation and a summary", onPosix, async () => {
  await twice(block("github-actions.yml", /- name: Measure the path/), (isGood, said, read) => {
    assert.equal(/^::error title=.*::rtt\.p99 is /m.test(said), !isGood, said);
    assert.match(read("summary.md"), isGood ? /: thresholds kept\n/ : /: 1 of 2 thresholds crossed\n/);
    assert.equal(JSON.parse(read("path.json")).thresholds[0].crossed, !isGood);
  });
});

test("the job for GitLab passes and fails, with a report", onPosix, async () => {
  await twice(block("gitlab-ci.yml", /^ {2}script:/), (isGood, said, read) => {
    assert.match(said, /^=+\nDirection/);
    assert.match(read("path.xml"), isGood ? /<testsuites [^>]*failures="0"/ : /<failure type="threshold" message="rtt/);
  });
});
