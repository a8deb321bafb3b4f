// Which part of the program may import which: the arrows of ARCHITECTURE.md as data, and the check that they hold.
import { readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { filesBelow } from "./files.mjs";
import { importsOf } from "./imports.mjs";

/** Computation only: these packages touch no socket, clock, file or global, so the pure rooms may have them. */
const PURE = ["ipaddr.js", "@noble/ciphers", "@noble/hashes"];
const BUILTIN = ["node:*", "bun:*", "bun"];
const ANY = ["**"];
const CORE_LEAVES = ["core/wire/**", "core/time/**", "core/errors.ts"];

/**
 * The first room whose `files` match is a file's room. `may`: the files it may import (`own/**`: its own folder);
 * `types`: what it may import with `import type` besides; `packages`: which packages and builtin modules.
 */
export const ROOMS = [
  { files: "core/wire/**", may: CORE_LEAVES, packages: PURE },
  { files: "core/time/**", may: CORE_LEAVES, packages: PURE },
  { files: "core/session/**", may: ["own/**", "core/wire/**", "core/time/**", "core/*.ts"], packages: PURE },
  { files: "core/control/**", may: ["own/**", "core/wire/**", "core/time/**", "core/*.ts"], packages: PURE },
  { files: "core/stats/**", may: ["own/**", "core/*.ts", "core/time/**"], packages: PURE },
  { files: "core/**", may: ["core/**"], packages: PURE },
  { files: "plugins/transport/**", may: ["core/**", "plugins/transport/**"], packages: [...PURE, ...BUILTIN] },
  { files: "plugins/*.ts", may: ["core/**", "plugins/**"], packages: PURE },
  { files: "plugins/**", may: ["core/**", "own/**"], packages: PURE },
  { files: "outputs/**", may: ["core/**", "outputs/**"], packages: [] },
  { files: "cli/**", may: ANY, mayNot: ["tests/**"], packages: ANY },
  { files: "mod.ts", may: ANY, mayNot: ["cli/**", "tests/**", "scripts/**", "bench/**"], packages: PURE },
  { files: "tests/**", may: ANY, packages: ANY },
  { files: "scripts/**", may: ANY, packages: ANY },
  { files: "bench/**", may: ANY, packages: ANY },
  { files: "examples/**", may: ANY, packages: ANY },
  { files: "docs/**", may: ANY, packages: ANY },
];

/** `sources`: path to text of every file. Returns one line for each violation. */
export function check(sources, rooms = ROOMS) {
  const violations = [];
  const arrows = new Map();
  for (const [path, source] of sources) {
    const room = rooms.find((room) => matches(path, room.files, path));
    if (!room) {
      violations.push(`${path}:1 is in no room: add its folder to the table in scripts/check-imports.mjs`);
      continue;
    }
    const targets = [];
    for (const { line, specifier, types } of importsOf(source)) {
      const rule = specifier?.startsWith(".")
        ? fileRule(path, posix.join(posix.dirname(path), specifier), room, types)
        : packageRule(specifier, room);
      if (rule) violations.push(`${path}:${line} imports ${specifier ?? "a computed name"}: ${rule}`);
      if (specifier?.startsWith(".")) targets.push(posix.join(posix.dirname(path), specifier));
    }
    arrows.set(path, targets);
  }
  return [...violations, ...cycles(arrows).map((cycle) => `${cycle[0]}:1 imports itself: ${cycle.join(" -> ")}`)];
}

function fileRule(path, target, room, types) {
  const allowed = types ? [...room.may, ...(room.types ?? [])] : room.may;
  if (target.startsWith("..")) return "it is outside the project";
  const refused = room.mayNot?.find((pattern) => matches(target, pattern, path));
  if (refused) return `${room.files} may not import ${refused}`;
  return allowed.some((pattern) => matches(target, pattern, path))
    ? null
    : `${room.files} may import only ${allowed.join(", ")}`;
}

function packageRule(specifier, room) {
  if (specifier === null) {
    return room.packages === ANY || room.packages.includes("node:*") ? null : "name it in the code";
  }
  if (/^(?:npm|jsr|https?|file|data):/.test(specifier)) return "packages are named in package.json";
  const parts = specifier.split("/");
  const name = specifier.startsWith("@") ? parts.slice(0, 2).join("/") : parts[0];
  const allowed = room.packages === ANY ||
    room.packages.some((entry) => entry === name || (entry.endsWith(":*") && name.startsWith(entry.slice(0, -1))));
  if (allowed) return null;
  const list = room.packages.join(", ");
  return list ? `${room.files} may use only the packages ${list}` : `${room.files} may use no packages`;
}

/** Patterns: a path, `folder/**` (everything below), `folder/*.ts` (directly in it), `own/**` (the importer's folder). */
function matches(path, pattern, from) {
  if (pattern === "**") return true;
  if (pattern === "own/**") return path.startsWith(`${from.split("/").slice(0, 2).join("/")}/`);
  if (pattern.endsWith("/**")) return path.startsWith(pattern.slice(0, -2));
  if (pattern.endsWith("/*.ts")) return posix.dirname(path) === pattern.slice(0, -5) && path.endsWith(".ts");
  return path === pattern;
}

/** Each cycle once, as the path around it. */
function cycles(arrows) {
  const state = new Map();
  const found = [];
  const visit = (path, trail) => {
    if (state.get(path) === "done") return;
    if (state.get(path) === "open") {
      found.push([...trail.slice(trail.indexOf(path)), path]);
      return;
    }
    state.set(path, "open");
    for (const next of arrows.get(path) ?? []) visit(next, [...trail, path]);
    state.set(path, "done");
  };
  for (const path of arrows.keys()) visit(path, []);
  return found;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  const files = filesBelow(root, [".ts", ".mjs"]);
  const violations = check(new Map(files.map((path) => [path, readFileSync(join(root, path), "utf8")])));
  for (const violation of violations) console.error(violation);
  console.log(`${files.length} files, ${violations.length} wrong imports`);
  process.exitCode = violations.length > 0 ? 1 : 0;
}
