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

/** Values of options, by name. */
type Values = Readonly<Record<string, unknown>>;

/** What `command` keeps; a command that the table does not know keeps all but what none needs. */
export function keptBy(
  command: string,
  given: (option: string) => boolean,
  values: Values = {},
): readonly Permission[] {
  // A plugin is code that the user chose: what it needs, the table cannot know.
  if (given("plugin")) return ALL;
  // Deno opens /dev/stderr, say, only for a program that may do everything.
  if (WRITES.some((option) => given(option) && isSpecial(values[option]))) return ALL;
  const known = (needs as Record<string, string | readonly string[]>)[command] as "all" | Permission[] | undefined;
  if (known === "all") return ALL;
  if (known === undefined) return ALL.filter((one) => one !== "run" && one !== "import");
  return WRITES.some(given) ? [...known, "write"] : known;
}

/** Whether it names a file in a folder of the system's own: of an option that takes a file, or of an output. */
function isSpecial(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(isSpecial);
  return typeof value === "string" && /(?:^|[:,]file=)\/(?:dev|proc)\//.test(value);
}

/** Gives back what `command` does not need; `given` tells whether an option stands on the command line, `values` what it is. */
export function narrowPermissions(command: string, given: (option: string) => boolean, values: Values): void {
  const permissions = (globalThis as { Deno?: { permissions?: Permissions } }).Deno?.permissions;
  if (permissions === undefined) return;
  const kept = keptBy(command, given, values);
  for (const name of ALL) if (!kept.includes(name)) permissions.revokeSync({ name });
}
