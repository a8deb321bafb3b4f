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
