/**
 * Pictures in characters: a curve with smoke around it over time, and bars.
 *
 * @module
 */
import type { Distribution, Snapshot } from "../../core/snapshot.ts";
import type { Nanos } from "../../core/time/clock.ts";
import { ASCII, Canvas, UNICODE } from "./canvas.ts";
import { barsOf } from "./distribution.ts";
import { shortDelay, ticksOf, type Unit, unitFor } from "./labels.ts";
import { quantile, Way } from "./sample.ts";
import { Stretch, type Timeline } from "./timeline.ts";

/** How it is drawn. */
export interface Style {
  readonly width: number;
  readonly ascii: boolean;
  readonly color: boolean;
}

const TITLE = "Round trip over time";
const ROWS = 12;
const BARS = 14;
/** Columns left of the picture: a label, a blank and the axis. */
const MARGIN = 11;
/** A spike that is this much higher than nearly all else is cut off, and said so. */
const SPIKE = 4;

const LEVELS = { unicode: "\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588", ascii: "123456789#" };

function paint(style: Style, code: number, text: string): string {
  return style.color ? `\x1b[${code}m${text}\x1b[0m` : text;
}
const RED = 31;
const DIM = 2;
const BOLD = 1;

interface Column {
  readonly stretch: Stretch;
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** Stretches put together, one a column; undefined where nothing left at that time. */
function columnsOf(stretches: readonly Stretch[], count: number): (Column | undefined)[] {
  const last = stretches[stretches.length - 1].at;
  const joined: (Stretch | undefined)[] = new Array(count);
  for (const stretch of stretches) {
    const at = last > 0 ? Math.min(count - 1, Math.floor(stretch.at / last * (count - 1))) : 0;
    (joined[at] ??= new Stretch()).merge(stretch);
  }
  return Array.from(joined, (stretch) => {
    if (stretch === undefined) return undefined;
    const sorted = stretch.sample.sorted(Way.RTT);
    return { stretch, median: quantile(sorted, 0.5), low: quantile(sorted, 0.1), high: quantile(sorted, 0.9) };
  });
}

/** What the vertical axis shows. */
function rangeOf(columns: readonly (Column | undefined)[], rtt: Distribution): [Nanos, Nanos] {
  const known = columns.filter((column) => column !== undefined && !Number.isNaN(column.median)) as Column[];
  const least = Math.min(...known.map(({ stretch }) => stretch.min[Way.RTT]));
  const most = Math.max(...known.map(({ stretch }) => stretch.max[Way.RTT]));
  const usual = Math.max(...known.map(({ high }) => high), rtt.p99 ?? 0);
  const top = most - least > SPIKE * (usual - least) && usual > least ? least + 1.5 * (usual - least) : most;
  const room = Math.max((top - least) * 0.04, least * 1e-3, 1);
  return [Math.max(0, least - room), top + room];
}

/** Labels of round numbers beside the rows in which they are. */
function scale(low: Nanos, high: Nanos, unit: Unit): string[] {
  const labels = new Array<string>(ROWS).fill("");
  const { at, digits } = ticksOf(low / unit.ns, high / unit.ns, 4);
  for (const tick of at) {
    const row = Math.floor((1 - (tick * unit.ns - low) / (high - low)) * ROWS);
    if (row >= 0 && row < ROWS) labels[row] = `${tick.toFixed(digits)}${unit.name}`;
  }
  return labels;
}

/** Round times below the axis. */
function timeAxis(lastNs: Nanos, count: number, style: Style): string {
  const unit = lastNs >= 7200e9
    ? { name: "h", ns: 3600e9 }
    : lastNs >= 300e9
    ? { name: "min", ns: 60e9 }
    : unitFor(lastNs);
  const { at, digits } = ticksOf(0, lastNs / unit.ns, Math.max(2, Math.floor(count / 12)));
  const [corner, line, tick] = style.ascii ? ["+", "-", "+"] : ["\u2514", "\u2500", "\u252c"];
  const rule = new Array<string>(count).fill(line);
  let text = "";
  for (const value of lastNs > 0 ? at : [0]) {
    const column = lastNs > 0 ? Math.min(count - 1, Math.floor(value * unit.ns / lastNs * (count - 1))) : 0;
    const label = lastNs > 0 ? `${value.toFixed(digits)}${unit.name}` : "0s";
    if (column < text.length + (text === "" ? 0 : 1) || column + label.length > count) continue;
    rule[column] = tick;
    text = text.padEnd(column) + label;
  }
  return `${" ".repeat(MARGIN - 1)}${corner}${rule.join("")}\n${" ".repeat(MARGIN)}${text}\n`;
}

/** The share of each column, drawn as its height; nothing where it is 0. */
function strip(columns: readonly (Column | undefined)[], style: Style, part: (stretch: Stretch) => number): string {
  const levels = style.ascii ? LEVELS.ascii : LEVELS.unicode;
  return columns.map((column) => {
    const count = column === undefined ? 0 : part(column.stretch);
    if (column === undefined || count === 0) return " ";
    const share = Math.min(1, count / Math.max(1, column.stretch.finished));
    return levels[Math.min(levels.length - 1, Math.floor(share * levels.length))];
  }).join("").trimEnd();
}

/** The round trip over time, with losses and what came out of order below it. */
export function drawCourse(timeline: Timeline, summary: Snapshot, style: Style): string {
  const stretches = timeline.stretches();
  const title = paint(style, BOLD, TITLE);
  if (stretches.length === 0) {
    const why = summary.sent > 0
      ? "it takes probes, and --output ndjson saves them"
      : summary.unfinished > 0
      ? "it ended while the first probes were under way"
      : "nothing was sent";
    return `${title}: not drawn\n(${why})\n`;
  }
  const count = style.width - MARGIN;
  const columns = columnsOf(stretches, count);
  const last = stretches[stretches.length - 1].at;
  const isKnown = columns.some((column) => column !== undefined && !Number.isNaN(column.median));
  const field = isKnown ? curveField(columns, summary, style) : `${" ".repeat(MARGIN)}no reply\n`;
  const legend = isKnown ? paint(style, DIM, legendOf(style)) : "";
  return `${title}${legend}\n${field}${timeAxis(last, count, style)}${below(columns, style)}`;
}

/** Beside the title where there is room, else below it. */
function legendOf({ ascii, width }: Style): string {
  const text = ascii ? "* median  : 8 of 10 probes  . all" : "\u2812 median  \u2592 8 of 10 probes  \u2591 all";
  const room = width - TITLE.length;
  return room > text.length ? text.padStart(room) : `\n${text}`;
}

function curveField(columns: readonly (Column | undefined)[], summary: Snapshot, style: Style): string {
  const [low, high] = rangeOf(columns, summary.rtt);
  const share = (value: number) => (value - low) / (high - low);
  const canvas = new Canvas(columns.length, ROWS, style.ascii ? ASCII : UNICODE);
  let before: { readonly at: number; readonly median: number } | undefined;
  let greatest = 0;
  columns.forEach((column, at) => {
    if (column === undefined) return;
    if (Number.isNaN(column.median)) {
      before = undefined; // all were lost: there is no curve across
      return;
    }
    const { stretch, median } = column;
    canvas.fill(at, share(stretch.min[Way.RTT]), share(stretch.max[Way.RTT]), "smoke");
    canvas.fill(at, share(column.low), share(column.high), "core");
    if (stretch.max[Way.RTT] > high) {
      canvas.mark(at, style.ascii ? "^" : "\u25b2");
      greatest = Math.max(greatest, stretch.max[Way.RTT]);
    }
    if (before !== undefined) canvas.curve(before.at + 0.5, share(before.median), at, share(median));
    canvas.curve(at, share(median), at + 0.5, share(median));
    before = { at, median };
  });
  const labels = scale(low, high, unitFor(high));
  const [tick, line] = style.ascii ? ["+", "|"] : ["\u2524", "\u2502"];
  const rows = canvas.lines().map((text, row) =>
    `${labels[row].padStart(MARGIN - 2)} ${labels[row] === "" ? line : tick}${text}`.trimEnd()
  );
  const beyond = greatest > 0
    ? `${" ".repeat(MARGIN)}${style.ascii ? "^" : "\u25b2"} beyond: up to ${shortDelay(greatest)}\n`
    : "";
  return `${rows.join("\n")}\n${beyond}`;
}

function below(columns: readonly (Column | undefined)[], style: Style): string {
  const lost = strip(columns, style, (stretch) => stretch.lost);
  const odd = strip(columns, style, (stretch) => stretch.reordered);
  const twice = strip(columns, style, (stretch) => stretch.duplicates);
  const line = (name: string, text: string) => text === "" ? "" : `${name.padStart(MARGIN - 2)}  ${text}\n`;
  return (lost === "" ? "" : line("lost", paint(style, RED, lost))) + line("reordered", odd) + line("doubled", twice);
}

/** Bars from the left, a row each. */
export function drawBars(d: Distribution, style: Style): string {
  const title = paint(style, BOLD, "Distribution of the round trip");
  if (d.count === 0) return `${title}: not drawn, there was no reply\n`;
  const bars = barsOf(d, BARS);
  if (bars === undefined) return `${title}: not drawn\n(it takes bins, and json:histogram=true saves them)\n`;
  const unit = unitFor(bars.from + bars.width * bars.counts.length);
  const { digits } = ticksOf(0, bars.width / unit.ns, 1);
  const label = (ns: Nanos) => `${(ns / unit.ns).toFixed(digits)}${unit.name}`;
  const rows = bars.counts.map((count, i) =>
    row(label(bars.from + i * bars.width), count, bars.total, style, bars.counts)
  );
  if (bars.beyond >= 0.5) {
    const most = `more, up to ${shortDelay(d.max)}`;
    const end = label(bars.from + bars.counts.length * bars.width);
    rows.push(`${end.padStart(MARGIN - 2)}  ${shareText(bars.beyond, bars.total)} ${most}\n`);
  }
  return `${title}\n${rows.join("")}`;
}

function shareText(count: number, total: number): string {
  return `${(100 * count / total).toFixed(1)}%`.padStart(6);
}

function row(label: string, count: number, total: number, style: Style, all: readonly number[]): string {
  const share = shareText(count, total);
  const room = style.width - MARGIN - share.length - 1;
  const length = count / Math.max(...all) * room;
  return `${label.padStart(MARGIN - 2)}  ${share} ${bar(length, style)}`.trimEnd() + "\n";
}

const EIGHTHS = ["", "\u258f", "\u258e", "\u258d", "\u258c", "\u258b", "\u258a", "\u2589"];

function bar(length: number, { ascii }: Style): string {
  if (ascii) return "#".repeat(Math.round(length));
  const eighths = Math.round(length * 8);
  return "\u2588".repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8];
}
