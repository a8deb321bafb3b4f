/** The outputs of several sessions: who is told what, who is switched off, and the line that shows them all. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "../../cli/log.ts";
import { OutputSet } from "../../cli/outputs.ts";
import { progressLine, type ProgressPlan } from "../../cli/progress.ts";
import { createVerboseOutput } from "../../cli/verbose.ts";
import { received, RUN, snapshot } from "../outputs/fixture.ts";
import { readCsv } from "./parse.ts";
import { withFolder } from "./support.ts";

function logTo(lines: string[]): Log {
  const note = (line: string) => void lines.push(line);
  return { level: "verbose", note, fault: note, access: note, info: note, debug: note, close: () => Promise.resolve() };
}

const QUIET = { telegraf: false, responses: false, intervals: false };

/** Two sessions through `specs`, a file each; what each file holds. */
async function both(
  specs: readonly string[],
  prepare: (outputs: OutputSet, lines: string[]) => void = () => {},
  sessions = 2,
): Promise<{ texts: string[]; lines: string[]; failed: boolean }> {
  const lines: string[] = [];
  let texts: string[] = [];
  let failed = false;
  await withFolder(async (folder) => {
    const files = specs.map((_, i) => join(folder, String(i)));
    const output = specs.map((spec, i) => `${spec}${spec.includes(":") ? "," : ":"}file=${files[i]}`);
    const outputs = new OutputSet({ ...QUIET, output }, logTo(lines));
    prepare(outputs, lines);
    outputs.open(sessions);
    const told = Array.from({ length: sessions }, (_, i) => outputs.session(i + 1));
    for (const session of told) session.begin(RUN);
    for (const [i, session] of told.entries()) session.probe(received(i, 1, 1));
    await outputs.end(...told.map((_, i) => snapshot({ sent: i + 1 })));
    texts = files.map((file) => readFileSync(file, "utf8"));
    failed = outputs.failed;
  });
  return { texts, lines, failed };
}

test("sessions are numbered by the set, and each output is ended with each summary in order", async () => {
  const { texts: [json, csv], failed } = await both(["json", "csv"]);
  const { schema, results } = JSON.parse(json);
  assert.equal(schema, "twampede/results/1");
  const numbered = results.map((result: any) => [result.session.number, result.packets.sent]);
  assert.deepEqual(numbered, [[{ index: 1, of: 2 }, 1], [{ index: 2, of: 2 }, 2]]);
  assert.deepEqual(readCsv(csv).map(({ session, seq }) => [session, seq]), [["1", "0"], ["2", "1"]]);
  assert.equal(failed, false);
});

test("one session alone has no number anywhere", async () => {
  const { texts: [json, csv, table] } = await both(["json", "csv", "table"], undefined, 1);
  assert.equal(JSON.parse(json).session.number, null);
  assert.equal(Object.hasOwn(readCsv(csv)[0], "session"), false);
  assert.ok(table.startsWith("===="));
});

test("one that throws in one session is switched off for all, with a line; the others go on", async () => {
  const seen: string[] = [];
  const { texts: [json], lines, failed } = await both(["json"], (outputs) => {
    outputs.add("bad", () => ({
      begin: ({ session }) => void seen.push(`begin ${session.number?.index}`),
      probe: (probe) => {
        seen.push(`probe ${probe.seq}`);
        throw new Error("no paper\nleft");
      },
      end: () => void seen.push("end"),
    }));
  });
  assert.deepEqual(seen, ["begin 1", "begin 2", "probe 0"]);
  assert.deepEqual([lines, failed], [["output bad is switched off: no paper"], true]);
  assert.equal(JSON.parse(json).results.length, 2);
});

test("thousands of sessions are written whole, in one piece or many: they are more at once than may wait", async () => {
  const specs = ["table:detail=full", "json", "prometheus"];
  const { texts: [table, json, prometheus], lines, failed } = await both(specs, undefined, 4096);
  assert.deepEqual([failed, lines], [false, []]);
  assert.equal(table.match(/^Histogram/gm)?.length, 4096);
  assert.equal(JSON.parse(json).results.length, 4096);
  assert.equal(prometheus.match(/^twampede_probes_sent\{/gm)?.length, 4096);
  for (const text of [table, json, prometheus]) assert.ok(text.length > 2 ** 23, String(text.length));
});

test("verbose lines say which session they are of, where there are several", async () => {
  const verbose = (outputs: OutputSet, lines: string[]) =>
    outputs.add("verbose", () => createVerboseOutput(logTo(lines)));
  const several = await both(["json"], verbose);
  assert.match(several.lines[1], /INFO {5}\[session 2\] twamp to /);
  assert.match(several.lines[3], /INFO {5}\[session 2\] Reply from /);
  const single = await both(["json"], verbose, 1);
  assert.match(single.lines[1], /INFO {5}Reply from /);
});

test("the progress of all is one line: sums, the range of medians, the slowest", () => {
  const plan = (count: number): ProgressPlan => ({
    count,
    intervalNs: 100e6,
    timeoutNs: 5e9,
    now: () => ({ sent: 0, received: 0, lost: 0, medianRtt: null }),
  });
  const a = { sent: 50, received: 48, lost: 1, medianRtt: 134_000 };
  const b = { sent: 20, received: 20, lost: 0, medianRtt: 2_500_000 };
  assert.equal(
    progressLine([a, b], [plan(100), plan(60)]),
    "2 sessions  sent 70/160  received 68  loss 1.4%  p50 134us to 2.50ms  5.0 s left",
  );
  assert.equal(progressLine([a], [plan(100)]), "sent 50/100  received 48  loss 2.0%  p50 134us  5.0 s left");
  const none = { sent: 20, received: 0, lost: 0, medianRtt: null };
  assert.equal(progressLine([none], [plan(20)]), "sent 20/20  received 0  waiting up to 5 s");
  assert.equal(
    progressLine([a, none], [plan(Infinity), plan(20)]),
    "2 sessions  sent 70  received 48  loss 2.0%  p50 134us  Ctrl-C ends",
  );
});
