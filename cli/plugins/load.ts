/**
 * Plugins from files and installed packages: found, imported, checked, and put into the registry behind a guard.
 *
 * @module
 */
import { readFileSync, realpathSync, type Stats, statSync } from "node:fs";
import { isAbsolute, relative, resolve, sep } from "node:path";
import { OptionError } from "../../core/errors.ts";
import type { Plugin } from "../../core/plugin.ts";
import { isPlugin, pluginFault } from "../../core/plugin_check.ts";
import { Exit } from "../exit.ts";
import { printError } from "../sinks.ts";
import { explainThrown, faults } from "./faults.ts";
import { Guard } from "./guard.ts";
import { guardOutput } from "./guard_output.ts";
import { guardSchedule, guardTraffic } from "./guard_pace.ts";
import { guardTlv } from "./guard_tlv.ts";
import { guardTransport } from "./guard_transport.ts";
import { explainImport } from "./import_error.ts";
import { importFile } from "./import_file.ts";
import { packageEntry, packageFolder, splitPackage } from "./package_entry.ts";
import { registry } from "./registry.ts";

/** A file that waits for something at its top would be waited for in vain. */
const LOAD_DEADLINE_MS = 10_000;

const loaded = new Set<string>();

/**
 * Loads what `--plugin` names, in this order; a file that is there already is passed over.
 *
 * @throws OptionError that names the file
 */
export async function loadPlugins(specs: readonly string[]): Promise<void> {
  for (const spec of specs) {
    const path = find(spec);
    if (loaded.has(path)) continue;
    loaded.add(path);
    const shown = shorter(path);
    const refuse = (why: string): never => {
      const where = spec === shown || spec === `./${shown}` ? "" : ` (${shown})`;
      throw new OptionError(`--plugin '${spec}'${where}${why.startsWith(":") ? "" : " "}${why}`);
    };
    if (!faults.loaded) watchUncaught();
    faults.know(path, shown);
    add(await imported(path, refuse), path, shown, refuse);
  }
}

/** A path for people: from here, if it is below. */
function shorter(path: string): string {
  const from = relative(process.cwd(), path);
  return from.startsWith("..") || isAbsolute(from) ? path : from;
}

/** The file that somebody means. */
function find(spec: string): string {
  const refuse = (why: string): never => {
    throw new OptionError(`--plugin '${spec}' ${why}`);
  };
  if (spec === "") refuse("needs a file, or the name of an installed package");
  if (/^[a-z]{2,}:/i.test(spec)) {
    refuse("is no file: give a path, or the name of an installed package without a prefix");
  }
  const path = resolve(spec);
  const about = look(path, refuse);
  if (about?.isFile()) return readable(path, refuse);
  const named = /^\.{0,2}[/\\]/.test(spec) ? undefined : splitPackage(spec);
  const folder = named && packageFolder(named.name, process.cwd());
  if (named !== undefined && folder !== undefined) {
    try {
      return readable(packageEntry(realpathSync(folder), named.sub), refuse);
    } catch (error) {
      if (error instanceof OptionError) throw error;
      refuse(`(${shorter(folder)}): ${(error as Error).message.split("\n")[0]}`);
    }
  }
  if (about !== undefined) refuse("is no file: name the .ts or .js file in it");
  const installed = named === undefined ? "" : `, nor is a package of that name in a node_modules here or above`;
  return refuse(`does not exist${installed}: give the path of a .ts or .js file`);
}

/** Undefined of what is not there; what cannot even be looked for is refused. */
function look(path: string, refuse: (why: string) => never): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    return refuse(`cannot be read: ${(error as Error).message.split("\n")[0]}`);
  }
}

function readable(path: string, refuse: (why: string) => never): string {
  const real = realpathSync(path);
  try {
    readFileSync(real);
  } catch (error) {
    refuse(`cannot be read: ${(error as Error).message.split("\n")[0]}`);
  }
  if (!/\.[cm]?[jt]s$/.test(real)) refuse("is no plugin by its name: that ends in .ts or .js");
  return real;
}

async function imported(path: string, refuse: (why: string) => never): Promise<unknown> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => timer = setTimeout(() => resolve(undefined), LOAD_DEADLINE_MS));
  try {
    const module = await Promise.race([importFile(path), late]);
    if (module === undefined) return refuse(`has not finished loading after ${LOAD_DEADLINE_MS / 1000} s`);
    if (!("default" in module)) return refuse("has no default export: write `export default { api: 1, … }`");
    const { default: value } = module as { default: Record<string, unknown> };
    // CommonJS that a compiler made of modules.
    return value?.__esModule === true && "default" in value ? value.default : value;
  } catch (error) {
    if (error instanceof OptionError) throw error;
    return refuse(explainImport(error, path));
  } finally {
    clearTimeout(timer);
  }
}

function add(value: unknown, path: string, shown: string, refuse: (why: string) => never): void {
  const several = Array.isArray(value);
  const values = several ? value : [value];
  if (values.length === 0) refuse("exports an array without a plugin in it");
  for (const [i, one] of values.entries()) {
    const which = several ? `: plugin ${i + 1} of ${values.length} ` : ": the plugin ";
    const checked: Plugin = isPlugin(one) ? one : refuse(`${which}${pluginFault(one)}`);
    const clash = registry.clash(checked);
    if (clash !== undefined) refuse(`: ${clash}`);
    registry.add(guarded(checked, new Guard(checked, shown, path)), shown);
  }
}

function guarded(plugin: Plugin, guard: Guard): Plugin {
  switch (plugin.kind) {
    case "output":
      return guardOutput(plugin, guard);
    case "traffic":
      return guardTraffic(plugin, guard);
    case "schedule":
      return guardSchedule(plugin, guard);
    case "transport":
      return guardTransport(plugin, guard);
    case "tlv":
      return guardTlv(plugin, guard);
  }
}

/** What a plugin throws in a timer, or a promise that it forgot, would end the process: it is told, and the run goes on. */
function watchUncaught(): void {
  const uncaught = (error: unknown) => {
    const file = faults.culprit(error);
    if (file !== undefined) {
      return faults.record(`plugin ${file} threw in something it had begun: ${explainThrown(error, file)}`);
    }
    printError(`twampede: internal error, please report it: ${explainThrown(error, sep)}\n`);
    process.exit(Exit.NOT_MADE);
  };
  process.on("uncaughtException", uncaught);
  process.on("unhandledRejection", uncaught);
}
