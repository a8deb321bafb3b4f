/**
 * Why a file could not be imported, in one line, from what the runtimes throw: each has its own way of saying it.
 *
 * @module
 */
import { stripVTControlCharacters } from "node:util";
import { explainThrown } from "./faults.ts";

/** Of the messages that Bun puts into an `AggregateError`, and a `SyntaxError` of either. */
interface Placed {
  readonly message?: string;
  readonly position?: { readonly line?: number; readonly column?: number } | null;
}

/** The end of a sentence that begins with the file. */
export function explainImport(error: unknown, path: string): string {
  const { errors, position, message } = (error ?? {}) as Placed & { readonly errors?: readonly Placed[] };
  const first = Array.isArray(errors) ? errors[0] as Placed | undefined : undefined;
  if (first?.message !== undefined) return syntax(first.message, first.position?.line);
  if (typeof message !== "string") return `throws while it loads: ${explainThrown(error, path)}`;
  if (typeof position?.line === "number") return syntax(message, position.line);
  const plain = stripVTControlCharacters(message);
  const [line] = plain.split("\n");
  // Deno: `SyntaxError: Expected ',', got 'name'`, an excerpt, and `at file:///mine.ts:3:18`.
  const at = /at file:\S*?:(\d+):\d+/.exec(plain)?.[1];
  if (/^SyntaxError: |^The module's source code could not be parsed/.test(line)) {
    return syntax(line.replace(/^SyntaxError: /, ""), at === undefined ? undefined : Number(at));
  }
  if (line.includes("UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING")) {
    return "is TypeScript of a package, which Deno does not run: name a copy of it outside of node_modules, or its .js";
  }
  if (error instanceof SyntaxError) return syntax(line, undefined);
  if (/^(Module not found|Cannot find (module|package)|Import ".*" not|Relative import path)/.test(line)) {
    const where = at === undefined ? "" : ` (line ${at})`;
    return `imports what is not there: ${line.replace(/\.$/, "")}${where}; a plugin imports types only`;
  }
  return `throws while it loads: ${explainThrown(error, path)}`;
}

function syntax(message: string, line: number | undefined): string {
  return `has an error${line === undefined ? "" : ` in line ${line}`}: ${message.split("\n")[0]}`;
}
