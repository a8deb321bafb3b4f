/** Line protocol read back by a reader written from its grammar. */
import fc from "fast-check";
import assert from "node:assert/strict";
import { test } from "node:test";
import { influx, tagValue } from "../../outputs/influx.ts";
import { between, RUN, runWith, type Scenario, SCENARIOS, snapshot, textOf } from "./fixture.ts";

interface Point {
  readonly measurement: string;
  readonly tags: Record<string, string>;
  readonly fields: [key: string, value: number][];
  readonly time: string;
}

/** Splits at a separator that no backslash stands before. */
function split(text: string, separator: string): string[] {
  return text.split(new RegExp(`(?<!\\\\)${separator}`));
}

/** In a tag a backslash escapes a comma, a blank and an equals sign, and is itself before anything else. */
function unescape(text: string): string {
  return text.replace(/\\([, =])/g, "$1");
}

/** `measurement[,tag=value]* field=value[,field=value]* timestamp`; a float field is written out, without an exponent. */
function parse(line: string): Point {
  const parts = split(line, " ");
  assert.equal(parts.length, 3, line);
  const [measurement, ...tags] = split(parts[0], ",");
  const pairs = tags.map((tag) => {
    const [key, value, ...more] = split(tag, "=");
    assert.deepEqual(more, []);
    assert.ok(key !== "" && value !== "", tag);
    return [key, unescape(value)];
  });
  const fields = parts[1].split(",").map((pair): [string, number] => {
    const match = /^([a-z0-9_]+)=(-?\d+\.\d+)$/.exec(pair);
    assert.ok(match, pair);
    return [match[1], Number(match[2])];
  });
  assert.match(parts[2], /^-?\d+$/);
  return { measurement, tags: Object.fromEntries(pairs), fields, time: parts[2] };
}

function points(told: Scenario): Point[] {
  const text = textOf(influx, told);
  assert.ok(text.endsWith("\n"));
  return text.slice(0, -1).split("\n").map(parse);
}

const FIFTEEN = ["inbound", "outbound", "roundtrip"]
  .flatMap((name) => ["min", "max", "avg", "jitter", "loss"].map((key) => `${name}_${key}`));

for (const [name, told] of Object.entries(SCENARIOS)) {
  test(`${name}: every line is line protocol`, () => {
    for (const point of points(told)) {
      assert.equal(point.measurement, "twamp");
      assert.deepEqual(point.tags, { host: "probe-1", target: told.run.session.remote });
      assert.equal(new Set(point.fields.map(([key]) => key)).size, point.fields.length);
    }
  });
}

test("the fifteen fields come first and in order", () => {
  const [point] = points(SCENARIOS.unruly).slice(-1);
  assert.deepEqual(point.fields.slice(0, 15).map(([key]) => key), FIFTEEN);
  const value = Object.fromEntries(point.fields);
  assert.equal(value.inbound_min, 0.119105);
  assert.equal(value.outbound_loss, 33.333333);
  assert.equal(value.inbound_loss, 11.111111);
  assert.equal(value.roundtrip_loss, 44.444444);
});

test("nothing received: the three losses and nothing else", () => {
  const [point] = points(SCENARIOS.silent).slice(-1);
  assert.deepEqual(point.fields, [["inbound_loss", 100], ["outbound_loss", 100], ["roundtrip_loss", 100]]);
  assert.ok(textOf(influx, SCENARIOS.silent).includes(" inbound_loss=100.0,outbound_loss=100.0,roundtrip_loss=100.0 "));
});

test("an interval in which nothing has come or gone missing yet has no line", () => {
  assert.equal(points(SCENARIOS.silent).length, 2);
});

test("what is not known is left out", () => {
  const [point] = points(SCENARIOS.unsplit);
  const keys = point.fields.map(([key]) => key).filter((key) => FIFTEEN.includes(key));
  assert.deepEqual(keys, FIFTEEN.slice(10));
});

test("the time is that of the end of the run, to the nanosecond", () => {
  assert.equal(points(SCENARIOS.normal)[1].time, "1795183811107000123");
});

test("big and small values have no exponent", () => {
  const told = { run: RUN, steps: [], summary: snapshot({ rtt: between(-1e-4, 9e15, 5, 1e-9), sent: 3e9, lost: 1 }) };
  const value = Object.fromEntries(points(told)[0].fields);
  assert.deepEqual([value.roundtrip_min, value.roundtrip_max, value.roundtrip_jitter], [0, 9e9, 0]);
});

test("any name survives being a tag", () => {
  const text = fc.string({ unit: fc.constantFrom(",", " ", "=", "\\", '"', "a", "é"), minLength: 1 });
  fc.assert(fc.property(text, text, (host, remote) => {
    const told = { run: runWith({ remote }, { host }), steps: [], summary: snapshot({}) };
    const { tags } = points(told)[0];
    assert.equal(tags.host ?? "", host.replace(/\\+$/, ""));
    assert.equal(tags.target ?? "", remote.replace(/\\+$/, ""));
  }));
});

test("a tag cannot break the line or swallow what follows it", () => {
  assert.equal(tagValue("my host,a=b"), "my\\ host\\,a\\=b");
  assert.equal(tagValue("a\nb"), "a\\ b");
  assert.equal(tagValue("C:\\x\\"), "C:\\x");
});
