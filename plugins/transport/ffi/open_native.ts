/**
 * Which runtime's FFI there is.
 *
 * @module
 */
import type { Native } from "./native.ts";
import { openBunNative } from "./native_bun.ts";
import { openDenoNative } from "./native_deno.ts";

/** The FFI of this runtime; undefined where it has none. */
export function openNative(): Native | undefined {
  return openDenoNative() ?? openBunNative();
}

export const NO_FFI = "this runtime has no FFI";

/** Why a library could not be loaded, in a few words. */
export function loadRefusal(error: unknown): string {
  return (error as Error).name === "NotCapable"
    ? "FFI is not allowed: run deno with --allow-ffi"
    : "the system's library could not be loaded";
}
