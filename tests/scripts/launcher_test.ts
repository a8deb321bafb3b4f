/** The launcher of a checkout: what lies in the directory where it is started must not decide what runs. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
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
  test(
    `under ${runtime}, no file of the working directory configures it, nor what is set for Node.js`,
    { skip },
    () => {
      const folder = mkdtempSync(join(tmpdir(), "twampede-launcher-"));
      try {
        for (const [name, text] of Object.entries(FOUND)) writeFileSync(join(folder, name), text);
        const env = {
          ...process.env,
          TWAMPEDE_RUNTIME: runtime,
          XDG_CONFIG_HOME: join(folder, "none"),
          // As the terminal of an editor sets it, to debug programs for Node.js.
          NODE_OPTIONS: `--require ${join(folder, "gone.js")}`,
        };
        const line = ["demo", "--print-config"];
        const { status, stdout, stderr } = spawnSync(launcher, line, { cwd: folder, env, encoding: "utf8" });
        assert.equal(status, 0, stderr);
        assert.match(stdout, /^# Options of twampede demo/);
        assert.match(stdout, /^count = 100 /m);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  );
}

test("a runtime on PATH that was found good gives way to another one in its place, though that is an older file", {
  skip,
}, () => {
  const folder = mkdtempSync(join(tmpdir(), "twampede-launcher-"));
  try {
    for (const name of ["node_modules", "path"]) mkdirSync(join(folder, name));
    for (const name of ["package-lock.json", "node_modules/.twampede-lock"]) writeFileSync(join(folder, name), "");
    copyFileSync(launcher, join(folder, "twampede"));
    chmodSync(join(folder, "twampede"), 0o755);
    const link = join(folder, "path/bun");
    // As a version manager that has both does it.
    const install = (version: string, changed: number) => {
      const file = join(folder, `bun-${version}`);
      const says =
        `case $1 in --version) echo ${version} && echo >>"${file}.asked" ;; -e) echo "$0" ;; *) echo ran ${version} ;; esac`;
      writeFileSync(file, `#!/bin/sh\n${says}\n`, { mode: 0o755 });
      utimesSync(file, changed, changed);
      rmSync(link, { force: true });
      symlinkSync(file, link);
    };
    const env = { ...process.env, TWAMPEDE_RUNTIME: "bun", PATH: `${join(folder, "path")}:${process.env.PATH}` };
    const start = () => spawnSync(join(folder, "twampede"), ["version"], { cwd: folder, env, encoding: "utf8" });
    install("1.9.0", 1_700_000_000);
    for (const time of ["first", "second"]) assert.equal(start().stdout, "ran 1.9.0\n", time);
    assert.equal(readFileSync(join(folder, "bun-1.9.0.asked"), "utf8"), "\n", "asked once");
    install("1.0.0", 1_600_000_000);
    const { stdout, stderr } = start();
    assert.match(stderr, /^twampede: bun 1\.0\.0 \(.*\) is too old, passed over/);
    assert.equal(stdout, "");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
