// Whether a second build, elsewhere and under other circumstances, has the same octets.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../setup.mjs";
import { compile } from "./compile.mjs";

/** What goes into an executable, and what the compilers look at. */
const SOURCES = ["cli", "core", "outputs", "plugins", "mod.ts", "package.json", "package-lock.json", "deno.json"];
/** What has found its way into other people's builds: the clock, the place, the language, the home. */
const elsewhere = (folder) => ({
  TZ: "Pacific/Kiritimati",
  LC_ALL: "tr_TR.UTF-8",
  HOME: join(folder, "home"),
  TMPDIR: folder,
  USER: "somebody",
});

/** Builds each of `targets` here and in a copy at another path; yields `{ target, difference }`, null where there is none. */
export async function* differences(targets, how) {
  const scratch = mkdtempSync(join(tmpdir(), "twampede-twice-"));
  try {
    const copy = join(scratch, "a longer path than the other", "tree");
    copySources(copy);
    mkdirSync(join(scratch, "home"));
    for (const target of targets) {
      const files = [join(scratch, "here"), join(scratch, "there")];
      const one = { ...how, target, base: how.bases[target.id], build: how.build(target) };
      const reason = await compile({ ...one, file: files[0] }) ??
        await compile({ ...one, file: files[1], from: copy, env: elsewhere(scratch) });
      yield { target, difference: reason ?? compare(...files) };
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function copySources(to) {
  for (const name of SOURCES) cpSync(join(root, name), join(to, name), { recursive: true });
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  for (const [path, { dev }] of Object.entries(packages)) {
    if (path !== "" && !dev) cpSync(join(root, path), join(to, path), { recursive: true });
  }
}

function compare(first, second) {
  const [a, b] = [first, second].map((path) => readFileSync(path));
  if (a.equals(b)) return null;
  if (a.length !== b.length) return `${a.length} octets here, ${b.length} there`;
  let at = 0;
  while (a[at] === b[at]) at++;
  return `the first of them at ${at}`;
}
