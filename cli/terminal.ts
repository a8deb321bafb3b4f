/**
 * What an output that draws must know of where it is read, and nobody has told it.
 *
 * @module
 */
import process from "node:process";
import type { PluginInfo, PluginOptions } from "../core/plugin.ts";

const WIDTH = 80;

/** Fills in what an output leaves to the terminal: a `width` of 0, and what is `auto`; `shown`: on standard output. */
export function withTerminal(plugin: PluginInfo, options: PluginOptions, shown: boolean): PluginOptions {
  const isTerminal = shown && process.stdout.isTTY === true;
  const found: Readonly<Record<string, () => string | number>> = {
    width: () => isTerminal ? process.stdout.columns || WIDTH : WIDTH,
    ascii: () => String(isTerminal && !showsUnicode(process.env, process.platform)),
    color: () => String(isTerminal && allowsColor(process.env)),
  };
  const left = plugin.options.filter(({ name, default: preset }) =>
    Object.hasOwn(found, name) && (preset === 0 || preset === "auto") && options[name] === preset
  );
  return { ...options, ...Object.fromEntries(left.map(({ name }) => [name, found[name]()])) };
}

type Environment = Readonly<Record<string, string | undefined>>;

/** By the locale, as the C library has it; Windows has none, and its newer terminals show all. */
export function showsUnicode(env: Environment, platform: string): boolean {
  if (platform === "win32") return Boolean(env.WT_SESSION ?? env.TERM_PROGRAM);
  if (env.TERM === "linux" || env.TERM === "dumb") return false; // the console's font has no braille
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find((value) => value !== undefined && value !== "") ?? "";
  return /utf-?8/i.test(locale);
}

/** https://no-color.org: set and not empty. */
function allowsColor(env: Environment): boolean {
  return (env.NO_COLOR ?? "") === "" && env.TERM !== "dumb";
}
