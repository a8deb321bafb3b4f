// The runtimes that Bun puts the program into, one a system. Bun would fetch them itself and take what it gets; here they
// come through npm and must be what package-lock.json says, like everything else that ends up in a user's hands.
import { execFile } from "node:child_process";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { withLock } from "../lock.mjs";
import { root, runtimes } from "../setup.mjs";
import { hostTarget } from "../targets.mjs";

const exec = promisify(execFile);
const FETCH_MS = 600_000;

/** Paths of the runtimes for `targets`, by the target's id; fetches those that are not there. */
export async function bases(targets) {
  const own = hostTarget()?.id;
  const others = await fetched(targets.filter(({ id }) => id !== own));
  // That of this machine npm has brought with the compiler, and compared with package-lock.json.
  return targets.length > others.length ? { ...others.paths, [own]: (await runtimes()).bun } : others.paths;
}

async function fetched(targets) {
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  const wanted = targets.map((target) => {
    const { version, integrity } = lock[`node_modules/${target.base}`];
    // The name holds the checksum: what is there under it was right when it came.
    const folder = join(root, "node_modules", ".twampede-bases", digest(integrity).toString("hex").slice(0, 32));
    const path = join(folder, "package", "bin", target.system === "windows" ? "bun.exe" : "bun");
    return { id: target.id, spec: `${target.base}@${version}`, integrity, folder, path };
  });
  if (wanted.some(({ path }) => !existsSync(path))) {
    await withLock(join(root, ".twampede-setup"), "fetching the runtimes", () => fetch(wanted));
  }
  return { length: wanted.length, paths: Object.fromEntries(wanted.map(({ id, path }) => [id, path])) };
}

async function fetch(wanted) {
  const missing = wanted.filter(({ path }) => !existsSync(path));
  if (missing.length === 0) return;
  const place = join(root, "node_modules", ".twampede-bases");
  mkdirSync(place, { recursive: true });
  const part = mkdtempSync(join(place, "part-"));
  try {
    const shell = process.platform === "win32";
    const args = [
      "pack",
      "--json",
      "--loglevel=error",
      `--pack-destination=${part}`,
      ...missing.map(({ spec }) => spec),
    ];
    const { stdout } = await exec("npm", args, { cwd: root, shell, timeout: FETCH_MS, maxBuffer: 1 << 26 })
      .catch((error) => {
        throw new Error(`fetching ${missing.map(({ id }) => id).join(", ")} by npm failed: ${firstLine(error)}`);
      });
    const packed = JSON.parse(stdout);
    for (const { spec, integrity, folder } of missing) {
      const file = join(part, packed.find(({ id }) => id === spec).filename);
      if (!createHash("sha512").update(readFileSync(file)).digest().equals(digest(integrity))) {
        throw new Error(`${spec} from npm is not what package-lock.json says: look at the registry that npm is set to`);
      }
      const unpacked = mkdtempSync(join(part, "unpacked-"));
      // Windows has a tar too. Relative, because to it a drive's letter is a host.
      await exec("tar", ["-xzf", `../${file.slice(part.length + 1)}`], { cwd: unpacked, timeout: FETCH_MS });
      rmSync(folder, { recursive: true, force: true });
      renameSync(unpacked, folder);
    }
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
}

function firstLine({ code, stderr, message }) {
  if (code === "ENOENT") return "npm is not on PATH: install it (it comes with Node.js) and try again";
  return (stderr || message).trim().split("\n")[0];
}

function digest(integrity) {
  const sha512 = /^sha512-(\S+)$/.exec(integrity)?.[1];
  if (sha512 === undefined) throw new Error(`package-lock.json has no sha512 but '${integrity}'`);
  return Buffer.from(sha512, "base64");
}
