/**
 * Every output that the program has.
 *
 * @module
 */
import type { OutputPlugin } from "../core/plugin.ts";
import { OUTPUTS } from "../outputs/mod.ts";
import { html } from "./report/html.ts";

/** Those of `outputs`, and what needs a package. */
export const ALL_OUTPUTS: readonly OutputPlugin[] = [...OUTPUTS, html];
