/**
 * Runs made by hand, so that the outputs are tested without sessions and statistics: what an output is told, in order.
 *
 * @module
 */
import type { Output, OutputGroup, OutputPlugin, PluginOptions, RunInfo, Sink } from "../../core/plugin.ts";
import { createRecord, ProbeFlag, type ProbeRecord } from "../../core/record.ts";
import type { ClockOffset, Distribution, Snapshot } from "../../core/snapshot.ts";
import { evaluateThresholds, parseThreshold } from "../../core/threshold.ts";

export const RUN: RunInfo = {
  tool: { name: "twampede", version: "0.1.0", runtime: "deno 2.9.5", transport: "ffi" },
  session: {
    protocol: "twamp",
    mode: "open",
    local: "10.99.0.1:20000",
    remote: "10.99.0.2:20001",
    ssid: 0,
    tos: 136,
    ttl: 64,
    dontFragment: false,
    profile: "fixed:padding=27",
    schedule: "fixed",
    count: 5,
    intervalNs: 100e6,
    timeoutNs: 5e9,
    jitter: "rfc1889",
    seed: "00112233445566778899aabbccddeeff",
  },
  host: "probe-1",
  startedAt: "2026-11-20T14:10:10.706Z",
};

/** A run with another session. */
export function runWith(session: Partial<RunInfo["session"]>, more: Partial<RunInfo> = {}): RunInfo {
  return { ...RUN, ...more, session: { ...RUN.session, ...session } };
}

/** A distribution in which nothing is known. */
export const NOTHING: Distribution = {
  count: 0,
  min: null,
  max: null,
  mean: null,
  stddev: null,
  p50: null,
  p90: null,
  p95: null,
  p99: null,
  p999: null,
  jitter: null,
  histogram: [],
};

/** A plausible distribution between two values; fractions of a nanosecond included, as a mean has them. */
export function between(min: number, max: number, count: number, jitter: number | null): Distribution {
  const span = max - min;
  return {
    count,
    min,
    max,
    mean: min + span / 3,
    stddev: count > 1 ? Math.abs(span) / 7 : null,
    p50: min + span * 0.25,
    p90: min + span * 0.75,
    p95: min + span * 0.875,
    p99: min + span * 0.96875,
    p999: max,
    jitter,
    histogram: count > 1 ? [[min, min + 1024, count - 1], [max, max + 1024, 1]] : [[min, min + 1024, count]],
  };
}

/** What is known of two clocks after a run that tells all of it. */
export function clockOf(changes: Partial<ClockOffset>): ClockOffset {
  return {
    offsetNs: 0,
    boundNs: 0,
    driftPpm: 12.3456789,
    driftErrorPpm: 0.0625,
    driftBoundPpm: 607.76,
    referenceAt: Date.UTC(2026, 10, 20, 14, 10, 11, 106),
    method: "line",
    assumes: "symmetric path",
    probes: 5,
    steps: 0,
    synchronized: { local: true, remote: true },
    ...changes,
  };
}

/** A snapshot in which as many replies as were received are in the distributions, unless `changes` says otherwise. */
export function snapshot(changes: Partial<Snapshot>): Snapshot {
  const n = changes.received ?? 5;
  return {
    sent: 5,
    received: n,
    lost: 0,
    lostForward: 0,
    lostBackward: 0,
    duplicates: 0,
    reordered: 0,
    reorderedForward: 0,
    reorderedBackward: 0,
    late: 0,
    malformed: 0,
    unexpected: 0,
    forged: 0,
    unfinished: 0,
    sendErrors: 0,
    lostInHost: 0,
    rtt: between(243_104, 30_361_999, n, 638_400.25),
    forward: between(123_999, 8_980_000, n, 55_000),
    backward: between(119_105, 21_381_999, n, 52_000),
    residence: between(1_000, 9_000, n, 900),
    ipdv: between(-30_000_000, 30_100_000, n - 1, 12_000_000),
    histogramError: 0.0078125,
    stamps: { t1: "kernel", t2: "kernel", t3: "user", t4: "kernel", fallback: 0, t3Corrected: 0, t3Refused: 0 },
    forwardCorrected: between(121_551, 8_977_552, n, 55_000),
    backwardCorrected: between(121_552, 21_384_447, n, 52_000),
    clock: clockOf({ offsetNs: 2_447.5, boundNs: 121_552 }),
    marking: null,
    reflected: null,
    tlvs: [],
    peer: { errorEstimateNs: 1_000_000, synchronized: true, timestampFormat: "ntp", findings: [] },
    durationNs: 401_000_123,
    notes: [],
    ...changes,
  };
}

/** A received probe; T1 is `seq` intervals of 100 ms after 14:10:10.9, so that a second begins within the run. */
export function received(seq: number, forward: number, backward: number, changes: Partial<ProbeRecord> = {}) {
  const record = createRecord();
  Object.assign(record, {
    seq,
    flags: ProbeFlag.RECEIVED,
    reflectorSeq: seq,
    size: 41,
    replySize: 41,
    ttlForward: 63,
    ttlBackward: 62,
    rtt: forward + backward,
    forward,
    backward,
    residence: 5_000,
  });
  const t1 = 900_000_007 + seq * 100e6;
  [t1, t1 + forward, t1 + forward + 5_000, t1 + forward + 5_000 + backward].forEach((ns, i) => {
    record.stamps[i * 2] = 1_795_183_810 + Math.floor(ns / 1e9);
    record.stamps[i * 2 + 1] = ((ns % 1e9) + 1e9) % 1e9;
  });
  return Object.assign(record, changes);
}

/** A lost probe: only its number, its size and when it left are known. */
export function lost(seq: number): ProbeRecord {
  const record = createRecord();
  Object.assign(record, { seq, flags: ProbeFlag.LOST, size: 41 });
  record.stamps[0] = 1_795_183_810;
  record.stamps[1] = 900_000_007;
  return record;
}

/** A snapshot of a run in which nothing has come back. */
function silence(changes: Partial<Snapshot>): Snapshot {
  return snapshot({
    received: 0,
    lostForward: null,
    lostBackward: null,
    reorderedForward: null,
    reorderedBackward: null,
    lostInHost: null,
    rtt: NOTHING,
    forward: NOTHING,
    backward: NOTHING,
    residence: NOTHING,
    ipdv: NOTHING,
    forwardCorrected: null,
    backwardCorrected: null,
    stamps: { t1: null, t2: null, t3: null, t4: null, fallback: 0, t3Corrected: 0, t3Refused: 0 },
    clock: null,
    peer: { errorEstimateNs: null, synchronized: null, timestampFormat: null, findings: [] },
    ...changes,
  });
}

/** What an output is told: records and interval snapshots, then the end. */
export interface Scenario {
  readonly run: RunInfo;
  readonly steps: readonly (ProbeRecord | Snapshot)[];
  readonly summary: Snapshot;
}

export const SCENARIOS: Record<string, Scenario> = {
  normal: {
    run: RUN,
    steps: [
      received(0, 123_999, 119_105),
      received(1, 175_000, 86_000),
      snapshot({ sent: 3, received: 2, durationNs: 200e6, rtt: between(243_104, 261_000, 2, 17_896) }),
      received(2, 146_000, 72_000),
      received(3, 8_980_000, 21_381_999),
      received(4, 91_000, 70_000),
    ],
    summary: snapshot({}),
  },
  silent: {
    run: runWith({ tos: null, ttl: null, count: 2 }),
    steps: [
      silence({ sent: 1, durationNs: 50e6 }),
      lost(0),
      silence({ sent: 2, lost: 1, durationNs: 5e9 }),
      lost(1),
    ],
    summary: silence({
      sent: 2,
      lost: 2,
      durationNs: 5_100_000_000,
      notes: ["TOS 0x88 was left unset: the bun transport cannot set it"],
    }),
  },
  negative: {
    run: runWith({ jitter: "rfc3393", local: "[2001:db8::1]:20000", remote: "[2001:db8::2]:862", protocol: "stamp" }),
    steps: [received(0, -196_634_000, 196_900_500), received(1, -92_890_000, 93_001_000)],
    summary: snapshot({
      sent: 2,
      received: 2,
      rtt: between(111_000, 266_500, 2, 77_750),
      forward: between(-196_634_000, -92_890_000, 2, 576_000),
      backward: between(93_001_000, 196_900_500, 2, 999_999),
      forwardCorrected: null,
      backwardCorrected: null,
      clock: clockOf({
        offsetNs: -92_945_500,
        boundNs: 55_500,
        driftPpm: null,
        driftErrorPpm: null,
        driftBoundPpm: null,
        method: "minimum",
        probes: 2,
        steps: 1,
        synchronized: { local: null, remote: false },
      }),
      peer: {
        errorEstimateNs: 15_625_000,
        synchronized: false,
        timestampFormat: "ptp",
        findings: [{
          code: "t2-equals-t3",
          count: 2,
          text: "The far end writes the same time into T2 and T3: its residence time is part of the round trip.",
        }],
      },
    }),
  },
  unsplit: {
    run: RUN,
    steps: [received(0, NaN, NaN, { rtt: 250_000, residence: NaN, reflectorSeq: NaN, ttlForward: NaN }), lost(1)],
    summary: snapshot({
      sent: 3,
      received: 2,
      lost: 1,
      lostForward: null,
      lostBackward: null,
      reorderedForward: null,
      reorderedBackward: null,
      forward: NOTHING,
      backward: NOTHING,
      forwardCorrected: null,
      backwardCorrected: null,
      residence: NOTHING,
      clock: null,
      stamps: { t1: "user", t2: null, t3: null, t4: "user", fallback: 0, t3Corrected: 0, t3Refused: 0 },
    }),
  },
  unruly: {
    run: RUN,
    steps: [
      received(0, 123_000, 120_000),
      received(2, 130_000, 121_000),
      received(1, 130_000, 100_121_000, { flags: ProbeFlag.RECEIVED | ProbeFlag.REORDERED }),
      received(2, 130_000, 900_000, { flags: ProbeFlag.DUPLICATE | ProbeFlag.COPIED_OUTBOUND, reflectorSeq: 9 }),
      received(6, 131_000, 122_000),
      lost(3),
      snapshot({ sent: 8, received: 4, lost: 1, lostForward: 1, reordered: 1, duplicates: 1, durationNs: 5.6e9 }),
      received(3, 131_000, 5_400_122_000, { flags: ProbeFlag.LATE | ProbeFlag.REORDERED }),
      lost(4),
      lost(5),
      received(8, 132_000, 123_000),
      lost(7),
      received(2, 130_000, 910_000, { flags: ProbeFlag.DUPLICATE }),
    ],
    summary: snapshot({
      sent: 9,
      received: 5,
      lost: 4,
      lostForward: 3,
      lostBackward: 1,
      duplicates: 2,
      reordered: 1,
      reorderedForward: 0,
      reorderedBackward: 1,
      late: 1,
      malformed: 1,
      unexpected: 2,
      unfinished: 1,
      sendErrors: 1,
      lostInHost: 3,
      durationNs: 5_800_000_000,
    }),
  },
  hardware: {
    run: runWith({}, { card: { interface: "eth0", phc: "ptp0" }, clock: { synchronized: true, errorNs: 1234.5 } }),
    steps: [received(0, 12_345, 54_321), received(1, 12_300, 54_400)],
    summary: snapshot({
      sent: 2,
      received: 2,
      stamps: { t1: "hardware", t2: null, t3: null, t4: "hardware", fallback: 1, t3Corrected: 0, t3Refused: 0 },
    }),
  },
  controlled: {
    run: runWith({
      mode: "encrypted",
      tos: 184,
      control: {
        server: "10.99.0.2:862",
        sid: "0a6300020000000000000001c0ffee00",
        keyId: "north",
        modes: ["reflect-octets", "symmetrical-size", "dscp-ecn-monitoring"],
      },
    }),
    steps: [
      received(0, 123_999, 119_105, { tosForward: 0, tosBackward: 184 }),
      received(1, 175_000, 86_000, { tosForward: 187, tosBackward: NaN }),
      lost(2),
    ],
    summary: snapshot({
      sent: 5,
      received: 4,
      lost: 1,
      forged: 2,
      marking: {
        sent: 184,
        replies: 184,
        forward: [{ tos: 0, count: 3 }, { tos: 187, count: 1 }],
        backward: [{ tos: 184, count: 3 }],
      },
      reflected: { octets: 27, verified: 3, altered: 1 },
    }),
  },
  single: {
    run: runWith({ count: 1 }),
    steps: [received(0, 12_345, 54_321)],
    summary: snapshot({
      sent: 1,
      received: 1,
      rtt: between(66_666, 66_666, 1, null),
      forward: between(12_345, 12_345, 1, null),
      backward: between(54_321, 54_321, 1, null),
      residence: between(5_000, 5_000, 1, null),
      ipdv: NOTHING,
      durationNs: 71_666,
    }),
  },
};

/** One limit kept, one crossed, one of what nobody knows; and text that every format has to escape. */
SCENARIOS.judged = {
  run: runWith({ remote: "host<&>\"'%,|:20001" }),
  steps: SCENARIOS.normal.steps,
  summary: judgedBy(snapshot({ sent: 6, lost: 1, lostForward: 1, notes: ['a note: 100 %, <b> & "c" | d\ne'] }), [
    "rtt.p99 > 100ms",
    "loss>1%",
    "outbound.p99>20ms",
    "drift>1ppm",
    "rtt.p75<1ms",
  ]),
};

function judgedBy(summary: Snapshot, expressions: readonly string[]): Snapshot {
  const unknown = { ...summary, clock: null };
  return { ...unknown, thresholds: evaluateThresholds(expressions.map((text) => parseThreshold(text)), unknown) };
}

/** Plays a scenario into an output, the way a host does, with one record used over and over. */
export function play(scenario: Scenario, create: (sink: Sink) => Output): string {
  let text = "";
  const output = create({
    write: (chunk) => void (text += chunk),
    close: () => Promise.resolve(),
  });
  const reused = createRecord();
  output.begin?.(scenario.run);
  for (const step of scenario.steps) {
    if ("flags" in step) {
      reused.stamps.set(step.stamps);
      output.probe?.(Object.assign(reused, { ...step, stamps: reused.stamps }));
    } else output.interval?.(step);
  }
  void output.end(scenario.summary);
  return text;
}

/** Plays scenarios as sessions at once: their steps come in turns, as far as each goes. */
export function playTogether(scenarios: readonly Scenario[], group: (sink: Sink) => OutputGroup): string {
  let text = "";
  const told = group({ write: (chunk) => void (text += chunk), close: () => Promise.resolve() });
  const outputs = scenarios.map((_, i) => told.session(i + 1));
  scenarios.forEach(({ run }, i) => {
    const number = { index: i + 1, of: scenarios.length };
    outputs[i].begin?.({ ...run, session: { ...run.session, number } });
  });
  for (let at = 0; scenarios.some(({ steps }) => at < steps.length); at++) {
    scenarios.forEach(({ steps }, i) => {
      const step = steps[at];
      if (step === undefined) return;
      if ("flags" in step) outputs[i].probe?.(step);
      else outputs[i].interval?.(step);
    });
  }
  scenarios.forEach(({ summary }, i) => void outputs[i].end(summary));
  void told.end?.();
  return text;
}

/** Options of a plugin, filled in with their defaults as the host does. */
export function filled(plugin: OutputPlugin, options: PluginOptions = {}): PluginOptions {
  const defaults = plugin.options.filter((option) => option.default !== undefined);
  return { ...Object.fromEntries(defaults.map((option) => [option.name, option.default!])), ...options };
}

/** The text of a plugin. */
export function textOf(plugin: OutputPlugin, scenario: Scenario, options: PluginOptions = {}): string {
  return play(scenario, (sink) => plugin.create(filled(plugin, options), sink));
}
