/**
 * How a file becomes a module: the runtime does it, in executables too, but for one made by Deno, which loads nothing
 * that was not put into it.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

/** What of Deno is asked. */
interface DenoBuild {
  readonly build: { readonly standalone?: boolean };
}

const isSealed = (globalThis as { Deno?: DenoBuild }).Deno?.build.standalone === true;

/** The module in the file at `path`. */
export async function importFile(path: string, sealed: boolean = isSealed): Promise<Record<string, unknown>> {
  return await (sealed ? importText(path) : import(pathToFileURL(path).href));
}

/** A module from its text: what it imports can be `node:` modules only. */
async function importText(path: string): Promise<Record<string, unknown>> {
  if (!/\.[cm]?js$/.test(path)) {
    throw new SyntaxError(
      "this executable, made by Deno, reads no TypeScript: make JavaScript of it, as with " +
        "`bun build mine.ts --outfile mine.js`",
    );
  }
  return await import(`data:text/javascript;base64,${readFileSync(path).toString("base64")}`);
}
