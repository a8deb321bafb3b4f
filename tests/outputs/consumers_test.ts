/**
 * What other programs make of the formats: JUnit XML read by junitparser, the text of Prometheus by its own client, and
 * performance data by pynag. Each reads the golden files of all scenarios at once.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { SCENARIOS } from "./fixture.ts";

const PYTHON = "/usr/bin/python3";
const FOLDER = fileURLToPath(new URL("../golden/", import.meta.url));

/** What a Python program prints as JSON; it gets the files in `sys.argv`. */
function python(program: string, ending: RegExp): Record<string, any> {
  const files = readdirSync(FOLDER).filter((name) => ending.test(name)).map((name) => FOLDER + name);
  assert.ok(files.length > 8, "there are golden files");
  const { status, stdout, stderr } = spawnSync(PYTHON, ["-c", program, ...files], { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

/** Why a test cannot run here; undefined if it can. */
function lacking(module: string, debian: string): string | undefined {
  const { status } = spawnSync(PYTHON, ["-c", `import ${module}`]);
  return status === 0 ? undefined : `${module} for Python is not here (Debian package ${debian})`;
}

const BEGIN = `
import json, os, sys
read = {}
for path in sys.argv[1:]:
  name = os.path.basename(path).split('.')[0].rsplit('-', 1)[0]
`;

const { judged, silent, normal } = SCENARIOS;

test(
  "junitparser reads the suites, the cases and why they failed",
  { skip: lacking("junitparser", "junitparser") },
  () => {
    const read = python(
      `from junitparser import JUnitXml${BEGIN}  read[name] = [{
    'suite': suite.name, 'tests': suite.tests, 'failures': suite.failures, 'errors': suite.errors, 'time': suite.time,
    'numbers': {p.name: p.value for p in suite.properties()},
    'cases': [[case.name, [[type(r).__name__, r.message, r.type] for r in case.result]] for case in suite],
  } for suite in JUnitXml.fromfile(path)]
print(json.dumps(read))`,
      /-junit\.xml$/,
    );
    const [suite] = read.judged;
    assert.equal(suite.suite, `twampede ${judged.run.session.remote}`);
    assert.deepEqual([suite.tests, suite.failures, suite.errors, suite.time], [6, 3, 0, 0.401]);
    assert.equal(suite.numbers["rtt.min_ms"], "0.243104");
    assert.deepEqual(suite.cases.map(([name]: [string]) => name), [
      "measured",
      ...judged.summary.thresholds!.map(({ expression }) => expression),
    ]);
    assert.deepEqual(suite.cases[2][1], [["Failure", "loss is 16.667 %, which crosses loss>1%", "threshold"]]);
    assert.deepEqual(read.silent[0].cases[0][1], [["Error", `no reply to ${silent.summary.sent} probes`, "no result"]]);
    assert.deepEqual(read["two-sessions"].map(({ suite }: { suite: string }) => suite), [
      "twampede 10.99.0.2:20001 (session 1 of 2)",
      "twampede 10.99.0.2:20001 (session 2 of 2)",
    ]);
  },
);

test("the client of Prometheus reads the metrics", {
  skip: lacking("prometheus_client.parser", "python3-prometheus-client"),
}, () => {
  const read = python(
    `from prometheus_client.parser import text_string_to_metric_families${BEGIN}  read[name] = {
    f.name: {'type': f.type, 'help': f.documentation, 'samples': [[s.labels, s.value] for s in f.samples]}
    for f in text_string_to_metric_families(open(path).read())
  }
print(json.dumps(read))`,
    /-prometheus\.prom$/,
  );
  for (const [scenario, families] of Object.entries(read)) {
    for (const [name, { type, help, samples }] of Object.entries<any>(families)) {
      assert.ok(type === "gauge" && help.endsWith("."), `${scenario}: ${name}`);
      const series = samples.map(([labels]: [object]) => JSON.stringify(labels));
      assert.equal(new Set(series).size, series.length, `${scenario}: ${name} has a series twice`);
    }
  }
  const labels = { target: judged.run.session.remote, local: "10.99.0.1", protocol: "twamp" };
  assert.deepEqual(read.judged.twampede_probes_sent.samples, [[labels, 6]]);
  assert.deepEqual(read.judged.twampede_threshold_crossed.samples[1], [{ ...labels, expression: "loss>1%" }, 1]);
  const [least] = read.normal.twampede_delay_min_seconds.samples;
  assert.deepEqual([least[0].direction, least[1]], ["roundtrip", normal.summary.rtt.min! / 1e9]);
  assert.equal(read.negative.twampede_delay_min_seconds.samples[1][1], -0.196634);
  assert.equal(read.silent.twampede_delay_min_seconds, undefined);
  assert.equal(read.silent.twampede_loss_ratio.samples[0][1], 1);
  const numbers = read["two-sessions"].twampede_probes_sent.samples.map(([{ session }]: [any]) => session);
  assert.deepEqual(numbers, ["1", "2"]);
});

test("pynag reads the performance data", { skip: lacking("pynag.Utils", "python3-pynag") }, () => {
  const read = python(
    `from pynag.Utils import PerfData${BEGIN}  with open(path) as file: line = file.readline()
  read[name] = {'data': [[m.label, m.value, m.uom, m.warn, m.crit, m.min, m.max, m.is_valid()]
    for m in PerfData(line.split(' | ')[1]).metrics], 'bars': line.count('|')}
print(json.dumps(read))`,
    /-nagios-limits\.txt$/,
  );
  for (const [scenario, { data, bars }] of Object.entries<any>(read)) {
    assert.equal(bars, 1, scenario);
    for (const metric of data) assert.equal(metric[7], true, `${scenario}: ${metric}`);
  }
  const found = Object.fromEntries(
    read["judged-nagios"].data.map(([label, ...rest]: any[]) => [label, rest.slice(0, 6)]),
  );
  assert.deepEqual(found.rtt_p99, ["29.420784", "ms", "20.0", "", "0", ""]);
  assert.deepEqual(found.outbound_max, ["8.98", "ms", "", "~:1000.0", "", ""]);
  assert.deepEqual(found.loss, ["16.666667", "%", "1.0", "", "0", "100"]);
  assert.deepEqual(found.lost, ["1", "", "", "4", "0", ""]);
});
