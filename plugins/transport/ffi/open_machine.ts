/**
 * Which system there is to be asked.
 *
 * @module
 */
import process from "node:process";
import { openLinuxMachine } from "./linux/machine.ts";
import type { Machine } from "./machine.ts";

/** By `process.platform`. */
const SYSTEMS: Readonly<Record<string, () => Machine | string>> = {
  linux: openLinuxMachine,
};

/** The system under this program, or why it cannot be asked, in a few words. */
export function openMachine(): Machine | string {
  return SYSTEMS[process.platform]?.() ?? `this version asks Linux only, not ${process.platform}`;
}
