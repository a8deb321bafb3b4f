/**
 * A result as it was saved, back into what outputs are told: {@linkcode RunInfo} and {@linkcode Snapshot}. The reverse of
 * `outputs/result.ts`: what that writes of what this reads is the same, octet for octet.
 *
 * Within a schema number fields are added, so an older document lacks some: they are unknown. What is not known here and
 * is a plain number there is `NaN`, which a document has as null.
 *
 * @module
 */
import type { ControlExtension, ControlInfo, RunInfo, SecurityMode } from "../../core/plugin.ts";
import type {
  Bin,
  ClockOffset,
  Distribution,
  Marking,
  PeerReport,
  Reflected,
  Snapshot,
  TlvReport,
  TosCount,
} from "../../core/snapshot.ts";
import type { StampSource } from "../../core/transport.ts";
import { clean, Fields, FormatError, LONGEST_NS } from "./fields.ts";
import { readThresholds } from "./thresholds.ts";

const SOURCES: readonly StampSource[] = ["user", "kernel", "hardware"];
const MODES: readonly SecurityMode[] = ["open", "authenticated", "encrypted", "mixed"];
const EXTENSIONS: readonly ControlExtension[] = [
  "individual-session-control",
  "reflect-octets",
  "symmetrical-size",
  "dscp-ecn-monitoring",
  "ptp-timestamps",
];

/** More than an octet has values: what a far end may have invented. */
const MOST_TOS = 256;
/** Bins of a histogram: half a thousand an octave, of both signs. */
const MOST_BINS = 70_000;

/** What stands for a text that is not known. */
export const UNKNOWN_TEXT = "unknown";

/** A saved result of one session. */
export interface SavedResult {
  readonly run: RunInfo;
  readonly summary: Snapshot;
  /** The document has the bins behind its percentiles. */
  readonly hasHistograms: boolean;
}

/** Reads a document whose schema has been looked at. */
export function readResult(document: Fields): SavedResult {
  if (document.object("session") === undefined || document.object("packets") === undefined) {
    throw new FormatError("it has no session or no packets: not a whole result");
  }
  return {
    run: readRun(document),
    summary: readSnapshot(document),
    hasHistograms: document.object("histogramNs") !== undefined,
  };
}

function readRun(document: Fields): RunInfo {
  const tool = document.objectOrEmpty("tool");
  const session = document.objectOrEmpty("session");
  const stamps = document.objectOrEmpty("stamps");
  const [card, phc] = [stamps.text("interface"), stamps.text("phc")];
  const number = session.object("number");
  const text = (from: Fields, name: string) => from.text(name) ?? UNKNOWN_TEXT;
  return {
    tool: {
      name: text(tool, "name"),
      version: text(tool, "version"),
      runtime: text(tool, "runtime"),
      transport: text(tool, "transport"),
    },
    session: {
      protocol: readWord(session, "protocol", ["twamp", "stamp"]),
      mode: readWord(session, "mode", MODES),
      local: text(session, "local"),
      remote: text(session, "remote"),
      ssid: session.count("ssid"),
      tos: session.octet("tos"),
      ttl: session.octet("ttl"),
      dontFragment: session.boolean("dontFragment") ?? false,
      profile: text(session, "profile"),
      schedule: text(session, "schedule"),
      count: session.countOrNull("count"),
      intervalNs: session.span("intervalNs"),
      timeoutNs: session.span("timeoutNs"),
      jitter: session.choice("jitter", ["rfc1889", "rfc3393"]) ?? "rfc1889",
      seed: text(session, "seed"),
      control: readControl(session.object("control")),
      number: number && { index: number.needed("index"), of: number.needed("of") },
    },
    host: text(document, "host"),
    card: card === null || phc === null ? undefined : { interface: card, phc },
    startedAt: readStart(document),
  };
}

/** One of a fixed set; of what a killed run left a result says `unknown`, which is read back. */
function readWord<T extends string>(session: Fields, name: string, words: readonly T[]): T {
  return session.raw(name) === UNKNOWN_TEXT ? unknown() : session.choice(name, words) ?? unknown();
}

/** The same of a moment. */
function readStart(document: Fields): string {
  return document.raw("startedAt") === UNKNOWN_TEXT ? UNKNOWN_TEXT : document.time("startedAt") ?? UNKNOWN_TEXT;
}

/** Of a fixed set of words, and not known: outputs print it as it is. */
export function unknown<T extends string>(): T {
  return UNKNOWN_TEXT as T;
}

function readControl(control: Fields | undefined): ControlInfo | undefined {
  if (control === undefined) return undefined;
  const modes = control.texts("modes");
  const odd = modes.find((mode) => !(EXTENSIONS as readonly string[]).includes(mode));
  if (odd !== undefined) throw control.wrong("modes", odd, `one of ${EXTENSIONS.join(", ")}`);
  return {
    server: control.text("server") ?? UNKNOWN_TEXT,
    sid: control.text("sid") ?? UNKNOWN_TEXT,
    keyId: control.text("keyId"),
    modes: modes as ControlExtension[],
  };
}

/** The part of the document that an interval line has too; of the rest nothing is known. */
export function readSnapshot(document: Fields): Snapshot {
  const packets = document.objectOrEmpty("packets");
  const delays = document.objectOrEmpty("delayNs");
  const bins = document.objectOrEmpty("histogramNs");
  const stamps = document.objectOrEmpty("stamps");
  const source = (name: string) => stamps.choice(name, SOURCES);
  const delay = (name: string) => readDistribution(delays.objectOrEmpty(name), bins, name);
  const corrected = (name: string) => {
    const found = delays.object(name);
    return found === undefined ? null : readDistribution(found, bins, name);
  };
  return {
    sent: packets.needed("sent"),
    received: packets.needed("received"),
    lost: packets.needed("lost"),
    lostForward: packets.countOrNull("lostOutbound"),
    lostBackward: packets.countOrNull("lostInbound"),
    duplicates: packets.needed("duplicates"),
    reordered: packets.needed("reordered"),
    reorderedForward: packets.countOrNull("reorderedOutbound"),
    reorderedBackward: packets.countOrNull("reorderedInbound"),
    late: packets.needed("late"),
    malformed: packets.count("malformed"),
    unexpected: packets.count("unexpected"),
    forged: packets.count("forged"),
    unfinished: packets.count("unfinished"),
    sendErrors: packets.count("sendErrors"),
    lostInHost: packets.countOrNull("lostInHost"),
    rtt: delay("roundtrip"),
    forward: delay("outbound"),
    backward: delay("inbound"),
    residence: delay("residence"),
    ipdv: delay("ipdv"),
    forwardCorrected: corrected("outboundCorrected"),
    backwardCorrected: corrected("inboundCorrected"),
    histogramError: document.share("histogramError"),
    stamps: {
      t1: source("t1"),
      t2: source("t2"),
      t3: source("t3"),
      t4: source("t4"),
      fallback: stamps.count("fallback"),
      t3Corrected: stamps.count("t3Corrected"),
      t3Refused: stamps.count("t3Refused"),
    },
    clock: readClock(document.object("clock")),
    marking: readMarking(document.object("marking")),
    reflected: readReflected(document.object("reflectedOctets")),
    tlvs: document.objects("tlvs").map(readTlv),
    thresholds: readThresholds(document),
    peer: readPeer(document.objectOrEmpty("peer")),
    durationNs: document.span("durationNs"),
    notes: document.texts("notes"),
  };
}

function readDistribution(d: Fields, histograms: Fields, name: string): Distribution {
  return {
    count: d.raw("count") === undefined ? 0 : d.needed("count"),
    min: d.delay("min"),
    max: d.delay("max"),
    mean: d.delay("mean"),
    stddev: d.delay("stddev"),
    p50: d.delay("p50"),
    p90: d.delay("p90"),
    p95: d.delay("p95"),
    p99: d.delay("p99"),
    p999: d.delay("p999"),
    jitter: d.delay("jitter"),
    histogram: histograms.list(name).map((bin, i) => readBin(bin, histograms, name, i)),
  };
}

function readBin(value: unknown, histograms: Fields, name: string, at: number): Bin {
  const numbers = Array.isArray(value) && value.length === 3 ? value : [];
  const [from, to, count] = numbers.every(Number.isFinite) ? numbers as number[] : [];
  if (
    from < to && from >= -LONGEST_NS && to <= LONGEST_NS && Number.isSafeInteger(count) && count >= 0 && at < MOST_BINS
  ) return [from, to, count];
  throw histograms.wrong(`${name}[${at}]`, value, `[from, to, count] of at most ${MOST_BINS}`);
}

function readClock(c: Fields | undefined): ClockOffset | null {
  if (c === undefined) return null;
  const claims = c.objectOrEmpty("synchronized");
  const reference = c.time("referenceAt");
  if (reference === null) throw c.wrong("referenceAt", null, "a time");
  return {
    offsetNs: c.delay("offsetNs") ?? NaN,
    boundNs: c.delay("boundNs") ?? NaN,
    driftPpm: c.number("driftPpm"),
    driftErrorPpm: c.number("driftErrorPpm"),
    driftBoundPpm: c.number("driftBoundPpm"),
    referenceAt: Date.parse(reference),
    method: c.choice("method", ["line", "minimum"]) ?? "minimum",
    assumes: c.choice("assumes", ["symmetric path"]) ?? "symmetric path",
    probes: c.count("probes"),
    steps: c.count("steps"),
    synchronized: { local: claims.boolean("local"), remote: claims.boolean("remote") },
  };
}

function readMarking(m: Fields | undefined): Marking | null {
  if (m === undefined) return null;
  const counts = (name: string): TosCount[] =>
    m.objects(name).slice(0, MOST_TOS).map((one) => {
      const tos = one.octet("tos");
      if (tos !== null) return { tos, count: one.needed("count") };
      throw one.wrong("tos", null, "an octet");
    });
  return {
    sent: m.octet("sentTos"),
    replies: m.octet("replyTos"),
    forward: counts("outbound"),
    backward: counts("inbound"),
  };
}

function readReflected(r: Fields | undefined): Reflected | null {
  if (r === undefined) return null;
  return { octets: r.needed("octets"), verified: r.needed("verified"), altered: r.needed("altered") };
}

function readTlv(t: Fields): TlvReport {
  const name = t.text("name") ?? UNKNOWN_TEXT;
  const values = t.objectOrEmpty("values");
  return {
    name,
    type: t.count("type"),
    sent: t.count("sent"),
    returned: t.count("returned"),
    unrecognized: t.count("unrecognized"),
    malformed: t.count("malformed"),
    integrityFailed: t.count("integrityFailed"),
    nonConformant: t.count("nonConformant"),
    values: Object.fromEntries(values.names().map((key) => [`${name}.${clean(key)}`, readTlvValue(values, key)])),
  };
}

/** Null is how a number that is not known was written. */
export function readTlvValue(values: Fields, key: string): number | string {
  return typeof values.raw(key) === "string" ? values.text(key)! : values.known(key);
}

function readPeer(p: Fields): PeerReport {
  return {
    errorEstimateNs: p.number("errorEstimateNs"),
    synchronized: p.boolean("synchronized"),
    timestampFormat: p.choice("timestampFormat", ["ntp", "ptp"]),
    findings: p.objects("findings").map((finding) => ({
      code: finding.text("code") ?? UNKNOWN_TEXT,
      count: finding.needed("count"),
      text: finding.text("text") ?? UNKNOWN_TEXT,
    })),
  };
}
