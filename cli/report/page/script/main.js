// Draws the charts of a page from the numbers that are written into it. Nothing is fetched: the page's own policy forbids
// it. `uPlot` is in the same element, before this.
import { drawAll, redraw } from "./charts.js";
import { bars, curve } from "./distribution.js";
import { look, root } from "./look.js";
import { offset } from "./offset.js";
import { smoke } from "./smoke.js";

const sessions = JSON.parse(document.getElementById("data").textContent);

sessions.forEach((session, i) => {
  const holder = (name) => document.getElementById(`${name}-${i + 1}`);
  for (const name of ["rtt", "outbound", "inbound"]) {
    if (holder(name)) smoke(holder(name), session, session[name], name, i);
  }
  if (holder("bars")) bars(holder("bars"), session);
  if (holder("curve")) curve(holder("curve"), session);
  if (holder("offset")) offset(holder("offset"), session, i);
});
drawAll();

for (const input of document.querySelectorAll("input[name=scale]")) {
  input.addEventListener("change", () => {
    look.scale = input.value;
    redraw();
  });
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
const paper = (on) => {
  root.classList.toggle("paper", on);
  redraw();
};
addEventListener("beforeprint", () => paper(true));
addEventListener("afterprint", () => paper(false));
// Two frames on, what was drawn is on the screen.
requestAnimationFrame(() =>
  requestAnimationFrame(() => {
    performance.mark("drawn");
    root.dataset.drawn = String(Math.round(performance.now()));
  })
);
