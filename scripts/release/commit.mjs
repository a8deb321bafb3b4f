// What an executable says of its origin. Only what is the same for everybody who builds the same commit: no clock, no
// user, no path.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { root } from "../setup.mjs";

/** `{ version, commit, modified, date }`; what is not known (a copy without git) is null. */
export function origin() {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const commit = git("rev-parse", "HEAD");
  return {
    version,
    commit,
    // Not by a hash of the changes: who builds a changed tree knows what he changed.
    modified: commit === null ? null : git("status", "--porcelain") !== "",
    date: epoch() ?? (commit === null ? null : isoSeconds(Number(git("show", "-s", "--format=%ct", "HEAD")))),
  };
}

/** SOURCE_DATE_EPOCH, as https://reproducible-builds.org/specs/source-date-epoch/ has it. */
function epoch() {
  const text = process.env.SOURCE_DATE_EPOCH;
  if (text === undefined || text === "") return null;
  if (/^\d{1,11}$/.test(text)) return isoSeconds(Number(text));
  throw new Error(`SOURCE_DATE_EPOCH=${text} is not a number of seconds since 1970: set it to one, or unset it`);
}

const isoSeconds = (seconds) => new Date(seconds * 1000).toISOString().replace(".000Z", "Z");

function git(...args) {
  try {
    const quiet = { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] };
    // Of a copy inside somebody else's repository that one's commit would be told.
    if (execFileSync("git", ["rev-parse", "--show-prefix"], quiet).trim() !== "") return null;
    return execFileSync("git", args, quiet).trim();
  } catch {
    return null;
  }
}
