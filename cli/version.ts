/**
 * What this program is.
 *
 * @module
 */
import manifest from "../package.json" with { type: "json" };

/** Its version, from package.json. */
export const VERSION: string = manifest.version;

/** The runtime under it: `deno 2.9.5`, `bun 1.4.5`. */
export function runtimeName(): string {
  const { deno, bun, node } = process.versions as Record<string, string | undefined>;
  if (deno !== undefined) return `deno ${deno}`;
  return bun !== undefined ? `bun ${bun}` : `node ${node}`;
}
