/**
 * What every output writes of every scenario, octet for octet. `UPDATE_GOLDEN=1` writes the files anew: read the
 * difference before you commit it, other people's programs read these formats.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { test } from "node:test";
import type { OutputPlugin, PluginOptions } from "../../core/plugin.ts";
import { createResponses, groupOf, OUTPUTS } from "../../outputs/mod.ts";
import { dateTime } from "../../outputs/units.ts";
import { filled, play, playTogether, SCENARIOS, textOf } from "./fixture.ts";

const FOLDER = new URL("../golden/", import.meta.url);

function golden(name: string, actual: string): void {
  const file = new URL(name, FOLDER);
  if (process.env.UPDATE_GOLDEN === "1") writeFileSync(file, actual);
  assert.equal(actual, readFileSync(file, "utf8"), name);
}

const EXTENSION: Record<string, string> = {
  table: "txt",
  json: "json",
  ndjson: "ndjson",
  csv: "csv",
  influx: "lp",
  prometheus: "prom",
  nagios: "txt",
  junit: "xml",
  github: "txt",
  twping: "txt",
  plot: "txt",
};

function plugin(name: string): OutputPlugin {
  const found = OUTPUTS.find((output) => output.name === name);
  assert.ok(found, name);
  return found;
}

const VARIANTS: readonly [name: string, file: string, options: PluginOptions][] = [
  ...OUTPUTS.map(({ name }) => [name, name, {}] as [string, string, PluginOptions]),
  ["table", "table-full", { detail: "full" }],
  ["json", "json-histogram", { histogram: true }],
  ["github", "github-summary", { form: "summary" }],
  ["twping", "twping-M", { form: "M" }],
  ["twping", "twping-R", { form: "R" }],
  ["nagios", "nagios-limits", { warning: "rtt.p99>20ms;loss>1%", critical: "lost>=4;outbound.max>1s;rtt.min<1us" }],
  ["plot", "plot-ascii", { ascii: "true", width: 60 }],
];

const TOGETHER = [SCENARIOS.unruly, SCENARIOS.controlled];

for (const [name, file, options] of VARIANTS) {
  test(`${file} of two sessions at once`, () => {
    const of = plugin(name);
    const text = playTogether(TOGETHER, (sink) => groupOf(of, filled(of, options), sink));
    golden(`two-sessions-${file}.${EXTENSION[name]}`, text);
  });
}

test("responses of two sessions at once", () => {
  const options = { responses: true, intervals: true, time: dateTime };
  const text = playTogether(TOGETHER, (sink) => ({ session: () => createResponses(options, sink) }));
  golden("two-sessions-responses.txt", text);
});

for (const [scenario, told] of Object.entries(SCENARIOS)) {
  for (const [name, file, options] of VARIANTS) {
    test(`${file} of a ${scenario} run`, () => {
      golden(`${scenario}-${file}.${EXTENSION[name]}`, textOf(plugin(name), told, options));
    });
  }
  test(`responses of a ${scenario} run`, () => {
    const options = { responses: true, intervals: true, time: dateTime };
    golden(`${scenario}-responses.txt`, play(told, (sink) => createResponses(options, sink)));
  });
}
