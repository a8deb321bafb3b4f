// The distribution of delays: a histogram, and the curve of its shares.
import { axes, axisDelays, delaySplits } from "./axes.js";
import { chart, readoutOf } from "./charts.js";
import { delay, digitsOf, ninesText, unitFor } from "./labels.js";
import { alpha, look } from "./look.js";

export function bars(holder, { bars: { from, width, counts, total } }) {
  const x = counts.map((_, i) => from + (i + 0.5) * width);
  const one = chart(holder, () => ({
    data: [x, counts.map((count) => count === 0 ? null : 100 * count / total)],
    options: {
      scales: {
        x: { time: false, range: [from, from + counts.length * width] },
        y: { range: (_u, _min, max) => [0, max * 1.06] },
      },
      axes: axes(
        (_u, splits, _a, _s, step) => {
          const [size, name] = unitFor(from + counts.length * width);
          return splits.map((value) => `${(value / size).toFixed(digitsOf(step / size))}\u00a0${name}`);
        },
        (_u, splits) => splits.map((value) => `${Number(value.toPrecision(3))}\u00a0%`),
      ),
      series: [{}, {
        stroke: look.style.rtt,
        fill: alpha(look.style.rtt, 0.45),
        width: 1,
        paths: uPlot.paths.bars({ size: [1, Infinity], gap: 1 }),
        points: { show: false },
      }],
      cursor: { y: false, points: { show: false }, drag: { x: false } },
      hooks: { setCursor: [(u) => one.read(u.cursor.idx)] },
    },
  }), 220);
  plain(
    one,
    (i) =>
      `${delay(from + i * width)} to ${delay(from + (i + 1) * width)}: ${Math.round(counts[i])} of ${total}, ${
        (100 * counts[i] / total).toFixed(2)
      } %`,
    x,
  );
}

export function curve(holder, { curve: { x, rows } }) {
  const colors = ["rtt", "outbound", "inbound"];
  const names = ["round trip", "outbound", "inbound"];
  const last = x[x.length - 1] + 0.05;
  const one = chart(holder, () => {
    const known = rows.flat().filter((value) => value !== null);
    const [least, most] = [Math.min(...known), Math.max(...known)];
    const isLog = least > 0 && (look.scale === "log" || (look.scale === "usual" && most > 30 * least));
    const [low, high] = isLog ? [least * 0.85, most * 1.15] : [Math.min(0, least * 1.05), most * 1.05 || 1];
    return {
      data: [x, ...rows],
      options: {
        scales: {
          x: { time: false, range: [0, last] },
          y: { range: [low, high], distr: isLog ? 3 : 1, log: 10 },
        },
        axes: axes((_u, splits) => splits.map(ninesText), axisDelays, {
          x: { splits: (u) => ninesOf(last, u.width) },
          y: delaySplits(low, high, isLog),
        }),
        series: [
          {},
          ...colors.map((color) => ({
            stroke: look.style[color],
            width: 1.8,
            spanGaps: true,
            points: { show: x.length < 12, size: 5 },
          })),
        ],
        cursor: { y: false, points: { show: false }, drag: { x: false } },
        hooks: { setCursor: [(u) => one.read(u.cursor.idx)] },
      },
    };
  }, 220);
  plain(one, (i) => {
    const values = rows.flatMap((row, k) => row[i] === null ? [] : [`${names[k]} ${delay(row[i])}`]);
    return `${ninesText(x[i])} within ${values.join(", ")}`;
  }, x);
}

/** Labels for which there is room: 0 and half of all are close to each other. */
function ninesOf(last, width) {
  const all = [0, 0.30103, 1, 2, 3, 4, 5, 6, 7].filter((nines) => nines <= last + 0.01);
  return (width - 80) * 0.3 / last < 44 ? all.slice(1) : all;
}

/** A chart of its own, without time. */
function plain(one, describe, x) {
  const say = readoutOf(one);
  one.read = (i) => say(i === null || i === undefined ? "" : describe(i));
  one.holder.addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
    if (!(event.key in steps)) return;
    const u = one.plot;
    const next = Math.min(x.length - 1, Math.max(0, u.cursor.idx === null ? 0 : u.cursor.idx + steps[event.key]));
    u.setCursor({ left: u.valToPos(x[next], "x"), top: 10 });
    event.preventDefault();
  });
}
