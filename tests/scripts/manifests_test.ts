// The formula and the manifest for package managers that download: made from sums, with nothing left open.
import assert from "node:assert/strict";
import { test } from "node:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeManifests } from "../../scripts/packages/manifests.mjs";
import { withFolder } from "../cli/support.ts";

const URL_OF = "https://example.org/v9";
const sum = (at: number) => at.toString(16).padStart(64, "0");

/** Both, as made of a SHA256SUMS that names `files`. */
function made(files: readonly string[]): Promise<{ formula: string; scoop: Record<string, any> }> {
  return withFolder((dist) => {
    writeFileSync(join(dist, "SHA256SUMS"), files.map((name, at) => `${sum(at)}  ${name}\n`).join(""));
    const out = join(dist, "out");
    mkdirSync(out);
    const [formula, scoop] = makeManifests({ dist, out, url: URL_OF }).map((path: string) =>
      readFileSync(path, "utf8")
    );
    return Promise.resolve({ formula, scoop: JSON.parse(scoop) });
  });
}

const BARE = [
  "linux-x64",
  "linux-x64-musl",
  "linux-arm64",
  "darwin-x64",
  "darwin-arm64",
  "windows-x64.exe",
  "windows-arm64.exe",
]
  .map((system) => `twampede-${system}`);

test("a formula names each executable beside its own sum, and no musl", async () => {
  const { formula } = await made(BARE);
  const pairs = [...formula.matchAll(/url "(\S+)"\n +sha256 "(\S+)"/g)].map((
    [, url, hash],
  ) => [url, parseInt(hash, 16)]);
  const wanted = ["darwin-arm64", "darwin-x64", "linux-arm64", "linux-x64"].map((system) => `twampede-${system}`);
  assert.deepEqual(pairs, wanted.map((name) => [`${URL_OF}/${name}`, BARE.indexOf(name)]));
  assert.doesNotMatch(formula, /@[a-z]/);
  assert.match(formula, /^ +chmod 0755, bin\/"twampede"$/m, "a bare file is downloaded without the permission to run");
  assert.equal(formula.match(/\b(?:do|class|def)\b/g)?.length, formula.match(/^ *end$/gm)?.length);
});

test("a Scoop manifest has what its schema asks for", async () => {
  const { scoop } = await made(BARE);
  for (
    const key of ["version", "description", "homepage", "license", "architecture", "bin", "checkver", "autoupdate"]
  ) {
    assert.ok(scoop[key], key);
  }
  assert.match(scoop.version, /^[\w.\-+]+$/);
  assert.deepEqual(Object.keys(scoop.architecture), ["64bit", "arm64"]);
  for (const [at, system] of [[5, "64bit"], [6, "arm64"]] as const) {
    const { url, hash } = scoop.architecture[system];
    assert.deepEqual([url, hash], [`${URL_OF}/${BARE[at]}#/twampede.exe`, sum(at)]);
  }
});

test("an archive is taken instead of the bare file, and what is missing is named", async () => {
  const { formula, scoop } = await made([
    ...BARE,
    "twampede-9.0.0-darwin-arm64.tar.gz",
    "twampede-9.0.0-windows-x64.zip",
  ]);
  assert.match(formula, /v9\/twampede-9\.0\.0-darwin-arm64\.tar\.gz"\n +sha256 "0+7"/);
  assert.deepEqual(scoop.architecture["64bit"], {
    url: `${URL_OF}/twampede-9.0.0-windows-x64.zip`,
    hash: sum(8),
    extract_dir: "twampede-9.0.0-windows-x64",
  });
  await assert.rejects(async () => await made(BARE.slice(1)), /SHA256SUMS has nothing for linux-x64/);
});
