// A package for Debian and Ubuntu, made by dpkg-deb.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import {
  CHANGED,
  DESCRIPTION,
  GLIBC,
  gzip,
  NAME,
  PACKAGE_VERSION,
  REVISION,
  stage,
  SUMMARY,
  template,
} from "./contents.mjs";
import { tool } from "./tool.mjs";

const ARCHITECTURE = { x64: "amd64", arm64: "arm64" };
/** What Debian 11 can unpack as well; and what takes no time, for tests. */
const COMPRESSION = { small: ["-Zxz", "-z2"], fast: ["-Znone"] };

/** Makes the package of `list` in `out`; returns its name. */
export async function makeDeb({ arch, list, folder, out, epoch, fast, maintainer, homepage }) {
  const version = `${PACKAGE_VERSION}-${REVISION}`;
  const name = `${NAME}_${version}_${ARCHITECTURE[arch]}.deb`;
  const changelog = {
    to: "/usr/share/doc/twampede/changelog.Debian.gz",
    mode: 0o644,
    text: gzip(debianChangelog(version, maintainer, epoch)),
  };
  const overrides = {
    to: "/usr/share/lintian/overrides/twampede",
    mode: 0o644,
    text: template("deb-lintian-overrides"),
  };
  const all = [...list, changelog, overrides];
  const tree = join(folder, "deb");
  mkdirSync(tree, { recursive: true });
  stage(tree, all, epoch);
  const sizes = all.map(({ to }) => Math.ceil(statSync(join(tree, to)).size / 1024));
  const control = [
    `Package: ${NAME}`,
    `Version: ${version}`,
    `Architecture: ${ARCHITECTURE[arch]}`,
    `Maintainer: ${maintainer}`,
    `Installed-Size: ${sizes.reduce((sum, size) => sum + size, 0)}`,
    `Depends: libc6 (>= ${GLIBC}), passwd`,
    "Section: net",
    "Priority: optional",
    ...(homepage === undefined ? [] : [`Homepage: ${homepage}`]),
    `Description: ${SUMMARY}`,
    ...DESCRIPTION.split("\n").map((line) => ` ${line}`),
  ];
  const sums = all.filter(({ config }) => !config).map(({ to }) => `${md5(join(tree, to))}  ${to.slice(1)}\n`);
  const own = [
    { to: "/control", text: `${control.join("\n")}\n` },
    { to: "/conffiles", text: all.filter(({ config }) => config).map(({ to }) => `${to}\n`).join("") },
    { to: "/md5sums", text: sums.join("") },
    ...["postinst", "prerm", "postrm"].map((name) => ({ to: `/${name}`, mode: 0o755, text: template(`deb-${name}`) })),
  ];
  stage(join(tree, "DEBIAN"), own.map((file) => ({ mode: 0o644, ...file })), epoch);
  const compression = COMPRESSION[fast ? "fast" : "small"];
  await tool("dpkg-deb", [...compression, "--root-owner-group", "--build", tree, join(out, name)], epoch);
  return name;
}

const md5 = (path) => createHash("md5").update(readFileSync(path)).digest("hex");

function debianChangelog(version, maintainer, epoch) {
  const date = new Date(epoch * 1000).toUTCString().replace("GMT", "+0000");
  return `${NAME} (${version}) stable; urgency=medium\n\n  * ${CHANGED}\n\n -- ${maintainer}  ${date}\n`;
}
