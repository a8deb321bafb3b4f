/**
 * What each command needs of Deno's permissions; the rest is given back before it starts. Bun has no permissions: there
 * this does nothing.
 *
 * `all` is for commands that read /proc or /sys: Deno lets only those read there that may do everything. `doctor` asks
 * about the system there, and full TWAMP finds the descriptor of a connection, for its DSCP, and how many there may be.
 *
 * It guards against our own mistakes. Who has `ffi` is held by no other permission.
 *
 * @module
 */
import needs from "./permissions.json" with { type: "json" };

/** As Deno calls them. */
export type Permission = "net" | "ffi" | "read" | "write" | "sys" | "env" | "run" | "import";

const ALL: readonly Permission[] = ["net", "ffi", "read", "write", "sys", "env", "run", "import"];

/** Options by which a command writes a file that the user names. */
const WRITES = ["logfile", "output", "html"];

/** The part of `Deno` that is used. */
interface Permissions {
  revokeSync(what: { name: Permission }): unknown;
}

/** What `command` keeps; a command that the table does not know keeps all but what none needs. */
export function keptBy(command: string, given: (option: string) => boolean): readonly Permission[] {
  // A plugin is code that the user chose: what it needs, the table cannot know.
  if (given("plugin")) return ALL;
  const known = (needs as Record<string, string | readonly string[]>)[command] as "all" | Permission[] | undefined;
  if (known === "all") return ALL;
  if (known === undefined) return ALL.filter((one) => one !== "run" && one !== "import");
  return WRITES.some(given) ? [...known, "write"] : known;
}

/** Gives back what `command` does not need; `given` tells whether an option stands on the command line. */
export function narrowPermissions(command: string, given: (option: string) => boolean): void {
  const permissions = (globalThis as { Deno?: { permissions?: Permissions } }).Deno?.permissions;
  if (permissions === undefined) return;
  const kept = keptBy(command, given);
  for (const name of ALL) if (!kept.includes(name)) permissions.revokeSync({ name });
}
