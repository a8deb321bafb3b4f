/** What pictures are made of: bounded whatever the run, exact where that matters, and drawn within their width. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { shortDelay } from "../../outputs/picture/labels.ts";
import { barsOf, curveOf } from "../../outputs/picture/distribution.ts";
import { quantile, Way } from "../../outputs/picture/sample.ts";
import { MOST_STRETCHES, Timeline } from "../../outputs/picture/timeline.ts";
import { plot } from "../../outputs/plot.ts";
import { madeRun, written } from "../report/made_run.ts";
import { between, lost, NOTHING, received, runWith } from "./fixture.ts";

for (const count of [200_000, null]) {
  test(`two hundred thousand probes are a few hundred stretches, planned ${count ?? "without end"}`, () => {
    const made = madeRun(200_000);
    const timeline = new Timeline(runWith({ count, intervalNs: 10e6 }));
    let [least, most, lost, finished] = [Infinity, -Infinity, 0, 0];
    made.replay((probe) => timeline.record(probe));
    for (const stretch of timeline.stretches()) {
      least = Math.min(least, stretch.min[Way.RTT]);
      most = Math.max(most, stretch.max[Way.RTT]);
      lost += stretch.lost;
      finished += stretch.finished;
      const sorted = stretch.sample.sorted(Way.RTT);
      const kept = `${sorted.length} of ${stretch.finished - stretch.lost} are kept`;
      assert.ok(sorted.length >= Math.min(24, stretch.finished - stretch.lost) && sorted.length <= 128, kept);
    }
    assert.deepEqual([least, most, lost, finished], [
      made.summary.rtt.min,
      made.summary.rtt.max,
      made.summary.lost,
      200_000,
    ]);
    const { length } = timeline.stretches();
    assert.ok(length > MOST_STRETCHES / 2 - 1 && length <= MOST_STRETCHES, `${length}`);
    const medians = timeline.stretches().map(({ sample }) => quantile(sample.sorted(Way.RTT), 0.5)).sort((a, b) =>
      a - b
    );
    const middle = medians[medians.length >> 1];
    assert.ok(Math.abs(middle - made.summary.rtt.p50!) < 0.05 * middle, `${middle}, not ${made.summary.rtt.p50}`);
  });
}

test("a clock that was set neither tears the time apart nor folds it; what finishes late is where it left", () => {
  const timeline = new Timeline(runWith({ count: 40, intervalNs: 100e6 }));
  const steps: Record<number, number> = { 10: 86_400, 20: -3600 };
  let step = 0;
  for (const seq of [1, 2, 3, 0, ...Array.from({ length: 36 }, (_, i) => i + 4)]) {
    step += steps[seq] ?? 0;
    const probe = received(seq, 1e6, 1e6);
    probe.stamps[0] += step;
    timeline.record(probe);
  }
  const at = timeline.stretches().map((stretch) => Math.round(stretch.at / 1e6));
  assert.deepEqual(at, Array.from({ length: 40 }, (_, i) => i * 100));
});

test("a stretch in which all were lost leaves the extremes of the others as they are", () => {
  const timeline = new Timeline(runWith({ count: 8, intervalNs: 100e6 }));
  for (let seq = 0; seq < 8; seq++) {
    const probe = seq % 2 === 0 ? received(seq, 1e6, (seq + 1) * 1e6) : lost(seq);
    probe.stamps.set(received(seq, 0, 0).stamps.subarray(0, 2));
    timeline.record(probe);
  }
  for (const most of [8, 4, 2, 1]) {
    timeline.reduce(most);
    for (const { min, max } of timeline.stretches().filter(({ lost, finished }) => lost < finished)) {
      assert.ok(min[Way.RTT] >= 2e6 && max[Way.RTT] <= 8e6, `${min} ${max}`);
    }
  }
  const [{ min, max, lost: gone, finished }] = timeline.stretches();
  assert.deepEqual([min[Way.RTT], max[Way.RTT], gone, finished], [2e6, 8e6, 4, 8]);
});

test("bars hold every value, whatever the width of the bins they come from", () => {
  const d = {
    ...between(20_000, 20_050, 1000, 1),
    histogram: [[19_968, 20_000, 10], [20_000, 20_032, 700], [20_032, 20_064, 290]] as const,
  };
  const bars = barsOf(d, 14)!;
  const sum = bars.counts.reduce((all, count) => all + count, 0) + bars.beyond;
  assert.ok(Math.abs(sum - 1000) < 1e-6, `${sum}`);
  assert.ok(bars.counts.length <= 14 && bars.from <= 20_000 && bars.width === 5);
  assert.equal(barsOf(NOTHING, 14), undefined);
});

test("a tail far away gets no bars, and is counted", () => {
  const d = {
    ...between(1000, 9e9, 1000, 1),
    histogram: [[1000, 1100, 500], [1100, 1200, 499], [9e9, 9e9 + 1e6, 1]] as const,
  };
  const bars = barsOf(d, 14)!;
  assert.ok(bars.from + bars.width * bars.counts.length < 2000);
  assert.ok(Math.abs(bars.beyond - 1) < 1e-6);
});

test("the cumulative curve is by rank, and of saved percentiles where there are no bins", () => {
  const d = { ...between(10, 40, 4, 1), histogram: [[10, 11, 1], [20, 21, 1], [30, 31, 1], [40, 41, 1]] as const };
  assert.deepEqual(curveOf(d, [0, 0.5, 0.75, 0.8, 0.9]), [[0, 10], [0.5, 20], [0.75, 30], [0.8, 40]]);
  const saved = curveOf({ ...between(100, 200, 50, 1), histogram: [] }, [0.5]);
  assert.deepEqual(saved.map(([share]) => share), [0, 0.5, 0.9, 0.95, 0.99]);
});

test("a plot stays within its width, and in ASCII where that is all there is", async () => {
  const made = madeRun(3000);
  for (const width of [40, 80, 200]) {
    for (const ascii of [false, true]) {
      const text = await written(plot, { width, ascii: String(ascii) }, made);
      for (const line of text.split("\n")) assert.ok(line.length <= width, `${width}: ${line}`);
      assert.equal(/^[\n\x20-\x7e]*$/.test(text), ascii);
      assert.match(text, /lost {2}/);
    }
  }
});

test("colour is only there where it is asked for", async () => {
  const made = madeRun(500);
  assert.ok((await written(plot, { color: "true" }, made)).includes("\x1b[31m"));
  assert.ok(!(await written(plot, {}, made)).includes("\x1b"));
});

test("a delay beside a picture has three digits that count, also where they round up to the next unit", () => {
  const told = [null, 0, 999, 999.6, 1234, 9996, 99_960, 999_499, 999_500, 999_950, -999_950, 59.999e9].map(shortDelay);
  const wanted = ["n/a", "0ns", "999ns", "1.00us", "1.23us", "10.0us", "100us", "999us", "1.00ms", "1.00ms", "-1.00ms"];
  assert.deepEqual(told, [...wanted, "60.0s"]);
});
