/**
 * `version`: one line for people; with `--json` where it comes from, for bug reports and packagers.
 *
 * @module
 */
import { print } from "../sinks.ts";
import { VERSION } from "../version.ts";

/** Prints it; resolves to the exit status. */
export async function runVersion(json: boolean): Promise<number> {
  if (!json) {
    print(`twampede ${VERSION}\n`);
    return 0;
  }
  const { versionDocument } = await import("../build_info.ts");
  print(`${JSON.stringify(versionDocument(), null, 2)}\n`);
  return 0;
}
