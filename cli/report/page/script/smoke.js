// Bands of delay over time.
import { axes, axisDelays, delaySplits } from "./axes.js";
import { chart } from "./charts.js";
import { delay } from "./labels.js";
import { alpha, look } from "./look.js";
import { losses, marks } from "./marks.js";
import { interactive, isFew, overTime, unpack } from "./time_chart.js";

/** Where the axis of delays begins and ends. */
function range(rows) {
  const known = (row) => row.filter((value) => value !== null);
  const least = Math.min(...known(rows[0]));
  const most = Math.max(...known(rows[6]));
  const usual = Math.max(...known(rows[5]));
  if (look.scale === "log" && least > 0) return [least * 0.9, most * 1.1, true];
  const spikes = look.scale === "usual" && most - least > 4 * (usual - least) && usual > least;
  const top = spikes ? least + 1.6 * (usual - least) : most;
  const room = Math.max((top - least) * 0.06, Math.abs(least) * 1e-3, 5);
  return [least >= 0 ? Math.max(0, least - room) : least - room, top + room, false];
}

/** Bands between percentiles, the median, and what happened to probes. */
export function smoke(holder, session, packed, color, group) {
  const rows = unpack(packed);
  const { x } = session;
  const one = chart(
    holder,
    () => {
      const [low, high, isLog] = range(rows);
      const stroke = look.style[color];
      const bound = { stroke: "transparent", width: 0, points: { show: false } };
      const few = isFew(x);
      const time = overTime(one, session, group);
      return {
        data: [x, ...rows],
        options: {
          scales: {
            x: time.scale,
            y: { range: [low, high], distr: isLog ? 3 : 1, log: 10 },
          },
          axes: axes(time.labels, axisDelays, { x: time.axis, y: delaySplits(low, high, isLog) }),
          series: [
            {},
            bound,
            bound,
            bound,
            { stroke, width: 1.5, spanGaps: false, points: { show: few, size: few ? 6 : 3, fill: stroke, width: 0 } },
            bound,
            bound,
            bound,
          ],
          bands: [
            { series: [7, 1], fill: alpha(stroke, 0.13) },
            { series: [6, 2], fill: alpha(stroke, 0.2) },
            { series: [5, 3], fill: alpha(stroke, 0.32) },
          ],
          cursor: time.cursor,
          hooks: {
            ...time.hooks,
            drawAxes: [(u) => losses(u, session)],
            draw: [(u) => marks(u, session, rows, high, few)],
          },
        },
      };
    },
    holder.dataset.height ? Number(holder.dataset.height) : 220,
    (i) => {
      if (rows[3][i] === null) return `no reply, ${session.lost?.[i] ?? 0} lost`;
      const n = session.finished[i];
      const lost = session.lost?.[i] ?? 0;
      const spread = n - lost > 1
        ? `median ${delay(rows[3][i])}, half within ${delay(rows[2][i])} to ${delay(rows[4][i])}, all within ${
          delay(rows[0][i])
        } to ${delay(rows[6][i])}`
        : delay(rows[3][i]);
      const odd = session.reordered?.[i] ? `, ${session.reordered[i]} out of order` : "";
      return `${spread}; ${n} ${n === 1 ? "probe" : "probes"}, ${lost} lost${odd}`;
    },
  );
  interactive(one, session, group);
}
