/**
 * The script of a page: written as modules, put into it as one, as a page that fetches nothing can import nothing.
 *
 * @module
 */
import axes from "./script/axes.js" with { type: "text" };
import charts from "./script/charts.js" with { type: "text" };
import distribution from "./script/distribution.js" with { type: "text" };
import labels from "./script/labels.js" with { type: "text" };
import look from "./script/look.js" with { type: "text" };
import main from "./script/main.js" with { type: "text" };
import marks from "./script/marks.js" with { type: "text" };
import offset from "./script/offset.js" with { type: "text" };
import smoke from "./script/smoke.js" with { type: "text" };
import timeChart from "./script/time_chart.js" with { type: "text" };

/** Each behind those that it imports. */
const MODULES = [labels, look, axes, charts, timeChart, marks, smoke, distribution, offset, main];

const IMPORT = /^import [^;]*;\n/gm;
const EXPORT = /^export /gm;

/** Their names are one scope here, so each is given once in all of them. */
export const pageScript: string = `"use strict";\n(() => {\n${
  MODULES.map((text) => text.replaceAll(IMPORT, "").replaceAll(EXPORT, "")).join("\n")
}})();\n`;
