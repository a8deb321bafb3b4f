/**
 * Probes at even distances.
 *
 * @module
 */
import type { SchedulePlugin } from "../../core/plugin.ts";
import { meanGap } from "./gap.ts";

export const fixed: SchedulePlugin = {
  api: 1,
  kind: "schedule",
  name: "fixed",
  summary: "one probe every interval, the first at once",
  options: [],
  create(_options, interval) {
    const every = meanGap("fixed", interval);
    let gap = 0;
    return {
      name: "fixed",
      next() {
        const now = gap;
        gap = every;
        return now;
      },
    };
  },
};
