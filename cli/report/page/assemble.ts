/**
 * A page that holds all it needs: style, script, numbers. Its own policy forbids it to fetch anything, or to run anything
 * else.
 *
 * @module
 */
import { createHash } from "node:crypto";
import uplotStyle from "uplot/dist/uPlot.min.css" with { type: "text" };
import uplotScript from "uplot/dist/uPlot.iife.min.js" with { type: "text" };
import pageStyle from "./page.css" with { type: "text" };
import { dscpName } from "../../../core/dscp.ts";
import { MOST_STRETCHES } from "../../../outputs/picture/timeline.ts";
import { dataOf, type SessionData, type Told } from "./data.ts";
import { count, facts, notes, percentileTable, subtitle, thresholds, tiles } from "./facts.ts";
import { embedded, Markup, markup } from "./markup.ts";
import { pageScript } from "./script.ts";

/** Stretches of all sessions together, so that a page of many stays small; of each no less than these. */
const ALL_STRETCHES = 1200;
const LEAST_STRETCHES = 40;

/** The whole document. */
export function assemble(told: readonly Told[]): string {
  const most = Math.max(LEAST_STRETCHES, Math.min(MOST_STRETCHES, Math.floor(ALL_STRETCHES / told.length)));
  const data = told.map((one) => dataOf(one, most));
  const first = data.findIndex(({ rtt }) => rtt !== null);
  const style = uplotStyle + pageStyle;
  const script = `${uplotScript}\n${pageScript}`;
  const policy = `default-src 'none'; style-src ${hashOf(style)}; script-src ${
    hashOf(script)
  }; base-uri 'none'; form-action 'none'`;
  const title = told.length === 1 ? told[0].run.session.remote : `${told.length} sessions`;
  return markup`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} - twampede</title>
<style>${new Markup(style)}</style>
</head>
<body>
<header><h1>twampede</h1>${told.length > 1 ? contents(told) : markup``}</header>
<main>
${told.map((one, i) => session(one, data[i], i + 1, told.length === 1, i === first))}
</main>
<footer>${footer(told)}</footer>
<script type="application/json" id="data">${embedded(data)}</script>
<script>${new Markup(script)}</script>
</body>
</html>
`.text;
}

/** As a policy names what may run. */
function hashOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

/** Sessions of one run often have a far end in common, and differ in their marking. */
function nameOf({ session: { remote, tos } }: Told["run"], number: number): string {
  return `${number}: ${remote}${tos === null ? "" : `, ${dscpName(tos >> 2).toUpperCase()}`}`;
}

function contents(told: readonly Told[]): Markup {
  return markup`<nav aria-label="Sessions"><ul>${
    told.map(({ run }, i) => markup`<li><a href="#session-${i + 1}">${nameOf(run, i + 1)}</a></li>`)
  }</ul></nav>`;
}

function footer(told: readonly Told[]): string {
  const tools = new Set(told.map(({ run: { tool } }) => `${tool.name} ${tool.version}`));
  return `${
    [...tools].join(", ")
  } \u00b7 delays: round trip (T4 \u2212 T1) \u2212 (T3 \u2212 T2), outbound T2 \u2212 T1, ` +
    "inbound T4 \u2212 T3 \u00b7 made without network access; nothing is fetched when this page is opened";
}

function session(told: Told, data: SessionData, number: number, isOne: boolean, hasControls: boolean): Markup {
  const { run, summary } = told;
  return markup`<article class="session" id="session-${number}">
<h2>${isOne ? run.session.remote : nameOf(run, number)}</h2>
${subtitle(run, summary)}
${tiles(summary)}
${thresholds(summary)}
${notes(summary)}
${hasControls ? CONTROLS : markup``}
<div class="charts">${charts(data, number, told)}</div>
<section class="block"><h3>Percentiles</h3>${percentileTable(summary)}</section>
${facts(told)}
</article>
`;
}

const CONTROLS = markup`<div class="controls"><fieldset><legend>Delay axis</legend>
<label><input type="radio" name="scale" value="usual" checked>usual range</label>
<label><input type="radio" name="scale" value="all">all</label>
<label><input type="radio" name="scale" value="log">logarithmic</label>
</fieldset><span>Drag to zoom, double-click for all; keys: arrows, + and \u2212, Escape</span></div>`;

interface Chart {
  readonly id: string;
  readonly title: string;
  readonly label: string;
  readonly key: Markup;
  readonly wide?: boolean;
  readonly height?: number;
}

function figure(number: number, { id, title, label, key, wide, height }: Chart): Markup {
  const size = height === undefined ? markup`` : markup` data-height="${height}"`;
  return markup`<figure class="chart${wide ? " wide" : ""}"><figcaption><h3>${title}</h3>${key}</figcaption>
<div class="plot ${id}" id="${id}-${number}" tabindex="0" role="group" aria-roledescription="chart" aria-label="${label}"${size}></div></figure>`;
}

function missing(title: string, why: string, wide = false): Markup {
  return markup`<figure class="chart${
    wide ? " wide" : ""
  }"><figcaption><h3>${title}</h3></figcaption><p class="missing">${why}</p></figure>`;
}

function bandKey(data: SessionData, color: string): Markup {
  const odd = [
    ...(data.lost === null ? [] : [markup`<li><i class="loss"></i>lost</li>`]),
    ...(data.reordered === null ? [] : [markup`<li><i class="odd"></i>out of order</li>`]),
    ...(data.doubled === null ? [] : [markup`<li><i class="twice"></i>doubled</li>`]),
  ];
  return markup`<ul class="key key-${color}"><li><i class="line"></i>median</li><li><i class="band3"></i>half</li>
<li><i class="band2"></i>8 of 10</li><li><i class="band1"></i>all</li>${odd}</ul>`;
}

const UNSAVED = "Not drawn: the file has no probes. A result saved with --output ndjson has them.";

function charts(data: SessionData, number: number, { summary }: Told): Markup[] {
  const isEmpty = data.x.length === 0;
  const why = isEmpty && summary.sent > 0 ? UNSAVED : "Not drawn: no reply.";
  const over = (id: "rtt" | "outbound" | "inbound", title: string, more: Partial<Chart> = {}) => {
    if (data[id] === null) return [];
    const label =
      `${title} in ${count(data.x.length)} stretches: median and percentiles as bands, losses as red bars. ` +
      "The percentiles are in the table below.";
    return [figure(number, { id, title, label, key: bandKey(data, id), ...more })];
  };
  const oneWay = data.corrected ? "over time, clock offset removed" : "over time";
  return [
    ...(data.rtt === null
      ? [missing("Round trip over time", why, true)]
      : over("rtt", "Round trip over time", { wide: true, height: 300 })),
    ...over("outbound", `Outbound ${oneWay}`),
    ...over("inbound", `Inbound ${oneWay}`),
    ...distributions(data, number, summary.received > 0),
    ...(data.offset === null ? [] : [
      figure(number, {
        id: "offset",
        title: "Clock offset over time, theirs minus ours",
        label: "Clock offset over time: the likely value, and a band in which it certainly was",
        key:
          markup`<ul class="key key-offset"><li><i class="line"></i>likely, if the path is symmetric</li><li><i class="band2"></i>certain</li></ul>`,
        wide: true,
      }),
    ]),
  ];
}

function distributions(data: SessionData, number: number, hasReplies: boolean): Markup[] {
  if (!hasReplies) return [];
  const { bars, curve } = data;
  const beyond = bars !== null && bars.beyond >= 0.5
    ? `${(100 * bars.beyond / bars.total).toFixed(1)}\u00a0% are higher than drawn`
    : "";
  const ways = [["rtt", "round trip"], ["outbound", "outbound"], ["inbound", "inbound"]] as const;
  return [
    bars === null
      ? missing(
        "Distribution of the round trip",
        "Not drawn: the bins were not saved. json:histogram=true saves them, as does --output ndjson.",
      )
      : figure(number, {
        id: "bars",
        title: "Distribution of the round trip",
        label: "Histogram of the round trip",
        key: markup`<p>${beyond}</p>`,
      }),
    curve === null ? markup`` : figure(number, {
      id: "curve",
      title: "Delay by share of probes (cumulative)",
      label: "Cumulative curve: the delay that a share of the probes did not exceed, the tail stretched",
      key: markup`<ul class="key">${
        ways.flatMap(([id, name], i) =>
          curve.rows[i].some((value) => value !== null)
            ? [markup`<li class="key-${id}"><i class="line"></i>${name}</li>`]
            : []
        )
      }</ul>`,
    }),
  ];
}
