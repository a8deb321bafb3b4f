/**
 * `--output github` has two places to write to: standard output, and the file in which GitHub gathers the summary of a
 * step. An output has one, and knows no environment; so the second is another one, added here.
 *
 * @module
 */
import { resolve } from "node:path";
import process from "node:process";
import type { PluginOptions } from "../core/plugin.ts";

/** What of an output has to be known here. */
interface Written {
  readonly plugin: { readonly name: string };
  readonly options: PluginOptions;
  readonly file: string | undefined;
}

/** What is asked for in its place. */
export const STEP_SUMMARY = "github:form=summary";

/** Where the summary goes besides; undefined outside of GitHub, and where somebody writes there already. */
export function stepSummary(outputs: readonly Written[]): string | undefined {
  const path = process.env.GITHUB_STEP_SUMMARY;
  if (!path || !outputs.some(({ plugin, options }) => plugin.name === "github" && options.form === "log")) {
    return undefined;
  }
  const isTaken = outputs.some(({ file }) => file !== undefined && resolve(file) === resolve(path));
  return isTaken ? undefined : path;
}
