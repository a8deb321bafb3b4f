/** Numbers as text. */
import fc from "fast-check";
import assert from "node:assert/strict";
import { test } from "node:test";
import { dateTime, decimal, delayCell, delayText, percentOf, percentText } from "../../outputs/units.ts";
import { paragraph } from "../../outputs/wrap.ts";

test("a delay has the unit and the width that twampy gives it", () => {
  const cells: readonly [ns: number, cell: string][] = [
    [0, "       0us"],
    [999, "       0us"],
    [-999, "       0us"],
    [86_999.4, "      86us"],
    [-86_999.4, "     -86us"],
    [86_999.5, "      87us"],
    [-86_999.9, "     -87us"],
    [1_000_000.4, "    1000us"],
    [1_000_000, "    1000us"],
    [1_000_001, "    1.00ms"],
    [196_634_000, "  196.63ms"],
    [-196_634_000, " -196.63ms"],
    [1_000_000_000, " 1000.00ms"],
    [1_000_000_001, "   1.00sec"],
    [10_000_000_000, "  10.00sec"],
    [10_000_000_001, "   10.0sec"],
    [60_000_000_000, "   60.0sec"],
    [60_000_000_001, "    1.0min"],
    [-3_600_000_000_000, "  -60.0min"],
  ];
  for (const [ns, cell] of cells) assert.equal(delayCell(ns), cell);
});

test("what is saved in whole nanoseconds is shown as it was before", () => {
  fc.assert(fc.property(fc.double({ min: -1e11, max: 1e11, noNaN: true }), (ns) => {
    assert.equal(delayCell(ns), delayCell(Math.round(ns)));
  }));
  assert.equal(delayCell(5999.7), delayCell(6000));
});

test("an unknown delay is n/a, never 0", () => {
  assert.equal(delayCell(null), "       n/a");
  assert.equal(delayCell(NaN), "       n/a");
});

test("a delay is ten octets wide up to 68 days, and up to 6 below zero", () => {
  fc.assert(fc.property(fc.double({ min: -5.9e14, max: 5.9e15, noNaN: true }), (ns) => {
    assert.equal(delayCell(ns).length, 10);
    assert.equal(delayText(ns), delayCell(ns).trim());
  }));
});

test("loss is a percentage of what is known", () => {
  assert.equal(percentText(percentOf(1, 3)), "33.3%");
  assert.equal(percentText(percentOf(0, 3)), "0.0%");
  assert.equal(percentText(percentOf(null, 3)), "n/a");
  assert.equal(percentOf(0, 0), null);
});

test("a decimal has a point and no exponent", () => {
  const texts: readonly [value: number, text: string][] = [
    [100, "100.0"],
    [0, "0.0"],
    [-0, "0.0"],
    [1e-7, "0.0"],
    [-1e-7, "0.0"],
    [0.000001, "0.000001"],
    [0.243104, "0.243104"],
    [-1.5, "-1.5"],
    [1e15, "1000000000000000.0"],
  ];
  for (const [value, text] of texts) assert.equal(decimal(value), text);
  fc.assert(fc.property(fc.double({ min: -1e15, max: 1e15, noNaN: true }), (value) => {
    assert.match(decimal(value), /^-?\d+\.(\d{0,5}[1-9]|0)$/);
    assert.ok(Math.abs(Number(decimal(value)) - value) <= 0.5e-6 + Math.abs(value) * 1e-15);
  }));
});

test("a moment is written as Python's %y/%m/%d %H:%M:%S", () => {
  assert.equal(dateTime(1_795_183_811.999), "26/11/20 14:10:11");
  assert.equal(dateTime(951_782_400), "00/02/29 00:00:00");
});

test("a paragraph keeps phrases whole and itself within the table's width", () => {
  assert.equal(paragraph("Note", "a b"), "Note:        a b\n");
  const phrase = fc.string({ unit: fc.constantFrom("a", " "), minLength: 1, maxLength: 200 })
    .map((text) => text.replace(/ +/g, " ").replace(/a{60,}/g, "a").trim() || "a");
  fc.assert(fc.property(fc.array(phrase, { minLength: 1 }), (phrases) => {
    const text = paragraph("Label", ...phrases);
    const lines = text.split("\n");
    assert.equal(lines.pop(), "");
    for (const line of lines) assert.ok(line.length <= 79, line);
    assert.equal(lines.map((line) => line.slice(13)).join(" "), phrases.join(", "));
  }));
});
