/** The result document: its names, its integers, and what is not known. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Snapshot } from "../../core/snapshot.ts";
import { json } from "../../outputs/json.ts";
import { between, RUN, runWith, type Scenario, SCENARIOS, snapshot, textOf } from "./fixture.ts";

function scenario(changes: Partial<Snapshot>, run = RUN): Scenario {
  return { run, steps: [], summary: snapshot(changes) };
}

/** Every path to a value that is no object, as `a.b.c`. */
function paths(value: unknown, at = ""): string[] {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return [at];
  return Object.entries(value).flatMap(([key, inner]) => paths(inner, at === "" ? key : `${at}.${key}`));
}

const NUMBERS = ["count", "min", "max", "mean", "stddev", "p50", "p90", "p95", "p99", "p999", "jitter"];

/** What the contract of schema 1 promised first. */
const PROMISED = [
  "schema",
  ...["name", "version", "runtime", "transport"].map((key) => `tool.${key}`),
  ...["protocol", "mode", "local", "remote", "ssid", "tos", "ttl", "dontFragment", "profile", "schedule", "count"]
    .map((key) => `session.${key}`),
  "session.intervalNs",
  "session.timeoutNs",
  ...["t1", "t2", "t3", "t4"].map((key) => `stamps.${key}`),
  "startedAt",
  "durationNs",
  ...["sent", "received", "lost", "lostOutbound", "lostInbound", "duplicates", "reordered", "late", "malformed"]
    .map((key) => `packets.${key}`),
  ...["roundtrip", "outbound", "inbound", "residence"].flatMap((name) =>
    NUMBERS.map((key) => `delayNs.${name}.${key}`)
  ),
];

for (const [name, told] of Object.entries(SCENARIOS)) {
  test(`${name}: one document with every name promised, received + lost = sent`, () => {
    const text = textOf(json, told);
    const document = JSON.parse(text);
    const there = paths(document);
    for (const path of PROMISED) assert.ok(there.includes(path), path);
    assert.equal(document.schema, "twampede/result/1");
    assert.equal(document.packets.received + document.packets.lost, document.packets.sent);
    assert.ok(text.endsWith("}\n"));
  });
}

test("delays are integers of nanoseconds, or null", () => {
  for (const told of Object.values(SCENARIOS)) {
    for (const distribution of Object.values<object>(JSON.parse(textOf(json, told)).delayNs)) {
      for (const value of Object.values(distribution ?? {})) {
        assert.ok(value === null || Number.isInteger(value), `${value}`);
      }
    }
  }
});

test("fractions are rounded, to the nearest", () => {
  const document = JSON.parse(textOf(json, scenario({ rtt: between(1.4, 1.6, 2, -0.4), durationNs: 10.5 })));
  assert.deepEqual([document.delayNs.roundtrip.min, document.delayNs.roundtrip.max], [1, 2]);
  assert.equal(document.durationNs, 11);
  assert.ok(!textOf(json, scenario({ rtt: between(-0.4, 0.4, 2, -0.4) })).includes("-0,"));
});

test("what is not known is null and never 0", () => {
  const { packets, delayNs, stamps, clock, peer, session } = JSON.parse(textOf(json, SCENARIOS.silent));
  for (const key of ["lostOutbound", "lostInbound", "reorderedOutbound", "reorderedInbound", "lostInHost"]) {
    assert.equal(packets[key], null, key);
  }
  for (const key of NUMBERS.slice(1)) assert.equal(delayNs.outbound[key], null, key);
  assert.equal(delayNs.outbound.count, 0);
  assert.deepEqual(stamps, {
    t1: null,
    t2: null,
    t3: null,
    t4: null,
    fallback: 0,
    phc: null,
    interface: null,
    t3Corrected: 0,
    t3Refused: 0,
  });
  assert.deepEqual([clock, peer.errorEstimateNs, peer.synchronized, session.tos, session.ttl], [
    null,
    null,
    null,
    null,
    null,
  ]);
});

test("a NaN that slipped into a snapshot is null", () => {
  assert.equal(JSON.parse(textOf(json, scenario({ rtt: between(NaN, NaN, 1, NaN) }))).delayNs.roundtrip.min, null);
});

test("big values stay what they are", () => {
  const big = 2 ** 53 - 1;
  const told = scenario({ sent: 6e9, received: 5e9, lost: 1e9, rtt: between(-big, big, 5e9, 1), durationNs: big });
  const document = JSON.parse(textOf(json, told));
  assert.deepEqual(document.packets.sent, 6e9);
  assert.deepEqual([document.delayNs.roundtrip.min, document.delayNs.roundtrip.max], [-big, big]);
  assert.equal(document.durationNs, big);
});

test("indent=0 is one line with the same document", () => {
  const line = textOf(json, SCENARIOS.unruly, { indent: 0, histogram: true });
  assert.equal(line.indexOf("\n"), line.length - 1);
  assert.deepEqual(JSON.parse(line), JSON.parse(textOf(json, SCENARIOS.unruly, { histogram: true })));
});

test("histogram=true adds the bins and changes nothing else", () => {
  const { histogramNs, ...rest } = JSON.parse(textOf(json, SCENARIOS.normal, { histogram: true }));
  assert.deepEqual(rest, JSON.parse(textOf(json, SCENARIOS.normal)));
  assert.deepEqual(Object.keys(histogramNs), ["roundtrip", "outbound", "inbound", "residence", "ipdv"]);
  assert.deepEqual(histogramNs.outbound, [[123_999, 125_023, 4], [8_980_000, 8_981_024, 1]]);
  const count = histogramNs.roundtrip.reduce((sum: number, bin: number[]) => sum + bin[2], 0);
  assert.equal(count, rest.delayNs.roundtrip.count);
});

test("joining the bins leaves text alone that looks like one", () => {
  const note = "[\n 1,\n 2,\n 3\n]";
  assert.deepEqual(JSON.parse(textOf(json, scenario({ notes: [note] }), { histogram: true })).notes, [note]);
});

test("the arguments are borrowed: what begin was told may change before end", () => {
  const run = runWith({ remote: "before:1" });
  let text = "";
  const output = json.create({ indent: 0 }, { write: (chunk) => void (text += chunk), close: () => Promise.resolve() });
  output.begin?.(run);
  Object.assign(run.session, { remote: "after:1" });
  Object.assign(run.tool, { transport: "other" });
  void output.end(snapshot({}));
  assert.deepEqual([JSON.parse(text).session.remote, JSON.parse(text).tool.transport], ["before:1", "ffi"]);
});

test("to end what never began is a mistake of the host, and throws", () => {
  const output = json.create({}, { write() {}, close: () => Promise.resolve() });
  assert.throws(() => output.end(snapshot({})), /had not begun/);
});
