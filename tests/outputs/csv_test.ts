/** CSV read back by a reader written from the grammar of RFC 4180. */
import fc from "fast-check";
import assert from "node:assert/strict";
import { test } from "node:test";
import { csv, field } from "../../outputs/csv.ts";
import { ndjson } from "../../outputs/ndjson.ts";
import { RUN, SCENARIOS, snapshot, textOf } from "./fixture.ts";

/** The grammar of RFC 4180 section 2: records end with CRLF; a quoted field may hold anything, its quotes doubled. */
function parse(text: string): string[][] {
  const records: string[][] = [];
  const cell = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r\n)/y;
  let record: string[] = [];
  while (cell.lastIndex < text.length) {
    const at = cell.lastIndex;
    const match = cell.exec(text);
    assert.ok(match, `no field at ${at}: ${JSON.stringify(text.slice(at, at + 40))}`);
    record.push(match[1].startsWith('"') ? match[1].slice(1, -1).replaceAll('""', '"') : match[1]);
    if (match[2] === ",") continue;
    records.push(record);
    record = [];
  }
  assert.deepEqual(record, [], "the last record has no line break");
  return records;
}

for (const [name, told] of Object.entries(SCENARIOS)) {
  test(`${name}: the rows are the probe lines of ndjson`, () => {
    const [header, ...rows] = parse(textOf(csv, told));
    const lines = textOf(ndjson, told).trimEnd().split("\n").map((line) => JSON.parse(line));
    const probes = lines.filter((line) => line.type === "probe");
    assert.equal(rows.length, probes.length);
    for (const [i, row] of rows.entries()) {
      const { type: _, ...probe } = probes[i];
      assert.deepEqual(header, Object.keys(probe));
      assert.deepEqual(row, Object.values(probe).map((value) => value === null ? "" : String(value)));
    }
  });
}

test("a run without a probe is the header alone", () => {
  const text = textOf(csv, { run: RUN, steps: [], summary: snapshot({}) });
  assert.equal(parse(text).length, 1);
  assert.ok(text.startsWith("seq,status,rttNs,outboundNs,inboundNs,residenceNs,"));
});

test("any text survives being a field", () => {
  const text = fc.string({ unit: fc.constantFrom('"', ",", "\r", "\n", "a", " ", "é") });
  fc.assert(fc.property(fc.array(text, { minLength: 1 }), (values) => {
    assert.deepEqual(parse(values.map(field).join(",") + "\r\n"), [values]);
  }));
});
