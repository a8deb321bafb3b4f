// All charts of the page: drawn anew whenever their width, the colours or the scale change.
import { look, styleNow } from "./look.js";

export const charts = [];

/** A chart that `make` makes the options and data of; `describe` says in words what is at a place. */
export function chart(holder, make, height, describe) {
  const one = { holder, make, height, describe, plot: undefined, width: 0 };
  charts.push(one);
  return one;
}

/** Without the room that is left for the mark of the focus. */
function widthOf(holder) {
  return Math.floor(holder.clientWidth) - 8;
}

function draw(one) {
  const width = widthOf(one.holder);
  if (width < 50) return;
  const before = one.plot?.scales.x;
  const zoomed = one.zoomed ? { min: before.min, max: before.max } : undefined;
  one.plot?.destroy();
  one.width = width;
  const { options, data } = one.make();
  one.plot = new uPlot(
    { width, height: one.height, legend: { show: false }, padding: [8, 32, 0, 0], ...options },
    data,
    one.holder,
  );
  if (zoomed) one.plot.setScale("x", zoomed);
}

/** Draws all, and again where the room changes. */
export function drawAll() {
  charts.forEach(draw);
  const observer = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const one = charts.find(({ holder }) => holder === target);
      if (one.plot !== undefined && widthOf(target) !== one.width) draw(one);
    }
  });
  charts.forEach(({ holder }) => observer.observe(holder));
}

export function redraw() {
  look.style = styleNow();
  charts.forEach(draw);
}

/** Where is said in words what the cursor is at. */
export function readoutOf({ holder }) {
  const readout = document.createElement("p");
  readout.className = "readout";
  holder.after(readout);
  return (text) => readout.textContent = text;
}
