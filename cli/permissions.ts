/**
 * What each command needs of Deno's permissions; the rest is given back before it starts. The same table makes the
 * permissions of an executable by `deno compile`. Bun has no permissions: there this does nothing.
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
  const known = (needs as Record<string, readonly string[]>)[command] as readonly Permission[] | undefined;
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
