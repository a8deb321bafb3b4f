/** A line a probe, events beside them, the document last. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ProbeFlag } from "../../core/record.ts";
import { json } from "../../outputs/json.ts";
import { ndjson } from "../../outputs/ndjson.ts";
import { received, RUN, type Scenario, SCENARIOS, snapshot, textOf } from "./fixture.ts";

function lines(told: Scenario): Record<string, any>[] {
  const text = textOf(ndjson, told);
  assert.ok(text.endsWith("\n"));
  return text.slice(0, -1).split("\n").map((line) => JSON.parse(line));
}

for (const [name, told] of Object.entries(SCENARIOS)) {
  test(`${name}: one line a sequence number, the summary last`, () => {
    const all = lines(told);
    const probes = all.filter((line) => line.type === "probe");
    assert.equal(new Set(probes.map((line) => line.seq)).size, probes.length);
    for (const probe of probes) assert.ok(probe.status === "ok" || probe.status === "lost");
    const { type, ...document } = all.at(-1) ?? {};
    assert.equal(type, "summary");
    assert.deepEqual(document, JSON.parse(textOf(json, told)));
    assert.equal(all.filter((line) => line.type === "summary").length, 1);
  });
}

test("a probe line begins as the contract shows it", () => {
  const start = '{"type":"probe","seq":0,"status":"ok","rttNs":243104,"outboundNs":123999,"inboundNs":119105,' +
    '"residenceNs":5000,';
  assert.ok(textOf(ndjson, SCENARIOS.normal).startsWith(start));
});

test("stamps are strings that bear the delays", () => {
  for (const line of lines(SCENARIOS.negative).slice(0, 2)) {
    const [t1, t2, t3, t4] = [line.t1, line.t2, line.t3, line.t4].map((text) => BigInt(text));
    assert.equal(t2 - t1, BigInt(line.outboundNs));
    assert.equal(t4 - t3, BigInt(line.inboundNs));
    assert.equal(t3 - t2, BigInt(line.residenceNs));
    assert.equal(t4 - t1 - (t3 - t2), BigInt(line.rttNs));
  }
});

test("a stamp that is absent is null; the largest is whole", () => {
  const record = received(4_294_967_296, 1, 1);
  record.stamps.set([0, 0, 4_294_967_295, 999_999_999, 1, 0, 0, 1]);
  const [line] = lines({ run: RUN, steps: [record], summary: snapshot({}) });
  assert.deepEqual([line.t1, line.t2, line.t3, line.t4], [null, "4294967295999999999", "1000000000", "1"]);
  assert.equal(line.seq, 4_294_967_296);
});

test("duplicates, late and reordered replies are events", () => {
  const events = lines(SCENARIOS.unruly).filter((line) => line.type === "event");
  assert.deepEqual(events.map((line) => [line.event, line.seq]), [
    ["reordered", 1],
    ["duplicate", 2],
    ["late", 3],
    ["duplicate", 2],
  ]);
  assert.deepEqual(events.map((line) => line.copiedOutbound), [undefined, true, undefined, false]);
  assert.equal(events[2].rttNs, 5_400_253_000);
});

test("a duplicate is no probe, whatever else its flags say", () => {
  for (const flag of [ProbeFlag.DUPLICATE, ProbeFlag.LATE]) {
    const record = received(0, 1, 1, { flags: flag | ProbeFlag.RECEIVED | ProbeFlag.REORDERED });
    const all = lines({ run: RUN, steps: [record], summary: snapshot({}) });
    assert.deepEqual(all.map((line) => line.type), ["event", "summary"]);
  }
});

test("an interval has the counts and delays of its moment", () => {
  const [interval] = lines(SCENARIOS.unruly).filter((line) => line.type === "interval");
  assert.deepEqual([interval.packets.sent, interval.packets.received, interval.packets.lost], [8, 4, 1]);
  assert.equal(interval.durationNs, 5_600_000_000);
  assert.equal(interval.delayNs.roundtrip.min, 243_104);
});
