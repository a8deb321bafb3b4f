// Makes cli/plugins/declarations.ts: the types that a plugin's author needs, from core, as one declaration file that
// needs nothing else: deno run -A scripts/plugin_types.ts, or bun scripts/plugin_types.ts. A test compares.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The file that is made. */
export const FILE: string = path("cli/plugins/declarations.ts");

/** Where types are looked for. */
const SOURCES = ["plugin", "record", "snapshot", "transport", "batch", "tlv", "time/clock", "wire/layout", "wire/tlv"];
/** What is wanted besides all that `core/plugin.ts` exports: the bits that records, slots and TLVs have. */
const WANTED = ["ProbeFlag", "SlotFlag", "TlvFlag"];

const HEAD = `// deno-fmt-ignore-file
/**
 * The types of twampede's plugins, interface version 1: what \`twampede --plugin FILE\` loads.
 *
 * Import types only (\`import type { OutputPlugin } from "./twampede.d.ts"\`): a plugin needs nothing of the program.
 * Written by \`twampede plugins new\`; delete it to have it written anew.
 *
 * @module
 */
`;

function path(file: string): string {
  return fileURLToPath(new URL(`../${file}`, import.meta.url));
}

/** What a file exports that is a type, by name, with its comment; a table of constants becomes the type of that table. */
function declarationsOf(source: string): Map<string, string> {
  const found = new Map<string, string>();
  const lines = source.replaceAll("\r\n", "\n").split("\n");
  for (let i = 0; i < lines.length; i++) {
    const [, kind, name] = /^export (interface|type|const) (\w+)/.exec(lines[i]) ?? [];
    if (name === undefined || (kind === "const" && !/^export const \w+ = \{/.test(lines[i]))) continue;
    let from = i;
    if (lines[i - 1]?.endsWith("*/")) { while (!lines[--from].startsWith("/**")); }
    let to = i;
    const end = kind === "type" ? /;$/ : kind === "const" ? /\} as const;$/ : /^\}|\{\}$/;
    while (to < lines.length - 1 && !end.test(lines[to])) to++;
    const text = lines.slice(from, to + 1).join("\n");
    found.set(name, kind === "const" ? asInterface(text) : text);
  }
  return found;
}

/** `export const X = { A: 1 } as const` as `export interface X { readonly A: 1 }`. */
function asInterface(text: string): string {
  const open = text.replace(/^export const (\w+) = \{/m, "export interface $1 {").replace(/\s*\} as const;$/, "\n}");
  const [head, ...rest] = open.split(/(?<=^export interface \w+ \{)/m);
  const members = rest.join("").replace(/^(\s*)(\/\*.*|\*.*)$/gm, "$1$2")
    .replace(/^(\s*)("[\w-]+"|\w+): ([^,\n]+),?$/gm, "$1readonly $2: $3;");
  return head + members;
}

/** The names that a declaration uses. */
function uses(text: string): string[] {
  return text.replace(/\/\*\*[^]*?\*\//g, "").match(/\b[A-Z]\w*\b/g) ?? [];
}

/** The text of the declaration file. */
export function declarations(): string {
  const all = new Map<string, string>();
  let wanted: string[] = [...WANTED];
  for (const source of SOURCES) {
    const found = declarationsOf(readFileSync(path(`core/${source}.ts`), "utf8"));
    for (const [name, text] of found) all.set(name, text);
    if (source === "plugin") wanted = [...found.keys(), ...wanted];
  }
  const taken = new Set<string>();
  for (let name = wanted.shift(); name !== undefined; name = wanted.shift()) {
    if (taken.has(name) || !all.has(name)) continue;
    taken.add(name);
    wanted.push(...uses(all.get(name)!));
  }
  const texts = [...all].filter(([name]) => taken.has(name)).map(([, text]) =>
    text.replace(/\btypeof ([A-Z_]+)\b/g, "$1")
  );
  return `${HEAD}\n${texts.join("\n\n")}\n`;
}

/** The text of the module that has it in it. */
export function module(): string {
  const text = declarations().replace(/[\\`]|\$\{/g, (special) => `\\${special}`);
  return `/**
 * Types for authors of plugins, as a file of its own. Made by scripts/plugin_types.ts: change core, not this.
 *
 * @module
 */

/** What \`twampede plugins new\` writes beside a plugin. */
export const DECLARATIONS: string = \`${text}\`;
`;
}

if (import.meta.main) writeFileSync(FILE, module());
