/** Plugins as files of a test's own. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Outcome, withFolder } from "../support.ts";

/** A folder with these files; what is in it is gone afterwards. */
export function withFiles<T>(files: Readonly<Record<string, string>>, use: (folder: string) => Promise<T>): Promise<T> {
  return withFolder((folder) => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    return use(folder);
  });
}

/** The text of a module whose default export has these fields beside the usual ones. */
export function plugin(kind: string, name: string, rest: string, before = ""): string {
  return `${before}export default { api: 1, kind: "${kind}", name: "${name}", summary: "a test's", options: [],\n${rest} };\n`;
}

/** The measurement's result is there, whole. */
export function assertTable({ stdout, stderr }: Outcome, loss = "0.0%"): void {
  assert.match(stdout, new RegExp(`^ +Roundtrip: .* ${loss.replace(".", "\\.")}$`, "m"), `${stdout}\n${stderr}`);
}

/** The lines of standard error that tell of plugins. */
export function faultLines({ stderr }: Outcome): string[] {
  return stderr.split("\n").filter((line) => /switched off|^twampede: plugin/.test(line));
}
