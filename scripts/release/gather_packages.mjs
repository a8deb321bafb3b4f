// node scripts/release/gather_packages.mjs: dist/packages/* beside the archives, their sums among those of SHA256SUMS.
import { appendFileSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { root } from "../setup.mjs";

const dist = join(root, "dist");
const packages = join(dist, "packages");
const sums = readFileSync(join(packages, "SHA256SUMS"), "utf8");
for (const line of sums.trim().split("\n")) {
  const name = line.split("  ")[1];
  renameSync(join(packages, name), join(dist, name));
  console.log(join("dist", name));
}
appendFileSync(join(dist, "SHA256SUMS"), sums);
