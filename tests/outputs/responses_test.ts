/** The lines of `--print-responses` and `--stats-interval`, as the second twampy fork printed them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ProbeFlag, type ProbeRecord } from "../../core/record.ts";
import type { Distribution, Snapshot } from "../../core/snapshot.ts";
import { createResponses } from "../../outputs/mod.ts";
import { dateTime } from "../../outputs/units.ts";
import { between, lost, play, received, RUN, runWith, SCENARIOS, snapshot } from "./fixture.ts";

const BOTH = { responses: true, intervals: true, time: dateTime };

function lines(steps: readonly (ProbeRecord | Snapshot)[], options = BOTH, run = RUN): string[] {
  const text = play({ run, steps, summary: snapshot({}) }, (sink) => createResponses(options, sink));
  return text.split("\n").slice(0, -1);
}

function odd(steps: readonly ProbeRecord[]): string[] {
  return lines(steps).filter((line) => !line.startsWith("Reply"));
}

test("replies as the fork printed them", () => {
  const steps = [
    received(0, 123_000, 120_000, { rtt: 243_999 }),
    received(35, 8_980_000, 21_380_000),
    received(41, 1_470_000, 791_000, { rtt: 2_260_000 }),
  ];
  assert.deepEqual(lines(steps).filter((line) => line.startsWith("Reply")), [
    "Reply from 10.99.0.2 [seq=0] RTT=     243us Outbound=     123us Inbound=     120us",
    "Reply from 10.99.0.2 [seq=35] RTT=   30.36ms Outbound=    8.98ms Inbound=   21.38ms",
    "Reply from 10.99.0.2 [seq=41] RTT=    2.26ms Outbound=    1.47ms Inbound=     791us",
  ]);
});

test("statistics as the fork printed them", () => {
  const row = (min: number, max: number, mean: number, jitter: number): Distribution => ({
    ...between(min, max, 51, jitter),
    mean,
  });
  const step = snapshot({
    sent: 51,
    received: 51,
    durationNs: 1e9,
    forward: row(52_000, 24_050_000, 783_000, 2_110_000),
    backward: row(46_000, 21_380_000, 529_000, 1_170_000),
    rtt: row(101_000, 30_360_000, 1_310_000, 3_260_000),
  });
  assert.deepEqual(lines([step]), [
    "--- Current Statistics at 26/11/20 14:10:11 (received: 51, sent: 51) ---",
    "  Outbound:  Min=      52us Max=   24.05ms Avg=     783us Jitter=    2.11ms Loss=0.0%",
    "  Inbound:   Min=      46us Max=   21.38ms Avg=     529us Jitter=    1.17ms Loss=0.0%",
    "  Roundtrip: Min=     101us Max=   30.36ms Avg=    1.31ms Jitter=    3.26ms Loss=0.0%",
  ]);
});

test("the address of an IPv6 peer has neither brackets nor port", () => {
  const [line] = lines([received(0, 1, 1)], BOTH, runWith({ remote: "[2001:db8::2]:862" }));
  assert.ok(line.startsWith("Reply from 2001:db8::2 [seq=0] "));
});

test("a gap is announced once, with its first and last number", () => {
  assert.deepEqual(odd([received(0, 1, 1), received(2, 1, 1), received(6, 1, 1), received(7, 1, 1)]), [
    "26/11/20 14:10:11 Gap detected: packet [1] missing (received seq=2)",
    "26/11/20 14:10:11 Gap detected: packets [3-5] missing (received seq=6)",
  ]);
});

test("the first reply can show a gap too", () => {
  assert.deepEqual(odd([received(2, 1, 1)]), [
    "26/11/20 14:10:11 Gap detected: packets [0-1] missing (received seq=2)",
  ]);
});

test("what is lost already is not missing again", () => {
  assert.deepEqual(odd([received(0, 1, 1), lost(1), lost(2), received(4, 1, 1)]), [
    "Timeout: packet [seq=1] lost (no response after 5.0s)",
    "Timeout: packet [seq=2] lost (no response after 5.0s)",
    "26/11/20 14:10:11 Gap detected: packet [3] missing (received seq=4)",
  ]);
  assert.equal(odd([lost(0), lost(1), received(2, 1, 1)]).length, 2);
});

test("a loss behind the front does not move the front", () => {
  assert.deepEqual(odd([received(0, 1, 1), received(5, 1, 1), lost(1), received(6, 1, 1)]).length, 2);
});

test("disorder, lateness and copies each have their words", () => {
  const reply = (flags: number) => received(1, 1, 1, { flags });
  const start = "26/11/20 14:10:11 ";
  assert.equal(
    lines([received(2, 1, 1), reply(ProbeFlag.RECEIVED | ProbeFlag.REORDERED)])[2],
    start + "Out-of-order: packet [seq=1] arrived out of sequence",
  );
  assert.deepEqual(
    lines([received(2, 1, 1), reply(ProbeFlag.LATE | ProbeFlag.REORDERED)]).slice(2).map((line) => line.slice(0, 57)),
    [start + "Out-of-order: packet [seq=1] arrived la", "Reply from 10.99.0.2 [seq=1] RTT=       0us Outbound=    "],
  );
  assert.deepEqual(lines([reply(ProbeFlag.DUPLICATE)]), [start + "Duplicate: packet [seq=1] already received"]);
});

test("a timeout is written as short as it is", () => {
  const [line] = lines([lost(7)], BOTH, runWith({ timeoutNs: 50e6 }));
  assert.equal(line, "Timeout: packet [seq=7] lost (no response after 0.05s)");
});

test("each half can be had alone", () => {
  const { steps } = SCENARIOS.unruly;
  const both = lines(steps);
  const responses = lines(steps, { ...BOTH, intervals: false });
  const intervals = lines(steps, { ...BOTH, responses: false });
  assert.ok(responses.length > 0 && intervals.length > 0);
  assert.equal(responses.length + intervals.length, both.length);
  assert.ok(intervals[0].startsWith("---") && intervals.slice(1).every((line) => line.startsWith("  ")));
  assert.deepEqual(lines(steps, { ...BOTH, responses: false, intervals: false }), []);
});

test("a moment that is not known is not 1970", () => {
  const record = received(3, 1, 1);
  record.stamps.fill(0);
  assert.ok(lines([record])[0].startsWith("n/a Gap detected"));
});
