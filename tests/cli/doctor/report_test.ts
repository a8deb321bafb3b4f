/** The report of machines that we made up, octet for octet. `UPDATE_GOLDEN=1` writes the files anew. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { reportJson } from "../../../cli/doctor/json.ts";
import { adviceFor } from "../../../cli/doctor/rules.ts";
import { reportText } from "../../../cli/doctor/text.ts";
import { GOOD, POOR, UNKNOWN } from "./facts.ts";

const FOLDER = new URL("../../golden/", import.meta.url);

function golden(name: string, actual: string): void {
  const file = new URL(name, FOLDER);
  if (process.env.UPDATE_GOLDEN === "1") writeFileSync(file, actual);
  assert.equal(actual, readFileSync(file, "utf8"), name);
}

for (const [name, facts] of Object.entries({ good: GOOD, poor: POOR, unknown: UNKNOWN })) {
  test(`the text of a machine that is ${name}`, () => {
    const text = reportText(facts, adviceFor(facts), "0.0.0");
    golden(`doctor-${name}.txt`, text);
    // A command is to be copied, and so is not broken.
    const long = text.split("\n").filter((line) => line.length > 80 && !line.startsWith(" ".repeat(8)));
    assert.deepEqual(long, []);
  });
}

test("the document: whole nanoseconds, null for what is not known, the advice", () => {
  const at = "2026-11-21T09:00:00.000Z";
  const document = JSON.parse(reportJson(GOOD, [], at));
  assert.equal(document.schema, "twampede/doctor/1");
  assert.equal(document.examinedAt, at);
  assert.deepEqual(document.advice, []);
  assert.deepEqual(document.clocks.readings[0], { name: "CLOCK_REALTIME", resolutionNs: 1, stepNs: 21, costNs: 23 });
  assert.equal(document.host.load, 0.25);
  const unknown = JSON.parse(reportJson(UNKNOWN, [], at));
  assert.deepEqual([unknown.interfaces, unknown.options, unknown.buffers.udp], [null, null, null]);
  assert.equal(unknown.systemUnknown, UNKNOWN.systemUnknown);
  const advice = adviceFor(POOR);
  assert.deepEqual(JSON.parse(reportJson(POOR, advice, at)).advice, advice);
});

test("a span that is known is no 0 in the document", () => {
  const facts = { ...GOOD, transports: [{ ...GOOD.transports[0], minNs: 0.25 }] };
  assert.equal(JSON.parse(reportJson(facts, [], "")).transports[0].minNs, 1);
});
