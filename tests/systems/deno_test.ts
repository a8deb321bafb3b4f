/**
 * What `deno compile` is given: the bundle and the permissions. The runtime that it puts them behind (denort) cannot be
 * had where only package registries are, so the bundle runs under `deno run` here; and what stands in the executable is
 * read from one whose runtime is the whole of Deno, which is a file of the same kind but does not look for a program.
 */
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { origin } from "../../scripts/release/commit.mjs";
import { compile } from "../../scripts/release/compile.mjs";
import { bundleForDeno, DENO_PERMISSIONS } from "../../scripts/release/deno.mjs";
import { root, runtimes } from "../../scripts/setup.mjs";
import { hostTarget } from "../../scripts/targets.mjs";
import { withResponder } from "../cli/support.ts";
import { smoke } from "./smoke.ts";

const target = hostTarget();
const name = `${target?.id} as a bundle of deno compile`;
const skip = target?.deno ? false : "deno compile has no such target";
let folder = "";
let deno = "";
let build: Record<string, unknown> = {};

before(async () => {
  if (skip) return;
  folder = mkdtempSync(join(tmpdir(), "twampede-deno-"));
  deno = (await runtimes()).deno;
  const { version: _, ...known } = origin();
  build = { ...known, compiler: `deno ${process.versions.deno ?? pinned()}`, target: target!.id };
  assert.equal(await bundleForDeno({ exe: deno, build, from: root, folder }), null);
});

after(() => {
  if (folder !== "") rmSync(folder, { recursive: true, force: true });
});

const pinned = (): string =>
  JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages["node_modules/deno"].version;

const how = () => ({
  exe: join(folder, "twampede.mjs"),
  through: [deno, "run", "-q", ...DENO_PERMISSIONS, "--no-config", "--unstable-net"],
});

smoke(name, skip, how);

test(`${name}: threads`, { skip: skip || (process.platform !== "linux" && "--workers is for Linux") }, async () => {
  await withResponder(
    ["--workers", "2"],
    async (responder) => assert.match((await responder.stop()).stderr, /2 workers/),
    "127.0.0.1:0",
    how(),
  );
});

test(`${name}: the executable holds program, thread and permissions, and nothing else`, { skip }, async () => {
  const file = join(folder, "compiled");
  assert.equal(await compile({ runtime: "deno", exe: deno, target, build, file, env: { DENORT_BIN: deno } }), null);
  const text = readFileSync(file, "latin1");
  const permissions = JSON.parse(/"permissions":(\{.*?\})/.exec(text)![1]);
  // An empty list is: all of them.
  for (const name of ["env", "ffi", "net", "read", "run", "sys", "write"]) {
    assert.deepEqual(permissions[`allow_${name}`], [], name);
  }
  assert.equal(permissions.prompt, false, "it asks nobody");
  const files = [...text.matchAll(/\{"n":"([^"]+)","o"/g)].map((match) => match[1]);
  assert.deepEqual(files.sort(), ["responder_worker.mjs", "twampede.mjs"]);
  assert.ok(text.includes(JSON.stringify(build)));
});
