// node scripts/release/publish.mjs vX.Y.Z: a draft of the release at GitHub with all files of dist/SHA256SUMS, by `gh`.
// A person looks at it and publishes it.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { root } from "../setup.mjs";

const dist = join(root, "dist");
const summed = readFileSync(join(dist, "SHA256SUMS"), "utf8").trim().split("\n").map((line) => line.split("  ")[1]);
const beside = ["SHA256SUMS", "SHA256SUMS-unsigned", "executables.json"].filter((name) => existsSync(join(dist, name)));
const what = ["--draft", "--verify-tag", "--title", `twampede ${process.argv[2]}`, "--notes-file", "RELEASE_NOTES.md"];
const args = ["release", "create", process.argv[2], ...what, ...summed, ...beside];
execFileSync("gh", args, { cwd: dist, stdio: "inherit" });
