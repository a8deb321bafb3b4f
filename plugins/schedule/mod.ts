/**
 * The schedules; the first is the default.
 *
 * @module
 */
import type { SchedulePlugin } from "../../core/plugin.ts";
import { fixed } from "./fixed.ts";
import { poisson } from "./poisson.ts";

/** Built-in schedules. */
export const SCHEDULES: readonly SchedulePlugin[] = [fixed, poisson];
