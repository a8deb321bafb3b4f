/** `plugins new`: what it writes works, its test passes, and its types are right for somebody who has nothing else. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { PLUGIN_KINDS } from "../../../core/plugin_check.ts";
import { assertRefused, each, refused, run, withFolder } from "../support.ts";

/** Runs the runtime that this test runs under, in `cwd`. */
function runtime(cwd: string, ...args: readonly string[]): void {
  const env = { ...process.env, NO_COLOR: "1" };
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, env, encoding: "utf8", timeout: 60_000 });
  assert.equal(status, 0, `${args.join(" ")}\n${stdout}\n${stderr}`);
}

test("a plugin of each kind is written with its test and its types, and works as it is", async () => {
  await withFolder(async (folder) => {
    for (const kind of PLUGIN_KINDS) {
      const { status, stdout, stderr } = await run(["plugins", "new", kind, `my-${kind}`, "--dir", "mine"], {
        cwd: folder,
      });
      assert.equal(status, 0, stderr);
      assert.match(stdout, new RegExp(`^mine/my-${kind}\\.ts +the plugin$`, "m"));
      // What it says to try is tried.
      const [, line] = /^ {2}twampede (demo .*)$/m.exec(stdout)!;
      const tried = await run([...line.split(" "), "-c", "5", "-i", "2", "-q"], { cwd: folder });
      assert.equal(tried.status, 0, tried.stderr);
      assert.equal(tried.stderr, "");
    }
    const mine = join(folder, "mine");
    assert.equal(readdirSync(mine).length, 2 * PLUGIN_KINDS.length + 1);
    if ("Deno" in globalThis) {
      runtime(mine, "fmt", "--check");
      runtime(mine, "lint");
      // As strict as it gets: what somebody has set is not known.
      writeFileSync(
        join(mine, "deno.json"),
        `{ "compilerOptions": { "exactOptionalPropertyTypes": true, "noUnusedLocals": true, "noImplicitOverride": true } }`,
      );
      runtime(mine, "check", ...readdirSync(mine).filter((name) => name.endsWith(".ts")));
      runtime(mine, "test", "--no-check", "-A");
    } else runtime(mine, "test");
  });
});

test("nothing is overwritten, and a name that cannot be is refused before anything is written", async () => {
  await withFolder(async (folder) => {
    writeFileSync(join(folder, "mine_test.ts"), "kept");
    writeFileSync(join(folder, "twampede.d.ts"), "mine");
    await each([
      [["output", "mine"], "mine_test.ts", "exists"],
      [["outptu", "x"], "'outptu'", "did you mean output?"],
      [["output", "My Output"], "'My Output'", "lower-case"],
      [["output", "json"], "'json'", "built in"],
      [["transport", "auto"], "'auto'"],
      [["output"], "'name'", "twampede plugins new --help"],
      [["output", "x", "--dir", "mine_test.ts/sub"], "--dir", "mine_test.ts"],
    ] as [string[], ...string[]][], async ([args, ...words]) => {
      assertRefused(await refused(["plugins", "new", ...args], { cwd: folder }), 2, ...words);
    });
    assert.deepEqual(readdirSync(folder).sort(), ["mine_test.ts", "twampede.d.ts"]);
    const other = await run(["plugins", "new", "output", "other"], { cwd: folder });
    assert.equal(other.status, 0, other.stderr);
    assert.match(other.stdout, /twampede\.d\.ts +types for both, of another version: left as they are/);
    assert.equal(readFileSync(join(folder, "twampede.d.ts"), "utf8"), "mine");
  });
});
