/**
 * What a page says in words and tables: it can be read without a script, on paper, and by a screen reader.
 *
 * @module
 */
import type { RunInfo } from "../../../core/plugin.ts";
import type { ClockOffset, Distribution, Snapshot, TosCount } from "../../../core/snapshot.ts";
import { describeThreshold } from "../../../core/threshold.ts";
import type { Nanos } from "../../../core/time/clock.ts";
import { shortDelay } from "../../../outputs/picture/labels.ts";
import { percentOf, tosText, UNKNOWN } from "../../../outputs/units.ts";
import { Markup, markup, type Part } from "./markup.ts";
import type { Told } from "./data.ts";

/** With the unit parted, and the micro sign that a page can show. */
export function delay(ns: Nanos | null): string {
  return shortDelay(ns).replace(/(?<=\d)(?=[a-z])/, "\u00a0").replace("us", "\u00b5s");
}

function percent(part: number, whole: number): string {
  const value = percentOf(part, whole);
  if (value === null || Number.isNaN(value)) return UNKNOWN;
  if (value === 0) return "0\u00a0%";
  return `${value < 0.1 ? value.toPrecision(1) : value.toFixed(value < 10 ? 2 : 1)}\u00a0%`;
}

/** A whole number with its thousands parted. */
export function count(value: number | null): string {
  if (value === null || Number.isNaN(value)) return UNKNOWN;
  return String(value).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

function time(iso: string): string {
  return /^\d{4}-\d\d-\d\dT[\d:]{8}/.test(iso) ? `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC` : iso;
}

/** How long, for people: `1 min 40 s` needs no precision. */
function span(ns: Nanos): string {
  if (!(ns >= 120e9)) return delay(ns);
  const seconds = Math.round(ns / 1e9);
  const [h, min, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}\u00a0h ${min}\u00a0min` : `${min}\u00a0min ${s}\u00a0s`;
}

/** One line that says what was measured; each part of it stays together where there is room. */
export function subtitle({ session, startedAt }: RunInfo, s: Snapshot): Markup {
  const parts = [
    `${session.protocol.toUpperCase()}, ${session.mode}`,
    `from ${session.local}`,
    time(startedAt),
    `${count(s.sent)} ${s.sent === 1 ? "probe" : "probes"} in ${span(s.durationNs)}`,
  ];
  return markup`<p class="subtitle">${
    parts.map((part, i) => markup`${i > 0 ? " \u00b7 " : ""}<span>${part}</span>`)
  }</p>`;
}

function tile(label: string, value: string, more: string, kind = ""): Markup {
  return markup`<div class="tile ${kind}"><dt>${label}</dt><dd>${value}<small>${more}</small></dd></div>`;
}

/** The numbers that most people look for. */
export function tiles(s: Snapshot): Markup {
  const { rtt } = s;
  const lossKind = s.lost > 0 ? "bad" : s.sent > 0 ? "good" : "";
  const offset = s.clock === null
    ? []
    : [tile("Clock offset", delay(s.clock.offsetNs), `\u00b1 ${delay(s.clock.boundNs)}, theirs minus ours`)];
  return markup`<dl class="tiles">${[
    tile("Loss", percent(s.lost, s.sent), `${count(s.lost)} of ${count(s.sent)}`, lossKind),
    tile("Round trip, median", delay(rtt.p50), `${delay(rtt.min)} at least`),
    tile("99 % within", delay(rtt.p99), `${delay(rtt.max)} at most`),
    tile("Jitter", delay(rtt.jitter), `standard deviation ${delay(rtt.stddev)}`),
    tile(
      "Out of order",
      count(s.reordered),
      `${count(s.duplicates)} doubled, ${count(s.late)} late`,
      s.reordered > 0 ? "odd" : "",
    ),
    ...offset,
  ]}</dl>`;
}

/** What degraded or is odd. */
export function notes({ notes, peer }: Snapshot): Markup {
  const found = new Set(peer.findings.map(({ text }) => text));
  const lines = [
    ...notes.filter((note) => !found.has(note)),
    ...peer.findings.map(({ text, count }) => `${text} (${count} ${count === 1 ? "reply" : "replies"})`),
  ];
  if (lines.length === 0) return markup``;
  return markup`<aside class="notes" aria-label="Notes"><h3>Notes</h3><ul>${
    lines.map((line) => markup`<li>${line}</li>`)
  }</ul></aside>`;
}

/** What the result was held against. */
export function thresholds({ thresholds = [] }: Snapshot): Markup {
  if (thresholds.length === 0) return markup``;
  const crossed = thresholds.filter((one) => one.crossed).length;
  const title = crossed === 0 ? "Thresholds: all kept" : `Thresholds: ${crossed} of ${thresholds.length} crossed`;
  return markup`<aside class="notes ${crossed > 0 ? "bad" : "good"}" aria-label="Thresholds"><h3>${title}</h3><ul>${
    thresholds.map((one) => markup`<li>${describeThreshold(one)}</li>`)
  }</ul></aside>`;
}

const COLUMNS: readonly (readonly [label: string, read: (d: Distribution) => string])[] = [
  ["min", (d) => delay(d.min)],
  ["p50", (d) => delay(d.p50)],
  ["p90", (d) => delay(d.p90)],
  ["p95", (d) => delay(d.p95)],
  ["p99", (d) => delay(d.p99)],
  ["p99.9", (d) => delay(d.p999)],
  ["max", (d) => delay(d.max)],
  ["mean", (d) => delay(d.mean)],
  ["std dev", (d) => delay(d.stddev)],
  ["jitter", (d) => delay(d.jitter)],
  ["samples", (d) => count(d.count)],
];

/** Every distribution; on a narrow screen its cells stand below each other with their names. */
export function percentileTable(s: Snapshot): Markup {
  const rows: [string, Distribution | null][] = [
    ["Round trip", s.rtt],
    ["Outbound", s.forward],
    ["Inbound", s.backward],
    ["Outbound, corrected", s.forwardCorrected],
    ["Inbound, corrected", s.backwardCorrected],
    ["Residence", s.residence],
    ["IPDV", s.ipdv],
  ];
  const body = rows.flatMap(([name, d]) =>
    d === null || d.count === 0 ? [] : [
      markup`<tr><th scope="row">${name}</th>${
        COLUMNS.map(([label, read]) => markup`<td data-label="${label}">${read(d)}</td>`)
      }</tr>`,
    ]
  );
  if (body.length === 0) return markup`<p>No reply: there are no delays.</p>`;
  return markup`<table class="percentiles"><thead><tr><th scope="col"><span class="hidden">Delay</span></th>${
    COLUMNS.map(([label]) => markup`<th scope="col">${label}</th>`)
  }</tr></thead><tbody>${body}</tbody></table>`;
}

type Fact = readonly [name: string, value: Part];

function list(title: string, facts: readonly Fact[]): Markup {
  if (facts.length === 0) return markup``;
  const rows = facts.map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`);
  return markup`<section class="facts"><h3>${title}</h3><dl>${rows}</dl></section>`;
}

/** A count and how it is split between there and back. */
function split(all: number, there: number | null, back: number | null): string {
  if (there === null && back === null) return count(all);
  return `${count(all)} (${count(there)} outbound, ${count(back)} inbound)`;
}

function packets(s: Snapshot): Markup {
  const more = [
    ["Malformed", s.malformed],
    ["Unexpected", s.unexpected],
    ["Forged", s.forged],
    ["Unfinished", s.unfinished],
    ["Not sent", s.sendErrors],
    ["Lost in this host", s.lostInHost],
  ] as const;
  return list("Packets", [
    ["Sent", count(s.sent)],
    ["Received", count(s.received)],
    ["Lost", split(s.lost, s.lostForward, s.lostBackward)],
    ["Out of order", split(s.reordered, s.reorderedForward, s.reorderedBackward)],
    ["Duplicates", count(s.duplicates)],
    ["Late", count(s.late)],
    ...more.filter(([, value]) => value !== 0).map(([name, value]): Fact => [name, count(value)]),
  ]);
}

function session({ session: s, host }: RunInfo): Markup {
  const control: Fact[] = s.control === undefined
    ? []
    : [["Set up by", s.control.server], ["SID", s.control.sid], ["Key", s.control.keyId ?? "none"], [
      "Extensions",
      s.control.modes.join(", ") || "none",
    ]];
  return list("Session", [
    ["Protocol", `${s.protocol.toUpperCase()}, ${s.mode}`],
    ["From", `${s.local} (${host})`],
    ["To", s.remote],
    ["SSID", count(s.ssid)],
    ["Marking", s.tos === null ? "left to the system" : tosText(s.tos)],
    ["TTL", s.ttl === null ? "left to the system" : `${s.ttl}${s.dontFragment ? ", Don't Fragment" : ""}`],
    ["Sizes", s.profile],
    ["Times", `${s.schedule}, every ${delay(s.intervalNs)}`],
    ["Planned", s.count === null ? "no end" : `${count(s.count)} probes`],
    ["Lost after", delay(s.timeoutNs)],
    ["Seed", s.seed],
    ...control,
  ]);
}

function stamps(
  { card }: RunInfo,
  { stamps: { t1, t2, t3, t4, fallback, t3Corrected }, histogramError }: Snapshot,
): Markup {
  const of = (source: string | null) => source ?? "not told";
  return list("Timestamps", [
    ["T1, it leaves here", of(t1)],
    ["T2, it arrives there", of(t2)],
    ["T3, the reply leaves", of(t3)],
    ["T4, it arrives here", of(t4)],
    ...(card === undefined ? [] : [["Card", `${card.interface}, ${card.phc}`] as Fact]),
    ...(fallback > 0 ? [["Left out", `${count(fallback)} replies without these`] as Fact] : []),
    ...(t3Corrected > 0 ? [["T3 put right", `${count(t3Corrected)} replies`] as Fact] : []),
    ["Percentiles within", Number.isNaN(histogramError) ? UNKNOWN : `${(100 * histogramError).toFixed(2)}\u00a0%`],
  ]);
}

function claim(synchronized: boolean | null): string {
  return synchronized === null ? "claims nothing" : synchronized ? "synchronised, it says" : "not synchronised";
}

function clock(c: ClockOffset | null, { peer }: Snapshot): Markup {
  if (c === null) return list("Clocks", [["Difference", UNKNOWN]]);
  const error = c.driftErrorPpm === null ? "" : ` \u00b1 ${Number(c.driftErrorPpm.toPrecision(2))}`;
  return list("Clocks", [
    ["Offset, theirs minus ours", delay(c.offsetNs)],
    ["Certain within", `\u00b1 ${delay(c.boundNs)}, on any path`],
    ["Assumes", c.assumes],
    ["Drift", c.driftPpm === null ? "too short a run to tell" : `${c.driftPpm.toFixed(3)}${error} ppm`],
    ["As of", time(new Date(c.referenceAt).toISOString())],
    ["Set in the run", c.steps === 0 ? "never" : `${count(c.steps)} times`],
    ["Ours", claim(c.synchronized.local)],
    ["Theirs", `${claim(c.synchronized.remote)}, error ${delay(peer.errorEstimateNs)}`],
  ]);
}

function arrived(counts: readonly TosCount[]): string {
  return counts.slice(0, 4).map((one) => `${count(one.count)} as ${tosText(one.tos)}`).join(", ") || "not told";
}

function extras({ marking, reflected, tlvs }: Snapshot): Markup {
  return markup`${[
    marking === null ? markup`` : list("Marking", [["Outbound arrived", arrived(marking.forward)], [
      "Inbound arrived",
      arrived(marking.backward),
    ]]),
    reflected === null ? markup`` : list("Reflected padding", [
      ["Octets", count(reflected.octets)],
      ["As sent", count(reflected.verified)],
      ["Altered", count(reflected.altered)],
    ]),
    tlvs.length === 0 ? markup`` : list(
      "STAMP extensions",
      tlvs.map(({ name, sent, returned, values }): Fact => [
        name,
        [
          `${count(returned)} of ${count(sent)} returned`,
          ...Object.entries(values).map(([key, value]) => `; ${key} ${Number.isNaN(value) ? UNKNOWN : value}`),
        ],
      ]),
    ),
  ]}`;
}

function tool({ tool, startedAt }: RunInfo, s: Snapshot): Markup {
  return list("Run", [
    ["Began", time(startedAt)],
    ["Lasted", span(s.durationNs)],
    ["Measured by", `${tool.name} ${tool.version}`],
    ["Runtime", tool.runtime],
    ["Transport", tool.transport],
  ]);
}

/** All lists of facts. */
export function facts({ run, summary }: Told): Markup {
  return markup`<div class="lists">${[
    packets(summary),
    session(run),
    clock(summary.clock, summary),
    stamps(run, summary),
    extras(summary),
    tool(run, summary),
  ]}</div>`;
}
