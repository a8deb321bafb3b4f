/**
 * The result document, schema `twampede/result/1`: what `json` writes, and the last line of `ndjson`.
 *
 * Fields are added and never renamed within a schema number. The names are spelled out one by one, so that a name
 * changed in core does not change a document that other people's programs read. Numbers become integers of nanoseconds
 * here and nowhere earlier; what is not known is null.
 *
 * @module
 */
import type { ControlInfo, RunInfo } from "../core/plugin.ts";
import type {
  Bin,
  ClockOffset,
  Distribution,
  Marking,
  PeerReport,
  Reflected,
  Snapshot,
  ThresholdResult,
  TlvReport,
  TosCount,
} from "../core/snapshot.ts";
import { dscpName } from "../core/dscp.ts";
import type { Nanos } from "../core/time/clock.ts";

const SCHEMA = "twampede/result/1";

/** Anything that `JSON.stringify` writes as it is. */
export type Document = Record<string, unknown>;

function integer(ns: Nanos | null): number | null {
  return ns === null || !Number.isFinite(ns) ? null : Math.round(ns);
}

function distribution(d: Distribution): Document {
  return {
    count: d.count,
    min: integer(d.min),
    max: integer(d.max),
    mean: integer(d.mean),
    stddev: integer(d.stddev),
    p50: integer(d.p50),
    p90: integer(d.p90),
    p95: integer(d.p95),
    p99: integer(d.p99),
    p999: integer(d.p999),
    jitter: integer(d.jitter),
  };
}

/** The five distributions under their names in results. */
function byName<T>(snapshot: Snapshot, what: (d: Distribution) => T): Record<string, T> {
  return {
    roundtrip: what(snapshot.rtt),
    outbound: what(snapshot.forward),
    inbound: what(snapshot.backward),
    residence: what(snapshot.residence),
    ipdv: what(snapshot.ipdv),
  };
}

function packets(s: Snapshot): Document {
  return {
    sent: s.sent,
    received: s.received,
    lost: s.lost,
    lostOutbound: s.lostForward,
    lostInbound: s.lostBackward,
    duplicates: s.duplicates,
    reordered: s.reordered,
    reorderedOutbound: s.reorderedForward,
    reorderedInbound: s.reorderedBackward,
    late: s.late,
    malformed: s.malformed,
    unexpected: s.unexpected,
    forged: s.forged,
    unfinished: s.unfinished,
    sendErrors: s.sendErrors,
    lostInHost: s.lostInHost,
  };
}

function control(info: ControlInfo | undefined): Document | null {
  if (info === undefined) return null;
  const { server, sid, keyId, modes } = info;
  return { server, sid, keyId, modes: [...modes] };
}

function session(run: RunInfo): Document {
  const s = run.session;
  return {
    protocol: s.protocol,
    mode: s.mode,
    local: s.local,
    remote: s.remote,
    ssid: s.ssid,
    tos: s.tos,
    ttl: s.ttl,
    dontFragment: s.dontFragment,
    profile: s.profile,
    schedule: s.schedule,
    count: s.count,
    intervalNs: integer(s.intervalNs),
    timeoutNs: integer(s.timeoutNs),
    jitter: s.jitter,
    seed: s.seed,
    control: control(s.control),
    number: s.number === undefined ? null : { index: s.number.index, of: s.number.of },
  };
}

/** To six digits after the point: of a million million. */
function ppm(value: number | null): number | null {
  return value === null || !Number.isFinite(value) ? null : Math.round(value * 1e6) / 1e6;
}

function clock(c: ClockOffset | null): Document | null {
  if (c === null) return null;
  return {
    offsetNs: integer(c.offsetNs),
    boundNs: integer(c.boundNs),
    driftPpm: ppm(c.driftPpm),
    driftErrorPpm: ppm(c.driftErrorPpm),
    driftBoundPpm: ppm(c.driftBoundPpm),
    referenceAt: new Date(c.referenceAt).toISOString(),
    method: c.method,
    assumes: c.assumes,
    probes: c.probes,
    steps: c.steps,
    synchronized: { local: c.synchronized.local, remote: c.synchronized.remote },
  };
}

function octets(counts: readonly TosCount[]): Document[] {
  return counts.map(({ tos, count }) => ({ tos, dscp: tos >> 2, name: dscpName(tos >> 2), ecn: tos & 3, count }));
}

function marking(m: Marking | null): Document | null {
  if (m === null) return null;
  return { sentTos: m.sent, replyTos: m.replies, outbound: octets(m.forward), inbound: octets(m.backward) };
}

function reflected(r: Reflected | null): Document | null {
  return r === null ? null : { octets: r.octets, verified: r.verified, altered: r.altered };
}

function tlv(report: TlvReport): Document {
  const { name, type, sent, returned, unrecognized, malformed, integrityFailed, nonConformant, values } = report;
  const bare = Object.entries(values).map(([key, value]) => [key.slice(name.length + 1), value]);
  return {
    name,
    type,
    sent,
    returned,
    unrecognized,
    malformed,
    integrityFailed,
    nonConformant,
    values: Object.fromEntries(bare),
  };
}

function peer(report: PeerReport): Document {
  return {
    // Rounded up: a claim is never printed better than it was made, and the smallest is no 0.
    errorEstimateNs: report.errorEstimateNs === null ? null : Math.ceil(report.errorEstimateNs),
    synchronized: report.synchronized,
    timestampFormat: report.timestampFormat,
    findings: report.findings.map(({ code, count, text }) => ({ code, count, text })),
  };
}

/** Spans are whole nanoseconds as everywhere; a share or a rate is not rounded. */
function threshold({ expression, metric, operator, limit, unit, actual, crossed }: ThresholdResult): Document {
  const value = unit === "ns" ? integer(actual) : actual;
  return { expression, metric, operator, limit, unit, actual: value, crossed };
}

/** What changes while a run goes on: the part of the document that an interval has too. */
export function measurement(snapshot: Snapshot): Document {
  return {
    durationNs: integer(snapshot.durationNs),
    packets: packets(snapshot),
    delayNs: {
      ...byName(snapshot, distribution),
      outboundCorrected: snapshot.forwardCorrected && distribution(snapshot.forwardCorrected),
      inboundCorrected: snapshot.backwardCorrected && distribution(snapshot.backwardCorrected),
    },
    clock: clock(snapshot.clock),
  };
}

/** The whole document of a run that is over. */
export function resultDocument(run: RunInfo, snapshot: Snapshot): Document {
  const { t1, t2, t3, t4, fallback, t3Corrected, t3Refused } = snapshot.stamps;
  const { name, version, runtime, transport } = run.tool;
  return {
    schema: SCHEMA,
    tool: { name, version, runtime, transport },
    host: run.host,
    session: session(run),
    stamps: {
      t1,
      t2,
      t3,
      t4,
      fallback,
      phc: run.card?.phc ?? null,
      interface: run.card?.interface ?? null,
      t3Corrected,
      t3Refused,
    },
    startedAt: run.startedAt,
    ...measurement(snapshot),
    marking: marking(snapshot.marking),
    reflectedOctets: reflected(snapshot.reflected),
    tlvs: snapshot.tlvs.map(tlv),
    peer: peer(snapshot.peer),
    histogramError: snapshot.histogramError,
    notes: [...snapshot.notes],
    thresholds: (snapshot.thresholds ?? []).map(threshold),
  };
}

function bins(d: Distribution): number[][] {
  return Array.from(d.histogram, ([from, to, count]: Bin) => [Math.round(from), Math.round(to), count]);
}

/** The bins behind the percentiles, `[from, to, count]` each: enough to add two runs together. */
export function histograms(snapshot: Snapshot): Document {
  return byName(snapshot, bins);
}
