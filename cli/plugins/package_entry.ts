/**
 * Which file of an installed package a program gets that imports it: `exports` or `main` of its package.json. Looked up
 * here, and not by the runtime: an executable has no `node_modules` of its own, and is not to obey what else lies about
 * in the directory it is started in.
 *
 * @module
 */
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";

/** Conditions that hold here, besides the runtime's own name. */
const CONDITIONS = ["import", "module", "node", "default"];

/** `@scope/name/sub/path` in two; undefined for what is no name of a package. */
export function splitPackage(text: string): { name: string; sub: string } | undefined {
  const match = /^((?:@[a-z0-9~-][\w.~-]*\/)?[a-z0-9~-][\w.~-]*)((?:\/[^/\\]+)*)$/i.exec(text);
  return match === null ? undefined : { name: match[1], sub: `.${match[2]}` };
}

/** The folder of an installed package, seen from `from`: in its `node_modules`, or in that of a folder above. */
export function packageFolder(name: string, from: string): string | undefined {
  for (let folder = resolve(from);; folder = dirname(folder)) {
    const candidate = join(folder, "node_modules", name);
    if (existsSync(join(candidate, "package.json"))) return candidate;
    if (dirname(folder) === folder) return undefined;
  }
}

/**
 * The file that `sub` (`.` for the package itself) of the package in `folder` is.
 *
 * @throws Error with the end of a sentence
 */
export function packageEntry(folder: string, sub: string): string {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Record<string, unknown>;
  const target = manifest.exports === undefined ? legacy(manifest, sub) : exported(manifest.exports, sub);
  if (target === undefined) throw new Error(`its package.json exports no '${sub}' for import`);
  const file = resolve(folder, target);
  if (!file.startsWith(folder + sep)) throw new Error(`its package.json exports '${target}', outside of it`);
  if (!existsSync(file) || !statSync(file).isFile()) {
    throw new Error(`its package.json names '${target}', which is no file`);
  }
  return file;
}

function legacy({ main, module }: Record<string, unknown>, sub: string): string {
  if (sub !== ".") return sub;
  if (typeof module === "string") return module;
  return typeof main === "string" ? main : "index.js";
}

function exported(exports: unknown, sub: string): string | undefined {
  const isMap = typeof exports === "object" && exports !== null &&
    Object.keys(exports).some((key) => key.startsWith("."));
  if (!isMap) return sub === "." ? conditional(exports) : undefined;
  const map = exports as Record<string, unknown>;
  if (Object.hasOwn(map, sub)) return conditional(map[sub]);
  for (const [pattern, target] of Object.entries(map)) {
    const [before, after] = pattern.split("*");
    if (after === undefined || !sub.startsWith(before) || !sub.endsWith(after)) continue;
    if (sub.length < before.length + after.length) continue;
    return conditional(target)?.replaceAll("*", sub.slice(before.length, sub.length - after.length));
  }
  return undefined;
}

/** The first condition that holds decides, as everywhere; of an array the first that can be. */
function conditional(target: unknown): string | undefined {
  if (typeof target === "string") return target;
  if (Array.isArray(target)) return target.map(conditional).find((one) => one !== undefined);
  if (typeof target !== "object" || target === null) return undefined;
  const own = "Deno" in globalThis ? "deno" : "bun";
  for (const [condition, value] of Object.entries(target)) {
    if (condition !== own && !CONDITIONS.includes(condition)) continue;
    const found = conditional(value);
    if (found !== undefined) return found;
  }
  return undefined;
}
