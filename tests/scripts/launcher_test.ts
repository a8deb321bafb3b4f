/** The launcher of a checkout: what lies in the directory where it is started must not decide what runs. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const launcher = fileURLToPath(new URL("../../twampede", import.meta.url));
const skip = process.platform === "win32" ? "the launcher there is twampede.cmd" : false;
const STRANGE = "./strange.ts";
const FOUND: Readonly<Record<string, string>> = {
  [STRANGE]: `console.log("strange"); export default {};`,
  "tsconfig.json": JSON.stringify({ compilerOptions: { paths: { "*": [STRANGE] } } }),
  "bunfig.toml": `preload = ["${STRANGE}"]`,
  "deno.json": JSON.stringify({ imports: { commander: STRANGE } }),
  ".env": "TWAMPEDE_COUNT=7",
};

for (const runtime of ["deno", "bun"]) {
  test(`under ${runtime}, no file of the working directory configures it`, { skip }, () => {
    const folder = mkdtempSync(join(tmpdir(), "twampede-launcher-"));
    try {
      for (const [name, text] of Object.entries(FOUND)) writeFileSync(join(folder, name), text);
      const env = { ...process.env, TWAMPEDE_RUNTIME: runtime, XDG_CONFIG_HOME: join(folder, "none") };
      const line = ["demo", "--print-config"];
      const { status, stdout, stderr } = spawnSync(launcher, line, { cwd: folder, env, encoding: "utf8" });
      assert.equal(status, 0, stderr);
      assert.match(stdout, /^# Options of twampede demo/);
      assert.match(stdout, /^count = 100 /m);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}
