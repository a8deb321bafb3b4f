// node scripts/release/check_tag.mjs vX.Y.Z: a tag says what package.json, the changelog and the executables say.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { root } from "../setup.mjs";
import { changesOf } from "./notes.mjs";

const tag = process.argv[2] ?? "";
const read = (path) => readFileSync(join(root, path), "utf8");
const { version } = JSON.parse(read("package.json"));
const list = JSON.parse(read("dist/executables.json"));
const wrong = [
  tag !== `v${version}` && `the tag is ${tag}, package.json says ${version}`,
  list.version !== version && `dist/ holds ${list.version}`,
  list.modified && "dist/ was built from a tree with changes",
  list.executables.length !== 9 && `dist/ lists ${list.executables.length} executables, not 9`,
].filter(Boolean);
changesOf(read("CHANGELOG.md"), version);
for (const line of wrong) console.error(`check-tag: ${line}`);
process.exitCode = wrong.length > 0 ? 1 : 0;
