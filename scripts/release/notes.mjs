// node scripts/release/notes.mjs: dist/RELEASE_NOTES.md, from the changelog and the list of what was built.
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../setup.mjs";

const dist = join(root, "dist");

/** What the changelog says of `version`; while that is not released, what is there so far. */
export function changesOf(changelog, version) {
  const heading = new RegExp(`^(#{2,3}) \\[?${version.replaceAll(".", "\\.")}\\]?.*$`, "m").exec(changelog);
  if (heading === null) throw new Error(`CHANGELOG.md has no heading for ${version}: write one`);
  const rest = changelog.slice(heading.index + heading[0].length);
  const end = rest.search(new RegExp(`^#{2,${heading[1].length}} `, "m"));
  return (end < 0 ? rest : rest.slice(0, end)).trim();
}

/** The table of executables. `sizeOf` tells an archive's octets, undefined where it was not made. */
export function table({ version, executables }, sizeOf) {
  const megabytes = (octets) => (octets === undefined ? "" : `${(octets / 1e6).toFixed(1)} MB`);
  const rows = executables.map(({ name, size, system, minimum, libc, start }) => {
    const id = name.replace(/^twampede-|\.exe$/g, "");
    const archive = `twampede-${version}-${id}.${system === "windows" ? "zip" : "tar.gz"}`;
    const needs = libc === "musl" ? "musl, libstdc++ of GCC 13" : minimum ?? NEEDS[system];
    const time = start === null ? "" : start.through === null ? `${start.helpMs} ms` : `runs (${start.through})`;
    return [archive, needs, megabytes(sizeOf(archive)), megabytes(size), time];
  });
  const heading = ["Download", "Needs", "Archive", "Executable", "`--help`"];
  return [heading, heading.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

const NEEDS = { windows: "Windows 10 1809", freebsd: "FreeBSD 14" };

function main() {
  const list = JSON.parse(readFileSync(join(dist, "executables.json"), "utf8"));
  const sizeOf = (name) => existsSync(join(dist, name)) ? statSync(join(dist, name)).size : undefined;
  const text = `# twampede ${list.version}

${changesOf(readFileSync(join(root, "CHANGELOG.md"), "utf8"), list.version)}

## Files

One file each, nothing to install. ${list.executables[0].compiler} is inside; what else is, stands in
\`twampede.cdx.json\` (CycloneDX). Start times are of the machine that built it, and only of what could run there.

${table(list, sizeOf)}

## Check what you got

\`\`\`
sha256sum --check --ignore-missing SHA256SUMS
twampede version --json
\`\`\`

${originText(list)}
`;
  writeFileSync(join(dist, "RELEASE_NOTES.md"), text);
  console.log("dist/RELEASE_NOTES.md");
}

function originText({ commit, modified }) {
  const from = commit === null ? "a copy without git" : `commit ${commit}${modified ? ", with changes" : ""}`;
  return `Made from ${from}. The same commit gives everybody the same octets (\`npm run build -- --all\`, docs/building.md):
\`SHA256SUMS-unsigned\` has their sums, before the signatures for macOS and Windows were put in.`;
}

if (process.argv[1]?.endsWith("notes.mjs")) main();
