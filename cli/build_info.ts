/**
 * Where this program comes from: what the build wrote into an executable, in a checkout what git says.
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { runtimeName, VERSION } from "./version.ts";

/** What a build knows. Each is the same for everybody who builds the same commit. */
export interface Build {
  readonly commit: string | null;
  /** Whether something was changed that is not in the commit. */
  readonly modified: boolean | null;
  /** When the commit was made, or what SOURCE_DATE_EPOCH says. */
  readonly date: string | null;
  /** `bun 1.4.5`, `deno 2.9.5`. */
  readonly compiler: string | null;
  /** `linux-x64-musl`. */
  readonly target: string | null;
}

/** Put in by the compiler (scripts/release/compile.mjs); not there in a checkout. */
declare const TWAMPEDE_BUILD: Build | undefined;

/** The document of `version --json`. */
export function versionDocument(): Record<string, unknown> {
  const build = typeof TWAMPEDE_BUILD === "undefined" ? fromGit() : TWAMPEDE_BUILD;
  return {
    schema: "twampede/version/1",
    name: "twampede",
    version: VERSION,
    ...build,
    runtime: runtimeName(),
    system: process.platform === "win32" ? "windows" : process.platform,
    processor: process.arch,
  };
}

/** Of a checkout; all null where it has no git, or git no permission. */
function fromGit(): Build {
  const nothing: Build = { commit: null, modified: null, date: null, compiler: null, target: null };
  try {
    const root = fileURLToPath(new URL("../", import.meta.url));
    // Without this git would look further up, and tell the commit of somebody else's repository.
    if (!existsSync(join(root, ".git"))) return nothing;
    const git = (...args: string[]) =>
      execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    const [commit, date] = git("show", "-s", "--format=%H %ct", "HEAD").split(" ");
    return {
      ...nothing,
      commit,
      modified: git("status", "--porcelain") !== "",
      date: new Date(Number(date) * 1000).toISOString().replace(".000Z", "Z"),
    };
  } catch {
    return nothing;
  }
}
