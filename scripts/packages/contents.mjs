// What is in a package, whatever its format: where each file goes, with which mode, and whether it is configuration.
import { Buffer } from "node:buffer";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

export const root = fileURLToPath(new URL("../../", import.meta.url));
const files = join(root, "scripts", "packages", "files");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

export const NAME = manifest.name;
export const VERSION = manifest.version;
export const SUMMARY = "two-way active measurement of delay, jitter and loss";
export const DESCRIPTION = `twampede measures delay, jitter and loss between two hosts, there and back
and each way by itself: sender, responder, server and controller of TWAMP
(RFC 5357), TWAMP Light and STAMP (RFC 8762, RFC 8972). It is one executable,
with systemd units for the two ends that answer. Installing starts neither.`;
/** The C library that the executable for Linux asks for, on every processor; a test compares. */
export const GLIBC = "2.17";
/** A version before a release sorts before it, in both formats. */
export const PACKAGE_VERSION = VERSION.replace("-", "~");
export const REVISION = "1";
export const CHANGED = `${NAME} ${VERSION}: see /usr/share/doc/twampede/changelog.gz`;

/** A file of ours that packages carry. */
export const template = (name) => readFileSync(join(files, name), "utf8");

/** The files of a package with `exe` in it: `{ to, mode, from | text, config }`, in the order of their paths. */
export function contents(exe, format) {
  const list = [
    { to: "/usr/bin/twampede", mode: 0o755, from: exe },
    ...["responder", "server"].flatMap((name) => [
      { to: `/usr/lib/systemd/system/twampede-${name}.service`, text: template(`twampede-${name}.service`) },
      { to: `/etc/twampede/${name}.env`, text: template(`${name}.env`), config: true },
    ]),
    { to: "/etc/twampede/twampede.toml", text: template("twampede.toml"), config: true },
    { to: "/usr/lib/sysusers.d/twampede.conf", text: template("twampede.sysusers") },
    { to: "/usr/share/doc/twampede/copyright", text: copyright() },
    { to: "/usr/share/doc/twampede/changelog.gz", text: gzip(readFileSync(join(root, "CHANGELOG.md"))) },
    ...manPages(),
    ...completions(format),
  ];
  return list.sort((a, b) => (a.to < b.to ? -1 : 1)).map((file) => ({ mode: 0o644, config: false, ...file }));
}

/** Puts the files below `folder`; every time is `epoch`, so that the same input is the same package. */
export function stage(folder, list, epoch) {
  const folders = new Set([folder]);
  for (const { to, mode, from, text } of list) {
    const path = join(folder, to);
    for (let up = dirname(path); up.length > folder.length; up = dirname(up)) folders.add(up);
    mkdirSync(dirname(path), { recursive: true });
    if (from === undefined) writeFileSync(path, text);
    else copyFileSync(from, path);
    chmodSync(path, mode);
    lutimesSync(path, epoch, epoch);
  }
  for (const path of [...folders].sort().reverse()) {
    chmodSync(path, 0o755);
    lutimesSync(path, epoch, epoch);
  }
}

/** Without name and time in it, as distributions want it. */
export const gzip = (data) => gzipSync(Buffer.from(data), { level: 9 });

/** When the source was last changed, in seconds: what SOURCE_DATE_EPOCH says, else the last commit. */
export function sourceDate() {
  const said = process.env.SOURCE_DATE_EPOCH ??
    spawnSync("git", ["log", "-1", "--format=%ct"], { cwd: root, encoding: "utf8" }).stdout;
  if (/^\d+\s*$/.test(said ?? "")) return Number(said);
  throw new Error("no commit tells the time of the source: set SOURCE_DATE_EPOCH to it, in seconds since 1970");
}

/** The terms of the project, of the runtime, and of each package that is in the executable. */
function copyright() {
  const parts = [template("copyright"), readFileSync(join(root, "LICENSE"), "utf8")];
  for (const name of Object.keys(manifest.dependencies).sort()) {
    const folder = join(root, "node_modules", name);
    const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    const terms = file === undefined ? `${license}\n` : readFileSync(join(folder, file), "utf8");
    parts.push(`\n${name} ${version} (${license})\n\n${terms}`);
  }
  return parts.join("");
}

function manPages() {
  const folder = join(root, "man");
  const pages = existsSync(folder) ? readdirSync(folder).filter((name) => /\.[1-8]$/.test(name)) : [];
  return pages.map((name) => ({
    to: `/usr/share/man/man${name.at(-1)}/${name}.gz`,
    text: gzip(readFileSync(join(folder, name))),
  }));
}

/** For each shell what the program writes by `completions SHELL`, and where a package puts it. */
const COMPLETIONS = [
  ["twampede.bash", () => "/usr/share/bash-completion/completions/twampede"],
  ["twampede.fish", () => "/usr/share/fish/vendor_completions.d/twampede.fish"],
  [
    "twampede.zsh",
    (format) => `/usr/share/zsh/${format === "deb" ? "vendor-completions" : "site-functions"}/_twampede`,
  ],
];

/** From the source: an executable may be for another machine, or have come without the permission to run. */
function completions(format) {
  const folder = join(root, "cli", "completion", "scripts");
  return COMPLETIONS.map(([name, to]) => ({ to: to(format), text: readFileSync(join(folder, name), "utf8") }));
}
