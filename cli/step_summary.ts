/**
 * `--output github` has two places to write to: standard output, and the file in which GitHub gathers the summary of a
 * step. An output has one, and knows no environment; so the second is an output of its own, added here.
 *
 * @module
 */
import { resolve } from "node:path";
import process from "node:process";

/** Where the summary goes besides; undefined outside of GitHub, and where somebody writes there already. */
export function stepSummary(outputs: readonly { plugin: { name: string }; file: string | undefined }[]) {
  const path = process.env.GITHUB_STEP_SUMMARY;
  if (!path || !outputs.some(({ plugin }) => plugin.name === "github")) return undefined;
  const isTaken = outputs.some(({ file }) => file !== undefined && resolve(file) === resolve(path));
  return isTaken ? undefined : path;
}
