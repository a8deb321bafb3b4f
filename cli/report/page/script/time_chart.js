// What charts over time have in common: their axis, its zoom, the cursor.
import { TIME_STEPS } from "./axes.js";
import { charts, readoutOf } from "./charts.js";
import { clock, stepOf } from "./labels.js";

/** Fewer stretches than these are drawn one by one. */
const SMALL = 60;

export const isFew = (x) => x.length < SMALL;

export function unpack(packed) {
  return packed === null
    ? null
    : packed.rows.map((row) => row.map((value) => value === null ? null : value + packed.base));
}

/** The parts of a chart's options that are about time. */
export function overTime(one, { x }, group) {
  const end = x[x.length - 1];
  const span = end - x[0];
  const side = span > 0 ? span * (isFew(x) ? 0.03 : 0.012) : 0.001;
  return {
    scale: { time: false, range: (_u, min, max) => one.zoomed ? [min, max] : [x[0] - side, end + side] },
    labels: (_u, splits, _a, _s, step) => splits.map((value) => value < 0 ? "" : clock(value, step, end)),
    axis: { incrs: TIME_STEPS },
    cursor: {
      sync: { key: `time-${group}`, scales: ["x", null] },
      y: false,
      points: { show: false },
      drag: { x: true, y: false },
    },
    hooks: {
      setCursor: [(u) => one.read(u.cursor.idx)],
      setScale: [(u, key) => key === "x" && follow(one, u, group)],
    },
  };
}

let following = false;

/** Charts of one session show the same time. */
function follow(one, u, group) {
  if (following || u.scales.x.min === null) return;
  following = true;
  for (const other of charts) {
    if (other !== one && other.group === group && other.plot !== undefined) {
      other.zoomed = one.zoomed;
      other.plot.setScale("x", { min: u.scales.x.min, max: u.scales.x.max });
    }
  }
  following = false;
}

/** Cursor by keys, zoom by dragging or keys; what is under it in words. */
export function interactive(one, session, group) {
  const { holder } = one;
  one.group = group;
  const say = readoutOf(one);
  one.read = (i) => {
    if (i === null || i === undefined) say("");
    else {
      const moment = session.origin === null
        ? ""
        : `, ${new Date(session.origin + session.x[i] * 1e3).toISOString().slice(11, 23)} UTC`;
      say(`${clock(session.x[i], stepOf(session), session.x[session.x.length - 1])}${moment}: ${one.describe(i)}`);
    }
  };
  const zoom = (min, max) => {
    one.zoomed = max !== undefined;
    const { x } = session;
    one.plot.setScale("x", one.zoomed ? { min, max } : { min: x[0], max: x[x.length - 1] });
  };
  holder.addEventListener("mousedown", () => one.zoomed = true);
  holder.addEventListener("dblclick", () => zoom());
  holder.addEventListener("keydown", (event) => {
    const u = one.plot;
    const { min, max } = u.scales.x;
    const at = u.cursor.idx ?? 0;
    const middle = session.x[at];
    const steps = { ArrowLeft: -1, ArrowRight: 1, PageUp: -20, PageDown: 20, Home: -Infinity, End: Infinity };
    if (event.key in steps) {
      const next = Math.min(session.x.length - 1, Math.max(0, u.cursor.idx === null ? 0 : at + steps[event.key]));
      u.setCursor({ left: u.valToPos(session.x[next], "x"), top: 10 });
    } else if (event.key === "+" || event.key === "-") {
      const half = (max - min) * (event.key === "+" ? 0.25 : 1);
      zoom(middle - half, middle + half);
    } else if (event.key === "Escape") zoom();
    else return;
    event.preventDefault();
  });
}
