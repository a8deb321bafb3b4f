/** Workflows run what is there: a script that was renamed, or an action that anybody may change, would be found too late. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = `${root}.github/workflows/`;
const workflows = readdirSync(folder).map((name) => ({ name, text: readFileSync(folder + name, "utf8") }));

test("the workflows call scripts and tests that exist", () => {
  let seen = 0;
  for (const { name, text } of workflows) {
    for (const [, path] of text.matchAll(/(?<![\w./])((?:scripts|tests|\.ci|\.github)\/[\w./-]+)/g)) {
      assert.ok(existsSync(root + path), `${name}: ${path}`);
      seen++;
    }
  }
  assert.ok(seen > 10);
});

test("actions are pinned by commit, but for those listed here", () => {
  /** By tag: their commits are not known for certain. */
  const byTag = ["actions/attest-build-provenance@v3", "vmactions/freebsd-vm@v1"];
  for (const { name, text } of workflows) {
    for (const [line, action] of text.matchAll(/uses: (\S+).*/g)) {
      if (action.startsWith("./") || byTag.includes(action)) continue;
      assert.match(line, /@[0-9a-f]{40} # v\d+\.\d+\.\d+$/, name);
    }
    assert.match(text, /^permissions:\n {2}contents: read$/m, `${name} may read, and no more unless a job says so`);
  }
});
