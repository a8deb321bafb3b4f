/**
 * Where a configuration file is looked for.
 *
 * Never in the current directory: what lies about where the program is started is not its user's word.
 *
 * @module
 */
import { statSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { readVariable } from "./environment.ts";

const FILE = "twampede.toml";

/** The user's, then the system's. */
export function usualPlaces(platform: string = process.platform): string[] {
  const folder = userFolder(platform);
  const own = folder === undefined ? [] : [join(folder, "twampede", FILE)];
  // Anybody may make folders where Windows keeps what is of all users, so nothing is read there.
  return platform === "win32" ? own : [...own, join("/etc/twampede", FILE)];
}

function userFolder(platform: string): string | undefined {
  if (platform === "win32") return readVariable("APPDATA");
  const xdg = readVariable("XDG_CONFIG_HOME");
  // A relative one is to be ignored (XDG Base Directory Specification).
  if (xdg !== undefined && isAbsolute(xdg)) return xdg;
  const home = homeFolder();
  if (home === undefined) return undefined;
  return platform === "darwin" ? join(home, "Library/Application Support") : join(home, ".config");
}

/** The user's folder; undefined where there is none, or it may not be known. */
export function homeFolder(): string | undefined {
  try {
    return homedir() || undefined;
  } catch {
    return undefined;
  }
}

/**
 * The file to read, if any: the one that was asked for, whether it is there or not, or the first that is. `asked` is
 * what `--config` says, false for `--no-config`.
 */
export function findFile(asked: string | false | undefined): string | undefined {
  if (asked === false) return undefined;
  const named = asked ?? readVariable("TWAMPEDE_CONFIG");
  return named ?? usualPlaces().find(isThere);
}

/** One that this process may not even look for is not there. */
function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}
