// Axes, and where their labels are.
import { delay, digitsOf, unitFor } from "./labels.js";
import { look } from "./look.js";

/** Round times of clocks, seconds. */
export const TIME_STEPS = [
  ...[1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1].flatMap((power) => [power, 2 * power, 5 * power]),
  ...[1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200],
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000].map((days) => 86400 * days),
];

const axisFont = "12px system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'DejaVu Sans', Arial, sans-serif";

export function axes(xValues, yValues, more = {}) {
  const common = { stroke: look.style.faint, font: axisFont, ticks: { stroke: look.style.rule, size: 4, width: 1 } };
  return [
    { ...common, grid: { stroke: look.style.grid, width: 1 }, values: xValues, size: 24, gap: 4, space: 74, ...more.x },
    {
      ...common,
      grid: { stroke: look.style.grid, width: 1 },
      values: yValues,
      gap: 4,
      space: 34,
      size: axisWidth,
      ...more.y,
    },
  ];
}

/** As many digits as the step between two needs. */
export function axisDelays(u, splits, _axis, _space, step) {
  const [size, name] = unitFor(u.scales.y.min, u.scales.y.max);
  // Of a log scale uPlot leaves some out: those are null.
  const fine = u.scales.y.distr === 3 ? null : digitsOf(step / size);
  return splits.map((value) =>
    value === null ? "" : fine === null ? delay(value) : `${(value / size).toFixed(fine)}\u00a0${name}`
  );
}

/** Round values: 1, 2, 5 of each power of ten, or more of a short axis; few of none are enough. */
function logSplits(low, high) {
  const within = (digits) => {
    const found = [];
    for (let power = 10 ** Math.floor(Math.log10(low)); power <= high; power *= 10) {
      found.push(...digits.map((digit) => digit * power).filter((value) => value >= low && value <= high));
    }
    return found;
  };
  const some = within([1, 2, 5]);
  if (some.length >= 3) return some;
  const more = within([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  return more.length >= 3 ? more : [low * 1.02, Math.sqrt(low * high), high / 1.02];
}

/** What an axis of delays has its labels at: left to uPlot where it is linear. */
export function delaySplits(low, high, isLog) {
  return isLog ? { splits: () => logSplits(low, high) } : {};
}

/** As wide as its labels. */
function axisWidth(u, values) {
  if (!values) return 50;
  u.ctx.font = u.axes[1].font[0];
  const ratio = globalThis.devicePixelRatio || 1;
  return Math.ceil(Math.max(...values.map((value) => u.ctx.measureText(value ?? "").width)) / ratio) + 14;
}
