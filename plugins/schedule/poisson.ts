/**
 * Probes as a Poisson process: gaps that are exponentially distributed and independent of each other, so that probes
 * meet the network in any state as often as it is in it (RFC 2330 section 11.1).
 *
 * @module
 */
import type { SchedulePlugin } from "../../core/plugin.ts";
import { Exponential } from "./exponential.ts";
import { meanGap } from "./gap.ts";

/** Units of a deviate: it counts 2^-32. */
const SCALE = 2 ** -32;

export const poisson: SchedulePlugin = {
  api: 1,
  kind: "schedule",
  name: "poisson",
  summary: "gaps at random around the interval (RFC 4656 section 5), the first one too; --seed repeats them",
  options: [],
  create(_options, interval, seed) {
    const mean = meanGap("poisson", interval);
    const deviates = new Exponential(seed);
    const deviate = new Float64Array(1);
    return {
      name: "poisson",
      // The product is rounded once and the scale is a power of 2: the same number on every machine.
      next() {
        deviates.next(deviate, 0);
        return Math.round(deviate[0] * mean * SCALE);
      },
    };
  },
};
