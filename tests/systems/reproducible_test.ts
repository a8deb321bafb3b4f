/** A second build, at another path and under another clock, language and home, has the same octets. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("../../scripts/build.mjs", import.meta.url));
/** The one with the compiler's own runtime, and the one that is signed here; `build` tries all on its workflow. */
const TARGETS = ["linux-x64", "darwin-x64"];

test("two builds have the same octets", () => {
  const args = [script, "--check-reproducible", ...TARGETS.flatMap((target) => ["--target", target])];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", timeout: 300_000 });
  assert.equal(status, 0, stdout + stderr);
  assert.equal(stdout.match(/the same octets twice$/gm)?.length, TARGETS.length, stdout);
});
