/** Thresholds: what can be written, what is refused and how, and what crosses. */
import fc from "fast-check";
import assert from "node:assert/strict";
import { test } from "node:test";
import { OptionError } from "../../core/errors.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { actualText, describeThreshold, evaluateThresholds, parseThreshold } from "../../core/threshold.ts";
import { between, clockOf, NOTHING, snapshot } from "../outputs/fixture.ts";

function judge(expression: string, changes: Partial<Snapshot> = {}) {
  return evaluateThresholds([parseThreshold(expression)], snapshot(changes))[0];
}

test("names, operators and units as people write them", () => {
  const read = (text: string) => {
    const { metric, operator, limit, unit } = parseThreshold(text);
    return `${metric} ${operator} ${limit} ${unit}`;
  };
  const cases: [string, string][] = [
    ["rtt.p99>20ms", "rtt.p99 > 20000000 ns"],
    ["  RoundTrip.P99  >=  .5 s ", "rtt.p99 >= 500000000 ns"],
    ["rtt.p99.9>1ms", "rtt.p999 > 1000000 ns"],
    ["rtt.p75<10us", "rtt.p75 < 10000 ns"],
    ["rtt.p9999>1ms", "rtt.p99.99 > 1000000 ns"],
    ["rtt.p9.5>1ms", "rtt.p9.5 > 1000000 ns"],
    ["rtt.p9.99>1ms", "rtt.p9.99 > 1000000 ns"],
    ["rtt.p95.0>1ms", "rtt.p95 > 1000000 ns"],
    ["p99>1ms", "rtt.p99 > 1000000 ns"],
    ["jitter>1.5ms", "rtt.jitter > 1500000 ns"],
    ["outbound.avg<=-5ms", "outbound.mean <= -5000000 ns"],
    ["outbound-corrected.median>1\u00b5s", "outboundCorrected.p50 > 1000 ns"],
    ["residence.max>0", "residence.max > 0 ns"],
    ["loss>1%", "loss > 0.01 ratio"],
    ["rtt.loss > 0.7 %", "loss > 0.007 ratio"],
    ["outbound.loss>100ppm", "loss.outbound > 0.0001 ratio"],
    ["loss.inbound>0.05", "loss.inbound > 0.05 ratio"],
    ["loss>=100%", "loss >= 1 ratio"],
    ["lost==3", "lost == 3 count"],
    ["inbound.lost!=0", "lost.inbound != 0 count"],
    ["reordered>2%", "reordered > 0.02 ratio"],
    ["send-errors>0", "sendErrors > 0 count"],
    ["offset<-5ms", "offset < -5000000 ns"],
    ["offset.bound>1ms", "offset.bound > 1000000 ns"],
    ["drift>50ppm", "drift > 50 ppm"],
  ];
  for (const [text, expected] of cases) assert.equal(read(text), expected, text);
});

test("what is wrong is said in one line, with what is allowed", () => {
  const cases: [string, RegExp][] = [
    ["rtt.p99", /'rtt\.p99' is no comparison: write it as rtt\.p99>20ms or loss>1%/],
    ["loss=1%", /'=' is no comparison: give one of > >= < <= == != \(did you mean ==\?\)/],
    ["1ms<rtt.p99<2ms", /is more than one comparison: give each by itself/],
    ["rtt.p99>20ms,loss>1%", /is more than one comparison/],
    [">1ms", /does not say what to compare/],
    ["rrt.p99>1ms", /'rrt\.p99' is not known: .*did you mean rtt\.p99\?/],
    ["outbond.max>1ms", /did you mean outbound\.max\?/],
    ["rtt>1ms", /'rtt' does not say which number of it: give rtt\. and min, max/],
    ["rtt.maen>1ms", /'maen' is none of its numbers: .*did you mean rtt\.mean\?/],
    ["rtt.p100>1ms", /none of its numbers/],
    ["rtt.p0.0000001>1ms", /none of its numbers/],
    ["rtt.p99.99999999999999999>1ms", /none of its numbers/],
    ["losss>1%", /did you mean loss\?/],
    ["constructor>1", /'constructor' is not known/],
    ["rtt.constructor>1", /none of its numbers/],
    ["rtt.p99>20", /a bare number is no unit of rtt\.p99: write a time with its unit/],
    ["rtt.p99>20%", /'%' is no unit of rtt\.p99/],
    ["rtt.p99>x", /'x' is no number: write a time/],
    ["rtt.p99>", /'' is no number/],
    ["rtt.p99>-1ms", /rtt\.p99 is never below 0/],
    ["rtt.p99>1e3ms", /'1e3ms' is no number/],
    [`rtt.p99>${"9".repeat(400)}ms`, /is too large/],
    ["loss>1", /a bare number is no unit of loss: write 1%/],
    ["loss>101%", /loss is never above 100%/],
    ["loss>1ms", /'ms' is no unit of loss/],
    ["lost>0.5", /a bare number is no unit of lost: write a whole number/],
    ["lost>-1", /lost is never below 0/],
    ["sent<5%", /'%' is no unit of sent/],
    ["drift>5", /write it as 50ppm/],
  ];
  for (const [text, expected] of cases) {
    assert.throws(() => parseThreshold(text), (error: Error) => {
      assert.ok(error instanceof OptionError, text);
      assert.match(error.message, expected, text);
      assert.ok(error.message.startsWith(`--fail-if '${text}'`) && !error.message.includes("\n"), error.message);
      return true;
    });
  }
});

test("no text makes anything but a threshold or an OptionError", () => {
  const word = fc.constantFrom("rtt", "loss", ".", "p99", ">", "<", "=", "!", "1", "-", "ms", "%", " ", "lost", "p");
  fc.assert(fc.property(fc.array(word, { maxLength: 8 }), (words) => {
    try {
      const { limit, metric } = parseThreshold(words.join(""));
      assert.ok(Number.isFinite(limit) && metric !== "");
    } catch (error) {
      assert.ok(error instanceof OptionError, `${words.join("")}: ${error}`);
    }
  }));
});

test("each operator, at its limit and beside it", () => {
  const crossed = (lost: number) =>
    [">", ">=", "<", "<=", "==", "!="].filter((operator) => judge(`lost${operator}2`, { lost }).crossed).join(" ");
  assert.equal(crossed(1), "< <= !=");
  assert.equal(crossed(2), ">= <= ==");
  assert.equal(crossed(3), "> >= !=");
});

test("a limit that is kept to the last digit is not crossed", () => {
  const at = (sent: number, lost: number, text: string) => judge(text, { sent, lost }).crossed;
  assert.equal(at(1000, 7, "loss>0.7%"), false);
  assert.equal(at(1000, 7, "loss>=0.7%"), true);
  assert.equal(at(1000, 8, "loss>0.7%"), true);
  assert.equal(at(1000, 7, "lost>0.7%"), false);
  assert.equal(judge("rtt.max>1.1ms", { rtt: between(1e6, 1.1e6, 5, 0) }).crossed, false);
});

test("what is not known crosses, whatever the operator, and says so", () => {
  for (const text of ["outbound.p99>20ms", "outbound.p99<20ms", "outbound.p99!=1ms", "outbound.jitter>1s"]) {
    const result = judge(text, { forward: NOTHING });
    assert.deepEqual([result.actual, result.crossed], [null, true], text);
  }
  const none = { clock: null, forwardCorrected: null, lostForward: null, sent: 0, lost: 0 };
  for (const text of ["offset>1s", "drift>1ppm", "outboundCorrected.max>1s", "loss.outbound>50%", "loss>50%"]) {
    assert.equal(judge(text, none).crossed, true, text);
  }
  assert.equal(
    describeThreshold(judge("offset>1s", none)),
    "offset is unknown, which crosses offset>1s",
  );
});

test("losses that are laid to neither direction may be of either: a limit that they could cross is crossed", () => {
  const dead = { sent: 100, received: 60, lost: 40, late: 1, lostForward: 2, lostBackward: 0 };
  const verdicts = (texts: string[]) => texts.map((text) => judge(text, dead).crossed);
  assert.deepEqual(verdicts(["loss.outbound>1%", "loss.outbound>2%", "loss.outbound>38%"]), [true, true, true]);
  assert.deepEqual(verdicts(["loss.outbound>39%", "lost.inbound>37", "lost.inbound>36%"]), [false, false, true]);
  assert.deepEqual(verdicts(["lost.inbound==20", "lost.inbound==38", "lost.inbound<1"]), [true, false, true]);
  assert.equal(
    describeThreshold(judge("loss.inbound>1%", dead)),
    "loss.inbound is unknown, which crosses loss.inbound>1%",
  );
  assert.equal(judge("loss.outbound>1%", { ...dead, lost: 3 }).actual, 0.02);
});

test("any other percentile is of the histogram, and unknown where its bins were not kept", () => {
  const rtt = { ...between(1e6, 9e6, 100, 0), histogram: [[1e6, 1e6 + 1, 74], [5e6, 5e6 + 1, 2], [9e6, 9e6 + 1, 24]] };
  const p75 = judge("rtt.p75>1ms", { rtt: rtt as unknown as Snapshot["rtt"] });
  assert.deepEqual([p75.metric, p75.actual], ["rtt.p75", 5e6]);
  assert.equal(judge("rtt.p75>1ms", { rtt: { ...rtt, histogram: [] } as Snapshot["rtt"] }).actual, null);

  const hundred = Array.from({ length: 100 }, (_, i) => [i + 1, i + 2, 1]);
  for (const percent of [7, 14, 28.1, 55, 56.5, 99.000001]) {
    const { actual } = judge(`rtt.p${percent}>1ms`, {
      rtt: { ...between(1, 100, 100, 0), histogram: hundred } as never,
    });
    assert.equal(actual, Math.ceil(percent), `p${percent} of 1 to 100`);
  }
});

test("the sentence has the value in the unit that fits, and never contradicts the verdict", () => {
  const said = (text: string, max: number) => describeThreshold(judge(text, { rtt: between(1e3, max, 5, 0) }));
  assert.equal(said("rtt.max>20ms", 23.1e6), "rtt.max is 23.1 ms, which crosses rtt.max>20ms");
  assert.equal(said("rtt.max > 20ms", 340_200), "rtt.max is 340.2 us, which keeps rtt.max > 20ms");
  assert.equal(said("rtt.max>20ms", 20_000_001), "rtt.max is 20.000001 ms, which crosses rtt.max>20ms");
  assert.equal(
    describeThreshold(judge("loss>1%", { sent: 30, lost: 1 })),
    "loss is 3.333 %, which crosses loss>1%",
  );
  const offset = { clock: clockOf({ offsetNs: -6e6, driftPpm: 12.34567 }) };
  assert.equal(actualText(judge("offset<-5ms", offset)), "-6 ms");
  assert.equal(actualText(judge("drift>1ppm", offset)), "12.346 ppm");
});
