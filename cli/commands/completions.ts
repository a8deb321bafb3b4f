/**
 * `completions SHELL`: the script that makes a shell complete twampede's words. It asks `twampede complete` each time, so
 * that it never says anything else than the program that is installed.
 *
 * @module
 */
import bash from "../completion/scripts/twampede.bash" with { type: "text" };
import fish from "../completion/scripts/twampede.fish" with { type: "text" };
import powershell from "../completion/scripts/twampede.ps1" with { type: "text" };
import zsh from "../completion/scripts/twampede.zsh" with { type: "text" };
import type { Shell } from "../completion/shells.ts";

const SCRIPTS: Readonly<Record<Shell, string>> = { bash, zsh, fish, powershell };

/** The script. */
export function completionScript(shell: Shell): string {
  return SCRIPTS[shell];
}
