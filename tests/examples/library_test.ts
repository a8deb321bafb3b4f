/** The uses of the library in `examples/`, each under the runtime it is for. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const isDeno = "Deno" in globalThis;
const command = isDeno ? ["run", "-A", "-q", "--unstable-net"] : [];
const [name, expected] = isDeno
  ? ["library-deno.ts", /^20 of 20 probes came back\nmin \d.* ms\np50 \d.* ms\np99 \d.* ms\nmax \d.* ms\n$/]
  : [
    "library-bun.ts",
    /^location: 20 of 20 came back, \{"location\.destinationPort":\d+,"location\.sourcePort":\d+,.*"location\.source":"127\.0\.0\.1".*\}\n$/,
  ];

test(`${name} does what it says`, () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...command, `examples/${name}`], {
    cwd: root,
    encoding: "utf8",
    timeout: 30_000,
  });
  assert.equal(status, 0, stderr);
  assert.match(stdout, expected);
});
