/** The forms of twping beside what twping itself printed (perfSONAR's owamp, over a virtual cable, recorded in 2026). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { twping } from "../../outputs/twping.ts";
import { general, timestamp } from "../../outputs/twping_text.ts";
import { received, runWith, type Scenario, SCENARIOS, textOf } from "./fixture.ts";

const RECORDED_M = `SUMMARY	3.00
SID	0a630002eeaad34f967cbf6ef2e5e2f2
FROM_HOST	10.99.0.1
FROM_ADDR	10.99.0.1
FROM_PORT	9889
TO_HOST	10.99.0.2
TO_ADDR	10.99.0.2
TO_PORT	18857
START_TIME	17197790470229926424
END_TIME	17197790471003020529
DSCP	0x00
LOSS_TIMEOUT	8590355499
PACKET_PADDING	27
SESSION_PACKET_COUNT	10
SAMPLE_PACKET_COUNT	10
BUCKET_WIDTH	0.0001
SESSION_FINISHED	1
SENT	10
SYNC	1
MAXERR	9.31323e-10
MAXERR_FWD	4.65661e-10
MAXERR_BCK	4.65661e-10
DUPS_FWD	0
DUPS_BCK	0
LOST	0
MIN	3.00407e-05
MIN_FWD	2.09808e-05
MIN_BCK	9.05991e-06
MIN_PROC	9.53674e-07
MEDIAN	0.0001
MEDIAN_FWD	0.0001
MEDIAN_BCK	0.0001
MAX	0.000130177
MAX_FWD	0.000101089
MAX_BCK	2.90871e-05
MAX_PROC	2.00272e-05
PDV	0.0001
PDV_FWD	0.0001
PDV_BCK	0
<BUCKETS>
	1	9	9	10
	2	1	1	0
</BUCKETS>
MINTTL_FWD	255
MAXTTL_FWD	255
MINTTL_BCK	255
MAXTTL_BCK	255
<TTLBUCKETS>
	255	10	10
</TTLBUCKETS>

`;

const RECORDED_R =
  `0 17197790484007962466 0 2.32831e-10 17197790484008585236 0 2.32831e-10 255 0 17197790484008705495 0 2.32831e-10 17197790484009087748 0 2.32831e-10 255
1 17197790484093380776 0 2.32831e-10 17197790484093548279 0 2.32831e-10 255 1 17197790484093569754 0 2.32831e-10 17197790484093939121 0 2.32831e-10 255
`;

const RECORDED = `
--- twping statistics from [10.99.0.1]:9593 to [10.99.0.2]:18903 ---
SID:	0a630002eeaad34c61ac258d6f15e666
first:	2026-11-20T14:10:21.401
last:	2026-11-20T14:10:21.581
10 sent, 0 lost (0.000%), 0 send duplicates, 0 reflect duplicates
round-trip time min/median/max = 0.0224/0.1/0.139 ms, (err=9.31e-07 ms)
send time min/median/max = 0.0148/0.1/0.124 ms, (err=4.66e-07 ms)
reflect time min/median/max = 0.00763/0.1/0.0148 ms, (err=4.66e-07 ms)
reflector processing time min/max = 0.00191/0.0153 ms
two-way jitter = 0.1 ms (P95-P50)
send jitter = 0.1 ms (P95-P50)
reflect jitter = 0 ms (P95-P50)
send hops = 0 (consistently)
reflect hops = 0 (consistently)

`;

/** What is not a number. */
function shape(text: string): string {
  return text.replace(/\b[0-9a-f]{32}\b|\d+(\.\d+)?(e[-+]\d+)?/g, "#");
}

/** Names with their values, and the rows of each histogram. */
function readM(text: string): { values: Map<string, string>; rows: Record<string, string[][]> } {
  const values = new Map<string, string>();
  const rows: Record<string, string[][]> = {};
  let inside: string | undefined;
  for (const line of text.trimEnd().split("\n")) {
    const tag = /^<(\/?)(\w+)>$/.exec(line);
    if (tag !== null) {
      inside = tag[1] === "" ? tag[2] : undefined;
      if (inside !== undefined) rows[inside] = [];
    } else if (inside !== undefined) {
      assert.match(line, /^(\t-?\d+){3,4}$/);
      rows[inside].push(line.slice(1).split("\t"));
    } else {
      const [name, value, ...more] = line.split("\t");
      assert.ok(/^[A-Z_]+$/.test(name) && value !== "" && more.length === 0 && !values.has(name), line);
      values.set(name, value);
    }
  }
  return { values, rows };
}

const NUMBER = String.raw`(\d+)`;
const STAMP = String.raw`(\d{20}) ([01]) (\d+(?:\.\d+)?(?:e[-+]\d\d)?)`;
/** As a reader of raw lines takes them apart. */
const LINE = new RegExp(`^${NUMBER} ${STAMP} ${STAMP} ${NUMBER} ${NUMBER} ${STAMP} ${STAMP} ${NUMBER}$`);

function readR(text: string): string[][] {
  assert.ok(text.endsWith("\n"));
  return text.slice(0, -1).split("\n").map((line) => {
    const columns = LINE.exec(line);
    assert.ok(columns, line);
    return columns.slice(1);
  });
}

const told = SCENARIOS.hardware;

test("-M has the names of twping's, in its order, and the same kinds of values", () => {
  const [theirs, ours] = [readM(RECORDED_M), readM(textOf(twping, told, { form: "M" }))];
  assert.deepEqual([...ours.values.keys()], [...theirs.values.keys()]);
  assert.deepEqual(Object.keys(ours.rows), Object.keys(theirs.rows));
  for (const [name, value] of theirs.values) {
    if (!/HOST|SID/.test(name)) assert.equal(shape(ours.values.get(name)!), shape(value), name);
  }
});

test("-M: what the values are", () => {
  const { values, rows } = readM(textOf(twping, SCENARIOS.unruly, { form: "M" }));
  const of = (name: string) => values.get(name);
  assert.deepEqual(["SENT", "LOST", "DUPS_FWD", "DUPS_BCK", "SESSION_FINISHED"].map(of), ["9", "4", "1", "1", "0"]);
  assert.deepEqual([of("MIN"), of("MEDIAN"), of("PDV"), of("MIN_PROC")], [
    "0.000243104",
    "0.00777283",
    "0.0188243",
    "1e-06",
  ]);
  assert.deepEqual([of("DSCP"), of("LOSS_TIMEOUT"), of("PACKET_PADDING")], ["0x22", String(5n << 32n), "27"]);
  assert.equal(rows.BUCKETS.reduce((sum, [, roundtrip]) => sum + Number(roundtrip), 0), 5);
  const negative = readM(textOf(twping, SCENARIOS.negative, { form: "M" }));
  assert.equal(negative.values.get("MIN_FWD"), "-0.196634");
  assert.deepEqual(negative.rows.BUCKETS[0], ["-1966", "0", "1", "0"]);
  const silent = readM(textOf(twping, SCENARIOS.silent, { form: "M" }));
  assert.deepEqual(["MIN", "MAX_FWD", "MAXERR", "MINTTL_FWD"].filter((name) => silent.values.has(name)), []);
  const sid = readM(textOf(twping, SCENARIOS.controlled, { form: "M" })).values.get("SID");
  assert.equal(sid, SCENARIOS.controlled.run.session.control!.sid);
});

test("-M of a run of which only probes were saved has no line for what they do not tell", () => {
  const run = runWith({ timeoutNs: NaN, intervalNs: NaN, ssid: NaN, count: null, profile: "unknown" });
  const text = textOf(twping, { ...SCENARIOS.normal, run }, { form: "M" });
  assert.equal(readM(text).values.has("LOSS_TIMEOUT"), false);
  assert.doesNotMatch(text, /NaN|undefined/);
});

test("a bucket ends at its number of widths, as wide as was asked", () => {
  const { rows } = readM(textOf(twping, SCENARIOS.normal, { form: "M", bucket: 10e6 }));
  assert.deepEqual(rows.BUCKETS, [["1", "4", "5", "4"], ["3", "0", "0", "1"], ["4", "1", "0", "0"]]);
});

test("-R has sixteen columns, and its times tell the delays to a nanosecond", () => {
  assert.equal(readR(RECORDED_R).length, 2);
  const lines = readR(textOf(twping, told, { form: "R" }));
  const probes = told.steps.filter((step) => "flags" in step);
  assert.equal(lines.length, probes.length);
  lines.forEach((columns, i) => {
    const probe = probes[i];
    const span = (from: number, to: number) => Number(BigInt(columns[to]) - BigInt(columns[from])) / 2 ** 32 * 1e9;
    assert.ok(
      Math.abs(span(1, 4) - probe.forward) < 1 && Math.abs(span(9, 12) - probe.backward) < 1,
      columns.join(" "),
    );
    assert.deepEqual([columns[0], columns[8]], [String(probe.seq), String(probe.reflectorSeq)]);
    assert.deepEqual([columns[7], columns[15]], ["63", "62"]);
    assert.deepEqual([columns[2], columns[3], columns[5], columns[6]], ["1", "1.2345e-06", "1", "0"]);
  });
});

test("-R: a lost probe never arrived, a duplicate comes again, a late reply does not", () => {
  const lines = readR(textOf(twping, SCENARIOS.unruly, { form: "R" }));
  const seqs = lines.map(([seq]) => Number(seq));
  assert.deepEqual(seqs, [0, 2, 1, 2, 6, 3, 4, 5, 8, 7, 2]);
  const lost = lines.filter((columns) => Number(columns[4]) === 0);
  assert.deepEqual(lost.map(([seq]) => seq), ["3", "4", "5", "7"]);
  assert.ok(lost.every((columns) => Number(columns[1]) > 0 && Number(columns[12]) === 0 && columns[7] === "255"));
  const unread = { ...told, steps: [received(0, 1e3, 1e3, { ttlForward: NaN, ttlBackward: NaN })] };
  const [line] = readR(textOf(twping, unread, { form: "R" }));
  assert.deepEqual([line[7], line[15]], ["255", "255"]);
});

test("the summary has the lines of twping's", () => {
  assert.equal(shape(textOf(twping, told)), shape(RECORDED));
  const negative = textOf(twping, SCENARIOS.negative);
  assert.match(negative, /^\nDirectional delays may be inaccurate due to out of sync clocks!\n\n--- twping/);
  assert.match(negative, /\nsend time min\/median\/max = -197\/-171\/-92\.9 ms, \(unsync\)\n/);
  const silent = textOf(twping, SCENARIOS.silent);
  assert.match(silent, /\n2 sent, 2 lost \(100\.000%\),.*\nround-trip time min\/median\/max = nan\/nan\/nan ms/);
  assert.match(silent, /\nsend TTL not reported\n/);
});

test("hops are counted from what was set, and from a usual beginning", () => {
  const ttl = (ttlForward: number, ttlBackward: number): Scenario => ({
    ...told,
    steps: [received(0, 1, 1, { ttlForward, ttlBackward }), received(1, 1, 1, { ttlForward: 60, ttlBackward })],
  });
  assert.match(
    textOf(twping, ttl(62, 250)),
    /\nsend hops takes 2 values; min hops = 2, max hops = 4\nreflect hops = 5 /,
  );
  assert.match(textOf(twping, ttl(255, 128)), /min hops = 0, max hops = 195\nreflect hops = 0 /);
});

test("numbers as C prints them with %g", () => {
  const cases: [number, string][] = [
    [0, "0"],
    [9.313225746e-10, "9.31323e-10"],
    [0.0001, "0.0001"],
    [0.00009999999, "0.0001"],
    [0.0000300407409, "3.00407e-05"],
    [-0.196634, "-0.196634"],
    [1, "1"],
    [64, "64"],
    [999999.5, "1e+06"],
    [123456, "123456"],
    [1234567, "1.23457e+06"],
    [1e100, "1e+100"],
  ];
  for (const [value, text] of cases) assert.equal(general(value), text, text);
  assert.equal(general(0.1388, 3), "0.139");
  assert.equal(general(100, 3), "100");
  assert.equal(general(1000, 3), "1e+03");
});

test("a time is the 64 bits of its NTP form, and goes on after 2036", () => {
  assert.equal(timestamp([0, 0]), "0".repeat(20));
  assert.equal(timestamp([1_795_183_810, 500_000_000]), String((4_004_172_610n << 32n) + 2n ** 31n));
  assert.equal(timestamp([2_085_978_496, 0]), "0".repeat(20), "the first second of the second era");
  assert.equal(timestamp([2_085_978_497, 0]), "00000000004294967296");
});
