/**
 * Where a configuration file is looked for.
 *
 * Never in the current directory: what lies about where the program is started is not its user's word.
 *
 * @module
 */
import { type Stats, statSync } from "node:fs";
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

/** What to read. */
export interface Found {
  readonly path: string | undefined;
  /** Why others are passed over, in a line each. */
  readonly notes: readonly string[];
}

/**
 * The file to read, if any: the one that was asked for, whether it is there or not, or the first that is. `asked` is
 * what `--config` says, false for `--no-config`.
 */
export function findFile(asked: string | false | undefined): Found {
  if (asked === false) return { path: undefined, notes: [] };
  const named = asked ?? readVariable("TWAMPEDE_CONFIG");
  if (named !== undefined) return { path: named, notes: [] };
  const notes: string[] = [];
  for (const path of usualPlaces()) {
    const about = look(path);
    if (about === undefined) continue;
    const why = distrust(about);
    if (why === undefined) return { path, notes };
    notes.push(`${path} is not read, as ${why}; to read it all the same, say --config ${path}`);
  }
  return { path: undefined, notes };
}

/** One that this process may not even look for is not there. */
function look(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** A file can name plugins, which are code: that of others is not run unasked, with `sudo` least of all. */
function distrust({ uid, mode }: Stats): string | undefined {
  const own = ownUser();
  if (own === undefined) return undefined;
  if (uid !== 0 && uid !== own) return "it belongs to another user";
  return (mode & 0o002) === 0 ? undefined : "everybody can write to it";
}

/** Undefined on Windows, and where Deno may not tell. */
function ownUser(): number | undefined {
  try {
    return process.getuid?.();
  } catch {
    return undefined;
  }
}
