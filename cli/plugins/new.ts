/**
 * `plugins new`: files to begin a plugin with, that work as they are.
 *
 * @module
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { OptionError } from "../../core/errors.ts";
import type { Plugin } from "../../core/plugin.ts";
import { PLUGIN_KINDS, pluginFault } from "../../core/plugin_check.ts";
import { closest } from "../../core/plugin_options.ts";
import { DECLARATIONS } from "./declarations.ts";
import { registry } from "./registry.ts";
import { SKELETONS } from "./skeletons.ts";

const TYPES = "twampede.d.ts";

/** What is typed to try one. */
const TRY: Readonly<Record<Plugin["kind"], string>> = {
  output: "--output NAME",
  traffic: "--profile NAME",
  schedule: "--schedule NAME",
  transport: "--transport NAME",
  tlv: "--protocol stamp --tlv NAME",
};

/** Writes the files, and returns what there is to say. */
export function newPlugin(kind: string, name: string, dir: string): string {
  const checked = checkKind(kind);
  checkName(checked, name);
  const file = (ending: string) => join(dir, `${name}${ending}`);
  const [plugin, test] = SKELETONS[checked];
  const wanted: [path: string, text: string, what: string][] = [
    [file(".ts"), plugin, "the plugin"],
    [file("_test.ts"), test, `its test: deno test ${file("_test.ts")}, or bun test ${file("_test.ts")}`],
  ];
  for (const [path] of wanted) {
    if (existsSync(path)) throw new OptionError(`'${path}' exists: give another name, or another --dir`);
  }
  const types = join(dir, TYPES);
  const keeps = existsSync(types);
  const old = keeps && readFileSync(types, "utf8") !== DECLARATIONS;
  try {
    mkdirSync(dir, { recursive: true });
    for (const [path, text] of wanted) writeFileSync(path, text.replaceAll("NAME", name), { flag: "wx" });
    if (!keeps) writeFileSync(types, DECLARATIONS, { flag: "wx" });
  } catch (error) {
    throw new OptionError(`--dir '${dir}' cannot be written to: ${(error as Error).message.split("\n")[0]}`);
  }
  wanted.push([types, "", old ? "types for both, of another version: left as they are" : "types for both"]);
  const width = Math.max(...wanted.map(([path]) => path.length)) + 2;
  const lines = wanted.map(([path, , what]) => `${path.padEnd(width)}${what}\n`).join("");
  const path = /^[./\\]|:/.test(file(".ts")) ? file(".ts") : `./${file(".ts")}`;
  return `${lines}\nTry it, then change it:\n  twampede demo --plugin ${path} ${TRY[checked].replace("NAME", name)}\n`;
}

function checkKind(text: string): Plugin["kind"] {
  const found = PLUGIN_KINDS.find((kind) => kind === text);
  if (found !== undefined) return found;
  const meant = closest(text, PLUGIN_KINDS);
  throw new OptionError(
    `'${text}' is no kind of plugin: give ${PLUGIN_KINDS.join(", ")}${
      meant === undefined ? "" : ` (did you mean ${meant}?)`
    }`,
  );
}

/** By the same rules as when it is loaded. */
function checkName(kind: Plugin["kind"], name: string): void {
  const plugin = { api: 1, kind, name, summary: name, options: [], create() {}, type: 250 };
  const fault = pluginFault(plugin);
  if (fault !== undefined) throw new OptionError(`the plugin ${fault}`);
  const same = registry.of(kind).some((other) => other.name === name);
  if (same) throw new OptionError(`${kind} '${name}' is built in: give another name`);
}
