/**
 * `--output table`, the default: twampy's table, octet for octet, because people scrape it.
 *
 * Nothing of ours stands between its rules. What there is to add comes after the last one, and only when there is
 * something to add or `detail=full` asks for it.
 *
 * @module
 */
import type { OutputPlugin, RunInfo } from "../core/plugin.ts";
import type { Distribution, JitterAlgorithm, Snapshot } from "../core/snapshot.ts";
import { describeThreshold } from "../core/threshold.ts";
import { details } from "./detail.ts";
import { numberOf, RunHolder } from "./run.ts";
import { clockText, delayCell, percentOf, percentText, tosText, UNKNOWN } from "./units.ts";
import { paragraph, WIDTH } from "./wrap.ts";

const DOUBLE = "=".repeat(WIDTH) + "\n";
const SINGLE = "-".repeat(WIDTH) + "\n";

const LABEL: Record<JitterAlgorithm, string> = { rfc1889: "[RFC1889]", rfc3393: "[RFC3393]" };

function row(name: string, d: Distribution, lost: number | null, sent: number): string {
  const cells = [d.min, d.max, d.mean, d.jitter].map(delayCell).join("  ");
  const loss = percentText(percentOf(lost, sent)).padStart(6);
  return `  ${`${name}:`.padEnd(13)}${cells}    ${loss}\n`;
}

function rows(s: Snapshot): string {
  if (s.received === 0) return "  NO STATS AVAILABLE (100% loss)\n";
  return row("Outbound", s.forward, s.lostForward, s.sent) +
    row("Inbound", s.backward, s.lostBackward, s.sent) +
    row("Roundtrip", s.rtt, s.lost, s.sent);
}

/** From the first rule to the last. */
function frame(s: Snapshot, jitter: JitterAlgorithm): string {
  return DOUBLE +
    "Direction         Min         Max         Avg          Jitter     Loss\n" +
    SINGLE + rows(s) + SINGLE +
    " ".repeat(52) + `Jitter Algorithm ${LABEL[jitter]}\n` + DOUBLE;
}

/** The three lines that the second twampy fork has, in its words, below the table instead of inside it. */
function reordering(s: Snapshot): string {
  if (s.reordered === 0 && s.late === 0 && s.duplicates === 0) return "";
  return "Reordering Statistics:\n" +
    `  Out-of-order packets: ${s.reordered}\n` +
    `  Late arrivals: ${s.late}\n` +
    `  Duplicate packets: ${s.duplicates}\n`;
}

/** What stands above the table of a session that is one of several. */
function heading(run: RunInfo): string {
  const { number, remote, tos, profile } = run.session;
  if (numberOf(run) === undefined || number === undefined) return "";
  const marking = tos === null ? `TOS ${UNKNOWN}` : tosText(tos);
  const apart = number.index > 1 ? "\n" : "";
  return `${apart}Session ${number.index} of ${number.of}: ${remote}, ${marking}, ${profile}\n`;
}

/** A delay below zero is the clocks' doing: say by how much they differ. */
function clockOffset(s: Snapshot): string {
  if ((s.forward.min ?? 0) >= 0 && (s.backward.min ?? 0) >= 0) return "";
  if (s.clock === null) return `Clock Offset: ${UNKNOWN} (the clocks disagree: a one-way delay is negative)\n`;
  return `Clock Offset: ${clockText(s.clock)}\n`;
}

/** What became of the limits that the user gave. */
function thresholds({ thresholds = [] }: Snapshot): string {
  return thresholds.map((result) => paragraph("Threshold", describeThreshold(result))).join("");
}

/** The table, and what there is to add below it. */
export function tableText(run: RunInfo, s: Snapshot): string {
  return heading(run) + frame(s, run.session.jitter) + reordering(s) + clockOffset(s) + thresholds(s);
}

export const table: OutputPlugin = {
  api: 1,
  kind: "output",
  name: "table",
  summary: "the table that twampy prints, at the end of the run",
  options: [{
    name: "detail",
    type: "string",
    default: "brief",
    choices: ["brief", "full"],
    summary: "full adds percentiles, counts, stamps, clocks and the session below the table",
  }],
  create(options, sink) {
    const run = new RunHolder();
    return {
      begin: (info) => run.keep(info),
      end(summary) {
        const info = run.get();
        sink.write(tableText(info, summary));
        if (options.detail === "full") sink.write(details(info, summary));
      },
    };
  },
};
