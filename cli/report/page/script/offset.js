// The offset of the two clocks over time.
import { axes, axisDelays } from "./axes.js";
import { chart } from "./charts.js";
import { delay } from "./labels.js";
import { alpha, look } from "./look.js";
import { interactive, isFew, overTime, unpack } from "./time_chart.js";

/** What their clock was ahead by: certain bounds as a band, the likely value as a line. */
export function offset(holder, session, group) {
  const rows = unpack(session.offset);
  const { x } = session;
  const one = chart(
    holder,
    () => {
      const stroke = look.style.odd;
      const known = (row) => row.filter((value) => value !== null);
      // By the likely values, and what of the bounds is near: a queue widens them far.
      const middle = known(rows[1]);
      const [least, most] = [Math.min(...middle), Math.max(...middle)];
      const sorted = (row) => known(row).sort((a, b) => a - b);
      const [floor, ceiling] = [sorted(rows[0]), sorted(rows[2])];
      const low = Math.min(least, floor[Math.floor(floor.length * 0.1)]);
      const high = Math.max(most, ceiling[Math.floor(ceiling.length * 0.9)]);
      const room = Math.max((high - low) * 0.08, 5);
      const few = isFew(x);
      const time = overTime(one, session, group);
      const bound = { stroke: "transparent", width: 0, points: { show: false } };
      return {
        data: [x, ...rows],
        options: {
          scales: {
            x: time.scale,
            y: { range: [low - room, high + room] },
          },
          axes: axes(time.labels, axisDelays, { x: time.axis }),
          series: [
            {},
            bound,
            { stroke, width: 1.5, points: { show: few, size: 6, fill: stroke, width: 0 } },
            bound,
          ],
          bands: [{ series: [3, 1], fill: alpha(stroke, 0.18) }],
          cursor: time.cursor,
          hooks: time.hooks,
        },
      };
    },
    200,
    (i) =>
      rows[1][i] === null
        ? "not known"
        : `${delay(rows[1][i])}, certainly ${delay(rows[0][i])} to ${delay(rows[2][i])}`,
  );
  interactive(one, session, group);
}
