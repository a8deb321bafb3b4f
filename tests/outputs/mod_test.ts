/** What is promised of every output that is built in. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ProbeFlag } from "../../core/record.ts";
import { createResponses, OUTPUTS } from "../../outputs/mod.ts";
import { dateTime } from "../../outputs/units.ts";
import { received, RUN, SCENARIOS, snapshot } from "./fixture.ts";

test("the list is the one in the contract", () => {
  const names = OUTPUTS.map(({ name }) => name);
  assert.deepEqual(names.slice(0, 5), ["table", "json", "ndjson", "csv", "influx"]);
  for (const name of ["junit", "github", "prometheus", "nagios"]) assert.ok(names.includes(name), name);
  assert.equal(new Set(names).size, names.length);
});

for (const plugin of OUTPUTS) {
  test(`${plugin.name} is a plugin whose options explain themselves`, () => {
    assert.deepEqual([plugin.api, plugin.kind], [1, "output"]);
    assert.ok(plugin.summary.length > 10 && plugin.summary.length < 80);
    for (const option of plugin.options) {
      assert.match(option.name, /^[a-z]+$/);
      assert.ok(option.summary.length > 10, option.name);
      assert.ok(option.default !== undefined, option.name);
      if (option.choices) assert.ok(option.choices.includes(String(option.default)), option.name);
    }
  });
}

test("an output leaves the record and the snapshot as they were, and closes no sink", () => {
  const told = SCENARIOS.unruly;
  const before = JSON.stringify([told.run, told.summary]);
  const record = received(0, 1, 2, { flags: ProbeFlag.RECEIVED | ProbeFlag.REORDERED });
  const was = JSON.stringify(record);
  let closed = 0;
  const sink = { write() {}, close: () => Promise.resolve(void closed++) };
  for (const plugin of OUTPUTS) {
    const output = plugin.create({}, sink);
    output.begin?.(told.run);
    output.probe?.(record);
    output.interval?.(told.summary);
    void output.end(told.summary);
  }
  assert.equal(JSON.stringify(record), was);
  assert.equal(JSON.stringify([told.run, told.summary]), before);
  assert.equal(closed, 0);
});

test("every write is whole lines, so that two outputs can share a terminal", () => {
  const sink = { write: (chunk: string) => assert.ok(chunk.endsWith("\n"), chunk), close: () => Promise.resolve() };
  const responses = createResponses({ responses: true, intervals: true, time: dateTime }, sink);
  for (const output of [...OUTPUTS.map((plugin) => plugin.create({}, sink)), responses]) {
    output.begin?.(RUN);
    for (const step of SCENARIOS.unruly.steps) {
      if ("flags" in step) output.probe?.(step);
      else output.interval?.(step);
    }
    void output.end(snapshot({}));
  }
});
