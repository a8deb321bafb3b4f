/**
 * Shells that there are completions for.
 *
 * @module
 */

/** By these names `completions` is asked for them. */
export const SHELLS = ["bash", "zsh", "fish", "powershell"] as const;
export type Shell = (typeof SHELLS)[number];
