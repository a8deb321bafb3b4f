/**
 * The traffic profiles; the first is the default.
 *
 * @module
 */
import type { TrafficPlugin } from "../../core/plugin.ts";
import { fixed } from "./fixed.ts";
import { imix } from "./imix.ts";
import { jumbo } from "./jumbo.ts";

/** Built-in traffic profiles. */
export const TRAFFIC: readonly TrafficPlugin[] = [fixed, imix, jumbo];
