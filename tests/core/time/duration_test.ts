import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatDuration, parseDuration } from "../../../core/time/duration.ts";

const MS = 1e6;
const S = 1e9;

test("a span with a unit means the same whatever a bare number means", () => {
  const spans: [string, number][] = [
    ["7ns", 7],
    ["500us", 500_000],
    ["500µs", 500_000],
    ["500μs", 500_000],
    ["10ms", 10 * MS],
    ["0.1ms", 100_000],
    ["1.1ms", 1_100_000],
    ["1.5s", 1.5 * S],
    [".5s", 0.5 * S],
    ["5.s", 5 * S],
    ["2m", 120 * S],
    ["1h", 3600 * S],
    ["0s", 0],
    ["1.6ns", 2],
    ["2501h", 2501 * 3600 * S],
  ];
  for (const [text, ns] of spans) {
    assert.equal(parseDuration(text, MS), ns, text);
    assert.equal(parseDuration(text, S), ns, text);
  }
});

test("a bare number counts in the unit of the option", () => {
  assert.equal(parseDuration("100", MS), 100 * MS);
  assert.equal(parseDuration("0.5", MS), 500_000);
  assert.equal(parseDuration("5", S), 5 * S);
  assert.equal(parseDuration("0", MS), 0);
});

test("what is no span is undefined", () => {
  const texts = ["", " ", "s", ".", ".s", "-1", "+1", "1e3", "0x10", "1,5", "10 ms", "10MS", "10sec", "1m30s", "NaN"];
  for (const text of [...texts, "Infinity", "5constructor", "2502h", "9".repeat(400)]) {
    assert.equal(parseDuration(text, MS), undefined, text);
  }
});

test("short text", () => {
  const texts: [number, string][] = [
    [0, "0s"],
    [0.0001, "0s"],
    [0.25, "0.25ns"],
    [340, "340ns"],
    [999.9999, "1us"],
    [1234, "1.234us"],
    [-20_000, "-20us"],
    [1_500_000, "1.5ms"],
    [999_999_600, "1s"],
    [1.5 * S, "1.5s"],
    [90 * S, "90s"],
    [100 * S, "100s"],
    [120 * S, "2m"],
    [3600 * S, "1h"],
    [90 * 60 * S, "90m"],
    [Infinity, "forever"],
  ];
  for (const [ns, text] of texts) assert.equal(formatDuration(ns), text);
});

test("the short text of a span reads as that span, to half a thousandth", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 53 - S }), (ns) => {
    const back = parseDuration(formatDuration(ns), MS);
    assert.ok(back !== undefined && Math.abs(back - ns) <= ns / 2000, `${ns} ${formatDuration(ns)} ${back}`);
  }));
});
