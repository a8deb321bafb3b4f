/**
 * A schedule: spurts and pauses, as somebody speaks. Their lengths are exponentially distributed around those of ITU-T
 * P.59, and repeat with `--seed`.
 *
 *     twampede demo --plugin ./examples/schedule-on-off.ts --schedule on-off:on=100ms,off=150ms -i 20
 */
import type { SchedulePlugin } from "../mod.ts";

/** Numbers from 0 to 1, the same for the same seed. */
function randomOf(seed: Uint8Array): () => number {
  let state = seed.reduce((sum, octet) => Math.imul(sum ^ octet, 0x01000193), 0x811c9dc5) || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

const plugin: SchedulePlugin = {
  api: 1,
  kind: "schedule",
  name: "on-off",
  summary: "spurts of probes every interval, and pauses without any, at random",
  options: [
    { name: "on", type: "duration", default: "1004ms", summary: "mean length of a spurt" },
    { name: "off", type: "duration", default: "1587ms", summary: "mean length of a pause" },
  ],
  create(options, interval, seed) {
    const [on, off] = [Number(options.on), Number(options.off)];
    if (on < interval) throw new Error(`on is shorter than the interval: a spurt would have no probe`);
    const random = randomOf(seed);
    const draw = (mean: number) => -mean * Math.log(1 - random());
    let left = draw(on);
    let begun = false;
    return {
      name: `on-off:on=${on / 1e6}ms,off=${off / 1e6}ms`,
      next() {
        if (!begun) {
          begun = true;
          return 0;
        }
        left -= interval;
        if (left > 0) return interval;
        left = draw(on);
        return interval + draw(off);
      },
    };
  },
};

export default plugin;
