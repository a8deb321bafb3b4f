/** The page's script: modules that become one, and the words that it has for numbers. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { pageScript } from "../../cli/report/page/script.ts";
import { clock, delay, digitsOf, ninesText } from "../../cli/report/page/script/labels.js";

test("of the modules nothing is left that a script may not have, and no name is given twice", () => {
  assert.doesNotMatch(pageScript, /^(?:import|export) /m);
  assert.doesNotThrow(() => new Function(pageScript));
  const names = [...pageScript.matchAll(/^(?:function|const|let) (\w+)/gm)].map(([, name]) => name);
  assert.ok(names.length > 30);
  assert.deepEqual(names.filter((name, i) => names.indexOf(name) !== i), []);
});

test("delays have three digits, times the form of their axis, shares as many nines as they need", () => {
  const plain = (text: string) => text.replaceAll("\u00a0", " ");
  assert.deepEqual(
    [0, 7, 1234, -56_789, 9996, 999_499, -999_950, 1_234_567, 98.76e9, null, NaN].map((ns) => plain(delay(ns))),
    [
      "0 ns",
      "7 ns",
      "1.23 \u00b5s",
      "-56.8 \u00b5s",
      "10.0 \u00b5s",
      "999 \u00b5s",
      "-1.00 ms",
      "1.23 ms",
      "98.8 s",
      "n/a",
      "n/a",
    ],
  );
  assert.deepEqual(
    [[0.25, 0.05, 0.5], [5, 1, 30], [75, 0.5, 90], [59.97, 0.1, 90], [3599.96, 0.1, 4000], [3661, 60, 4000], [
      90_000,
      3600,
      100_000,
    ]]
      .map(([seconds, step, end]) => plain(clock(seconds, step, end))),
    ["250 ms", "5 s", "1:15.0", "1:00.0", "1:00:00.0", "1:01:01", "1 d 01:00"],
  );
  assert.deepEqual([1, 0.5, 0.25, 1e-3].map(digitsOf), [0, 1, 2, 3]);
  assert.deepEqual([0, 1, 2, 3, 4].map((nines) => plain(ninesText(nines))), [
    "0 %",
    "90 %",
    "99 %",
    "99.9 %",
    "99.99 %",
  ]);
});
