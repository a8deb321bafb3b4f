/** `version --json`: what a bug report needs. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { run } from "./support.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

function head(): string | null {
  try {
    return execFileSync("git", ["rev-parse", "HEAD"], { cwd: root, encoding: "utf8", stdio: "pipe" }).trim();
  } catch {
    return null;
  }
}

test("version --json tells where the program comes from", async () => {
  const { status, stdout, stderr } = await run(["version", "--json"]);
  assert.deepEqual([status, stderr], [0, ""]);
  const { version } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
  const { commit, modified, date, compiler, target, runtime, ...rest } = JSON.parse(stdout);
  const system = process.platform === "win32" ? "windows" : process.platform;
  assert.deepEqual(rest, { schema: "twampede/version/1", name: "twampede", version, system, processor: process.arch });
  assert.match(runtime, /^(?:deno|bun) \d+\.\d+\.\d+$/);
  assert.equal(commit, head());
  assert.equal(typeof modified, commit === null ? "object" : "boolean");
  assert.match(String(date), commit === null ? /^null$|Z$/ : /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  if (process.env.TWAMPEDE_EXE) {
    assert.equal(compiler, runtime);
    assert.ok(target.startsWith(`${system}-${process.arch}`), target);
  } else {
    assert.deepEqual([compiler, target], [null, null], "nobody compiled it");
  }
});
