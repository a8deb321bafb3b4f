// node scripts/release/archives.mjs [--xz]: from the executables in dist/ the archives that people download, with all
// that belongs beside a program; SHA256SUMS and executables.json are written anew, for everything that is published.
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { filesBelow } from "../files.mjs";
import { root } from "../setup.mjs";
import { TARGETS } from "../targets.mjs";
import { renewed, writeList, writeSums } from "./list.mjs";

const ALWAYS = ["LICENSE", "README.md", "CHANGELOG.md", "SECURITY.md"];
/** For whoever installs by hand, where packagers look for them. */
const SHARED = [["man", "share/man/man1"], ["cli/completion/scripts", "share/completions"]];

/** Packs one executable of `dist`; returns the archives' names. */
export function pack(dist, { id, name, system }, { version, date }, xz) {
  // Where the archive goes to: the folder for temporary files may be another file system, and what is there in memory.
  const scratch = mkdtempSync(join(dist, ".pack-"));
  const top = `twampede-${version}-${id}`;
  const folder = join(scratch, top);
  try {
    mkdirSync(folder);
    const program = join(folder, system === "windows" ? "twampede.exe" : "twampede");
    cpSync(join(dist, name), program);
    // What was handed on as an artifact of a workflow has lost it.
    chmodSync(program, 0o755);
    for (const file of ALWAYS) cpSync(join(root, file), join(folder, file));
    for (const [from, to] of SHARED) cpSync(join(root, from), join(folder, to), { recursive: true });
    const made = system === "windows" ? [zip(scratch, top, date)] : [
      tar(scratch, top, date, "gz", ["gzip", "-9", "-n"]),
      ...(xz ? [tar(scratch, top, date, "xz", ["xz", "-T2"])] : []),
    ];
    for (const file of made) renameSync(join(scratch, file), join(dist, file));
    return made;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** One time, one owner, one order: the archive says nothing of who made it, or when. */
function tar(scratch, top, date, ending, [command, ...args]) {
  const same = ["--sort=name", `--mtime=${date}`, "--owner=0", "--group=0", "--numeric-owner", "--mode=u+w,go-w,a+rX"];
  execFileSync("tar", ["-c", "--format=ustar", ...same, "-f", `${top}.tar`, top], { cwd: scratch });
  execFileSync(command, [...args, `${top}.tar`], { cwd: scratch });
  return `${top}.tar.${ending}`;
}

function zip(scratch, top, date) {
  const files = filesBelow(scratch, [""], top);
  for (const path of files) execFileSync("touch", ["-d", date, path], { cwd: scratch });
  // -X leaves out owners; the order is that of the arguments; zip writes local time.
  execFileSync("zip", ["-q", "-X", "-9", `${top}.zip`, ...files], { cwd: scratch, env: { ...process.env, TZ: "UTC" } });
  return `${top}.zip`;
}

function main() {
  const dist = join(root, "dist");
  const { schema: _, executables, ...list } = JSON.parse(readFileSync(join(dist, "executables.json"), "utf8"));
  writeList(dist, list, executables.map((entry) => existsSync(join(dist, entry.name)) ? renewed(dist, entry) : entry));
  const origin = { version: list.version, date: list.date ?? "1980-01-01T00:00:00Z" };
  const built = TARGETS.filter(({ name }) => existsSync(join(dist, name)));
  const archives = built.flatMap((target) => {
    const names = pack(dist, target, origin, process.argv.includes("--xz"));
    for (const name of names) console.log(`dist/${name}`);
    return names;
  });
  writeSums(dist, [...archives, ...built.map(({ name }) => name), "twampede.cdx.json"]);
}

if (process.argv[1]?.endsWith("archives.mjs")) main();
