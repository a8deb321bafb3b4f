/**
 * `--output table:detail=full`: everything else that is known, below the table and no wider than it.
 *
 * @module
 */
import type { ControlInfo, RunInfo } from "../core/plugin.ts";
import type {
  ClockOffset,
  Distribution,
  Marking,
  PeerReport,
  Reflected,
  Snapshot,
  TlvReport,
  TosCount,
} from "../core/snapshot.ts";
import { clockText, delayCell, delayText, tosText, UNKNOWN } from "./units.ts";
import { paragraph } from "./wrap.ts";

type Column = readonly [title: string, cell: (d: Distribution) => string];

const PERCENTILES: readonly Column[] = [
  ["p50", (d) => delayCell(d.p50)],
  ["p90", (d) => delayCell(d.p90)],
  ["p95", (d) => delayCell(d.p95)],
  ["p99", (d) => delayCell(d.p99)],
  ["p99.9", (d) => delayCell(d.p999)],
];

const MOMENTS: readonly Column[] = [
  ["Min", (d) => delayCell(d.min)],
  ["Max", (d) => delayCell(d.max)],
  ["Avg", (d) => delayCell(d.mean)],
  ["StdDev", (d) => delayCell(d.stddev)],
  ["Samples", (d) => String(d.count).padStart(10)],
];

const CORRECTED: readonly Column[] = [MOMENTS[0], PERCENTILES[0], PERCENTILES[3], MOMENTS[2], [
  "Jitter",
  (d) => delayCell(d.jitter),
]];

function line(name: string, cells: readonly string[]): string {
  return name.padEnd(15) + cells.join("  ") + "\n";
}

function row(name: string, columns: readonly Column[], d: Distribution): string {
  return line(`  ${name}:`, columns.map(([, cell]) => cell(d)));
}

function head(title: string, columns: readonly Column[]): string {
  return line(title, columns.map(([column]) => column.padStart(10)));
}

/** One way without the difference of the clocks. */
function corrected({ forwardCorrected, backwardCorrected }: Snapshot): string {
  if (forwardCorrected === null || backwardCorrected === null) return "";
  return "\n" + head("Corrected", CORRECTED) + row("Outbound", CORRECTED, forwardCorrected) +
    row("Inbound", CORRECTED, backwardCorrected) +
    "  (by the offset below, assuming a symmetric path)\n";
}

function grid(title: string, columns: readonly Column[], s: Snapshot): string {
  return head(title, columns) +
    row("Outbound", columns, s.forward) +
    row("Inbound", columns, s.backward) +
    row("Roundtrip", columns, s.rtt) +
    row("Residence", columns, s.residence) +
    row("IPDV", columns, s.ipdv);
}

/** ` (1 outbound, 2 inbound)`, or nothing where the reflector's numbers cannot tell. */
function split(forward: number | null, backward: number | null): string {
  if (forward === null && backward === null) return "";
  return ` (${forward ?? UNKNOWN} outbound, ${backward ?? UNKNOWN} inbound)`;
}

/** Of a result that was put together from what a killed run left, some counts are not known. */
function number(count: number): string {
  return Number.isNaN(count) ? UNKNOWN : String(count);
}

function packets(s: Snapshot): string {
  return paragraph(
    "Packets",
    `${number(s.sent)} sent`,
    `${number(s.received)} received`,
    `${number(s.lost)} lost${split(s.lostForward, s.lostBackward)}`,
    `${number(s.duplicates)} duplicates`,
    `${number(s.reordered)} reordered${split(s.reorderedForward, s.reorderedBackward)}`,
    `${number(s.late)} late`,
    `${number(s.malformed)} malformed`,
    `${number(s.unexpected)} unexpected`,
    `${number(s.forged)} forged`,
    `${number(s.unfinished)} unfinished`,
    `${number(s.sendErrors)} send errors`,
    `${s.lostInHost ?? UNKNOWN} lost in this host`,
  );
}

function stamps({ card }: RunInfo, { stamps: { t1, t2, t3, t4, fallback, t3Corrected, t3Refused } }: Snapshot): string {
  const sources = [t1, t2, t3, t4].map((source, i) => `T${i + 1} ${source ?? UNKNOWN}`);
  const clock = card === undefined ? [] : [`hardware of ${card.interface} by ${card.phc}`];
  const late = [
    ...(t3Corrected > 0 ? [`T3 of ${t3Corrected} put right by later replies`] : []),
    ...(t3Refused > 0 ? [`T3 of ${t3Refused} not, by times that cannot be`] : []),
  ];
  return paragraph("Stamps", ...sources, ...clock, ...late, `${number(fallback)} replies left out for want of these`);
}

/** `+50.012 ppm`, of which about the digits that count are shown. */
function ppmText(value: number): string {
  const digits = Math.max(0, Math.min(3, 2 - Math.floor(Math.log10(Math.abs(value) || 1))));
  return value.toFixed(digits);
}

function drift({ driftPpm, driftErrorPpm, driftBoundPpm, probes }: ClockOffset): string[] {
  if (driftPpm === null || driftErrorPpm === null) {
    return [`drift ${UNKNOWN} (too short a run, or too few probes: ${probes})`];
  }
  const sign = driftPpm > 0 ? "+" : "";
  const bound = driftBoundPpm === null ? "" : `, certainly ${ppmText(driftBoundPpm)}`;
  return [`drift ${sign}${driftPpm.toFixed(3)} ppm +/- ${ppmText(driftErrorPpm)} likely${bound}`];
}

function claim(synchronized: boolean | null): string {
  return synchronized === null ? UNKNOWN : synchronized ? "yes" : "no";
}

function clock(c: ClockOffset | null): string {
  if (c === null) return paragraph("Clock", UNKNOWN);
  const { local, remote } = c.synchronized;
  return paragraph(
    "Clock",
    clockText(c),
    "assuming a symmetric path (the bounds assume none)",
    ...drift(c),
    `at ${new Date(c.referenceAt).toISOString()}`,
    c.steps === 0 ? "never set" : c.steps === 1 ? "set once" : `set ${number(c.steps)} times`,
    `synchronized by its own claim: ours ${claim(local)}`,
    `theirs ${claim(remote)}`,
  );
}

/** In nanoseconds below a microsecond: a claim that small is no 0. */
function errorText(ns: number | null): string {
  return ns !== null && ns < 1000 ? `${Math.max(1, Math.round(ns))}ns` : delayText(ns);
}

function peer({ errorEstimateNs, synchronized, timestampFormat, findings }: PeerReport): string {
  const s = synchronized === null ? UNKNOWN : synchronized ? "1 (synchronized, it says)" : "0 (not synchronized)";
  return paragraph(
    "Peer",
    `Error Estimate ${errorText(errorEstimateNs)}`,
    `S bit ${s}`,
    `timestamps ${timestampFormat?.toUpperCase() ?? UNKNOWN}`,
  ) + findings.map((finding) => paragraph("Finding", `${finding.text} (${finding.count} replies)`)).join("");
}

/** Octets named at most: a far end may invent all 256. */
const MOST = 4;

function arrived(counts: readonly TosCount[]): string {
  if (counts.length === 0) return UNKNOWN;
  const others = counts.slice(MOST).reduce((sum, { count }) => sum + count, 0);
  const named = counts.slice(0, MOST).map(({ tos, count }) => `${count} as ${tosText(tos)}`);
  return [...named, ...(others > 0 ? [`${others} as others`] : [])].join(" and ");
}

function marking(m: Marking | null): string {
  if (m === null) return "";
  const sent = m.sent === null ? [] : [`sent as ${tosText(m.sent)}`];
  return paragraph("Marking", ...sent, `outbound ${arrived(m.forward)}`, `inbound ${arrived(m.backward)}`);
}

function reflected(r: Reflected | null): string {
  if (r === null) return "";
  const replies = [`${r.verified} replies as they were sent`, `${r.altered} altered`];
  return paragraph("Reflected", `${r.octets} octets of padding`, ...replies);
}

function tlv(report: TlvReport): string {
  const { name, sent, returned, unrecognized, malformed, integrityFailed, nonConformant, values } = report;
  const flags = [
    [unrecognized, "not understood"],
    [malformed, "malformed"],
    [integrityFailed, "discarded: HMAC"],
    [nonConformant, "not as asked"],
  ] as const;
  return paragraph(
    "TLV",
    `${name}: ${number(returned)} of ${number(sent)} returned`,
    ...flags.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`),
    ...Object.entries(values).map(([key, value]) =>
      `${key.slice(name.length + 1)} ${typeof value === "number" ? number(value) : value}`
    ),
  );
}

function control(info: ControlInfo | undefined): string {
  if (info === undefined) return "";
  const key = info.keyId === null ? [] : [`key ${info.keyId}`];
  return paragraph("Control", `by ${info.server}`, ...key, `SID ${info.sid}`, ...info.modes);
}

function session({ session: s }: RunInfo): string {
  return paragraph(
    "Session",
    `${s.protocol} ${s.mode}`,
    `${s.local} to ${s.remote}`,
    `SSID ${number(s.ssid)}`,
    `TOS ${s.tos === null ? UNKNOWN : "0x" + s.tos.toString(16).padStart(2, "0")}`,
    `TTL ${s.ttl ?? UNKNOWN}`,
    `DF ${s.dontFragment ? "on" : "off"}`,
    s.profile,
    `schedule ${s.schedule}`,
    `count ${s.count ?? "unlimited"}`,
    `interval ${delayText(s.intervalNs)}`,
    `timeout ${delayText(s.timeoutNs)}`,
    `seed ${s.seed}`,
  );
}

function run({ tool, host, startedAt }: RunInfo, s: Snapshot): string {
  return paragraph(
    "Run",
    `${startedAt} on ${host}`,
    `lasted ${delayText(s.durationNs)}`,
    `${tool.name} ${tool.version}`,
    tool.runtime,
    `transport ${tool.transport}`,
  );
}

/** All of it, each part after an empty line, ending with a line break. */
export function details(info: RunInfo, s: Snapshot): string {
  return "\n" + grid("Percentiles", PERCENTILES, s) +
    "\n" + grid("Spread", MOMENTS, s) +
    corrected(s) +
    "\n" + packets(s) +
    stamps(info, s) +
    clock(s.clock) +
    marking(s.marking) +
    reflected(s.reflected) +
    s.tlvs.map(tlv).join("") +
    peer(s.peer) +
    paragraph(
      "Histogram",
      `percentiles within ${Number.isNaN(s.histogramError) ? UNKNOWN : `${(s.histogramError * 100).toFixed(2)}%`}`,
    ) +
    session(info) +
    control(info.session.control) +
    run(info, s) +
    s.notes.map((note) => paragraph("Note", note)).join("");
}
