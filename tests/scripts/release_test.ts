/** What a release says of itself: the bill of materials, the notes. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hostTarget, TARGETS } from "../../scripts/targets.mjs";
import { contents } from "../../scripts/packages/contents.mjs";
import { pack } from "../../scripts/release/archives.mjs";
import { renewed, sha256 } from "../../scripts/release/list.mjs";
import { changesOf, table } from "../../scripts/release/notes.mjs";
import { makeSbom } from "../../scripts/release/sbom.mjs";
import { tool, withFolder } from "../cli/support.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const own = JSON.parse(read("package.json"));
const origin = { version: "1.2.3", commit: "0".repeat(40), modified: false, date: "2026-01-02T03:04:05Z" };

test("the bill of materials has what goes into an executable, and is whole", () => {
  const sbom: any = makeSbom(origin, "bun");
  assert.deepEqual([sbom.bomFormat, sbom.specVersion, sbom.version], ["CycloneDX", "1.6", 1]);
  assert.match(sbom.serialNumber, /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(sbom.metadata.timestamp, origin.date);
  const self = sbom.metadata.component["bom-ref"];
  const refs: string[] = sbom.components.map((one: any) => one["bom-ref"]);
  assert.equal(new Set(refs).size, refs.length);
  for (const [name, version] of Object.entries(own.dependencies)) assert.ok(refs.includes(`${name}@${version}`), name);
  for (const { base } of TARGETS) assert.ok(refs.some((ref) => ref.startsWith(`${base}@`)), base);
  for (const name of ["fast-check", "playwright-core", "deno"]) {
    assert.ok(!refs.some((ref) => ref.startsWith(`${name}@`)), name);
  }
  for (const { type, hashes, purl, licenses } of sbom.components) {
    assert.match(type, /^(?:library|platform)$/);
    assert.match(hashes[0].content, /^[0-9a-f]{128}$/);
    assert.match(purl, /^pkg:npm\/(?:%40[\w.-]+\/)?[\w.-]+@\d+\.\d+\.\d+$/);
    assert.match(licenses[0].license.id, /^\w/);
  }
  const told = sbom.dependencies.map(({ ref }: any) => ref);
  assert.deepEqual([...told].sort(), [self, ...refs].sort());
  for (const { dependsOn } of sbom.dependencies) for (const ref of dependsOn) assert.ok(refs.includes(ref), ref);
  assert.deepEqual(makeSbom(origin, "bun"), sbom, "the same twice");
  assert.notEqual(makeSbom({ ...origin, version: "1.2.4" }, "bun").serialNumber, sbom.serialNumber);
});

test("the changelog has a heading for this version, and the notes take what is below it and no more", () => {
  assert.ok(changesOf(read("CHANGELOG.md"), own.version).length > 0);
  const text = "# Changelog\n\n## [1.2.3] - 2026-01-02\n\n### Added\n\n- a\n\n## [1.2.2]\n\n- b\n";
  assert.equal(changesOf(text, "1.2.3"), "### Added\n\n- a");
  assert.equal(changesOf(text, "1.2.2"), "- b");
  assert.throws(() => changesOf(text, "1.2.4"), /no heading for 1\.2\.4/);
});

test("the notes name each archive by what it needs", () => {
  const executables = TARGETS.map((target) => ({ ...target, size: 1e8, minimum: null, start: null }));
  const rows = table({ version: "1.2.3", executables }, () => 5e7).split("\n");
  assert.equal(rows.length, TARGETS.length + 2);
  assert.match(rows.find((row) => row.includes("windows-x64"))!, /^\| twampede-1\.2\.3-windows-x64\.zip \| Windows/);
  assert.match(rows.find((row) => row.includes("x64-musl"))!, /libstdc\+\+.* \| 50\.0 MB \| 100\.0 MB \| {2}\|$/);
});

test("this machine is one of the targets", () => {
  const found = hostTarget();
  assert.ok(found !== undefined);
  assert.ok(found.id.startsWith(`${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`));
});

const noTar = (process.platform !== "linux" || tool("tar") === undefined) && "needs GNU tar";

test("a file that lost the permission to run is packed with it, and its package has completions", {
  skip: noTar,
}, () =>
  withFolder((dist) => {
    const target = TARGETS.find(({ id }) => id === "linux-x64")!;
    const exe = join(dist, target.name);
    // As an artifact of a workflow comes.
    writeFileSync(exe, "a program", { mode: 0o644 });
    const [archive] = pack(dist, target, origin, false);
    const listing = execFileSync("tar", ["-tvf", join(dist, archive)], { encoding: "utf8" });
    assert.match(listing, /^-rwxr-xr-x .* twampede-1\.2\.3-linux-x64\/twampede$/m);
    assert.match(listing, /^-rw-r--r-- .*\/LICENSE$/m);
    const paths = contents(exe, "deb").map(({ to }: { to: string }) => to);
    for (const shell of ["bash-completion", "fish", "zsh"]) {
      assert.ok(paths.some((path: string) => path.startsWith(`/usr/share/${shell}/`)), shell);
    }
    return Promise.resolve();
  }));

const noElf = process.platform !== "linux" && "needs a program in ELF";

test(
  "the list tells size and sum of what a signature has changed, and keeps the rest",
  { skip: noElf },
  () =>
    withFolder((dist) => {
      copyFileSync("/bin/true", join(dist, "program"));
      const entry = { name: "program", size: 1, sha256: "0".repeat(64), signature: null, start: { helpMs: 14 } };
      const { size } = statSync("/bin/true");
      assert.deepEqual(renewed(dist, entry), { ...entry, size, sha256: sha256("/bin/true") });
      return Promise.resolve();
    }),
);
