/**
 * `--output plot`: delay over time, losses and the distribution, drawn in characters at the end of the run.
 *
 * Memory does not grow with the run: what is drawn is kept by stretches of time.
 *
 * @module
 */
import type { OutputPlugin, PluginOptions, RunInfo } from "../core/plugin.ts";
import { describeThreshold } from "../core/threshold.ts";
import type { Snapshot } from "../core/snapshot.ts";
import { drawBars, drawCourse, type Style } from "./picture/draw.ts";
import { shortDelay } from "./picture/labels.ts";
import { Timeline } from "./picture/timeline.ts";
import { RunHolder } from "./run.ts";
import { percentOf, percentText } from "./units.ts";

const LEAST_WIDTH = 40;
const MOST_WIDTH = 400;

/** Phrases in lines of at most `width`. */
function lines(phrases: readonly string[], between: string, width: number): string {
  let text = "";
  let length = 0;
  for (const phrase of phrases) {
    const next = length === 0 ? phrase : between + phrase;
    const isFull = length > 0 && length + next.length > width;
    text += isFull ? `${between.trimEnd()}\n${phrase}` : next;
    length = isFull ? phrase.length : length + next.length;
  }
  return text + "\n";
}

function heading({ session }: RunInfo, s: Snapshot, width: number): string {
  const number = session.number === undefined ? "" : `Session ${session.number.index} of ${session.number.of}: `;
  const counts = [
    `${s.sent} ${s.sent === 1 ? "probe" : "probes"} sent`,
    `${s.lost} lost (${percentText(percentOf(s.lost, s.sent))})`,
    `${s.reordered} reordered`,
    `${s.duplicates} duplicates`,
  ];
  return lines([`${number}${session.local}`, `to ${session.remote}`], " ", width) + lines(counts, ", ", width);
}

function percentiles({ rtt }: Snapshot, width: number): string {
  const named = [["min", rtt.min], ["p50", rtt.p50], ["p90", rtt.p90], ["p99", rtt.p99], ["max", rtt.max]] as const;
  return lines(["Round trip:", ...named.map(([name, value]) => `${name} ${shortDelay(value)}`)], "  ", width);
}

/** What is left to the host, which knows the terminal, is plain here: 80 columns, all of Unicode, no colour. */
function styleOf({ width, ascii, color }: PluginOptions): Style {
  const columns = typeof width === "number" && width > 0 ? width : 80;
  return {
    width: Math.min(MOST_WIDTH, Math.max(LEAST_WIDTH, Math.floor(columns))),
    ascii: ascii === "true",
    color: color === "true",
  };
}

function thresholds({ thresholds = [] }: Snapshot, width: number): string {
  return thresholds.map((one) => lines(["Threshold:", ...describeThreshold(one).split(" ")], " ", width)).join("");
}

export const plot: OutputPlugin = {
  api: 1,
  kind: "output",
  atEnd: true,
  name: "plot",
  summary: "delay over time, losses and the distribution, drawn in the terminal at the end",
  options: [
    { name: "width", type: "number", default: 0, summary: "columns, 40 to 400; 0 is the terminal's, else 80" },
    {
      name: "ascii",
      type: "string",
      default: "auto",
      choices: ["auto", "true", "false"],
      summary: "draw with ASCII alone; auto: where the terminal's locale is not UTF-8",
    },
    {
      name: "color",
      type: "string",
      default: "auto",
      choices: ["auto", "true", "false"],
      summary: "auto: on a terminal, unless NO_COLOR is set",
    },
  ],
  create(options, sink) {
    const run = new RunHolder();
    const style = styleOf(options);
    let timeline: Timeline | undefined;
    return {
      begin(info) {
        run.keep(info);
        timeline = new Timeline(info);
      },
      probe: (probe) => timeline?.record(probe),
      end(summary) {
        const info = run.get();
        const apart = (info.session.number?.index ?? 1) > 1 ? "\n" : "";
        const { width } = style;
        sink.write(
          apart + heading(info, summary, width) + "\n" + drawCourse(timeline!, summary, style) + "\n" +
            drawBars(summary.rtt, style) + (summary.received > 0 ? "\n" + percentiles(summary, width) : "") +
            thresholds(summary, width),
        );
      },
    };
  },
};
