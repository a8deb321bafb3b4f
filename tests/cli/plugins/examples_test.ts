/** The plugins in `examples/`, each from its file through the command line, as a reader of docs/plugins.md tries it. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { hostname } from "node:os";
import { fileURLToPath } from "node:url";
import { each, run, withResponder } from "../support.ts";

const FOLDER = fileURLToPath(new URL("../../../examples/", import.meta.url));
const file = (name: string) => `${FOLDER}${name}.ts`;

async function demo(name: string, ...args: readonly string[]): Promise<string> {
  const outcome = await run(["demo", "-q", "-c", "20", "-i", "2", "--plugin", file(name), ...args]);
  assert.equal(outcome.status, 0, outcome.stderr);
  assert.equal(outcome.stderr, "");
  return outcome.stdout;
}

const document = async (...args: Parameters<typeof demo>) => JSON.parse(await demo(...args, "--output", "json"));

test("every plugin in examples/ is tried here", () => {
  const names = readdirSync(FOLDER).filter((name) => /^(output|traffic|schedule|transport|tlv)-/.test(name));
  assert.deepEqual(names.sort(), [
    "output-markdown.ts",
    "schedule-on-off.ts",
    "tlv-node-name.ts",
    "traffic-voip.ts",
    "transport-burst-loss.ts",
  ]);
});

test("output-markdown writes a table", async () => {
  const text = await demo("output-markdown", "--output", "markdown:unit=us");
  const [heading, , counts, , head, rule, ...rows] = text.split("\n");
  assert.match(heading, /^## 127\.0\.0\.1:\d+ to 127\.0\.0\.1:\d+, 20\d\d-/);
  assert.match(counts, /^20 of 20 probes came back \(loss 0\.0 %\)/);
  assert.equal(head, "| Delay, us | min | p50 | p99 | max | jitter |");
  assert.equal(rule, "| --- | --: | --: | --: | --: | --: |");
  assert.match(rows[2], /^\| Round trip \| \d+\.\d{3} \| /);
});

test("traffic-voip sends packets of a call", async () => {
  const { session, packets } = await document("traffic-voip", "--profile", "voip");
  assert.deepEqual([session.profile, packets.received], ["voip:codec=g711", 20]);
  const rows = (await demo("traffic-voip", "--profile", "voip:codec=opus", "--output", "csv")).split("\r\n");
  const size = rows[0].split(",").indexOf("size");
  assert.ok(size > 0, rows[0]);
  assert.equal(rows[1].split(",")[size], "72");
});

test("schedule-on-off sends in spurts, the same for the same seed", async () => {
  const options = ["--schedule", "on-off:on=8ms,off=30ms", "--seed", "07"];
  const { session, durationNs, packets } = await document("schedule-on-off", ...options);
  assert.deepEqual([session.schedule, packets.received], ["on-off:on=8ms,off=30ms", 20]);
  assert.ok(durationNs > 60e6, `${durationNs}`); // 20 probes without pauses take 38 ms
});

test("transport-burst-loss loses probes in bursts", async () => {
  const options = ["--transport", "burst-loss:loss=30,burst=4", "-c", "100", "--packet-timeout", "0.2"];
  const { tool, packets } = await document("transport-burst-loss", ...options);
  assert.match(tool.transport, /^burst-loss over /);
  assert.ok(packets.lost > 5 && packets.lost < 70, JSON.stringify(packets));
});

test("tlv-node-name tells who answered, in each thread of a responder", async () => {
  const plugin = ["--plugin", file("tlv-node-name")];
  const wanted = hostname().slice(0, 40);
  const ask = ["--protocol", "stamp", "--tlv", "node-name:length=40"];
  assert.equal((await document("tlv-node-name", ...ask)).tlvs[0].values.name, wanted);
  const threads = process.platform === "linux" ? "2" : "1";
  await withResponder([...plugin, "--workers", threads], async ({ at }) => {
    // So many that hardly one thread gets them all.
    await each([1, 2, 3, 4], async () => {
      const args = ["sender", at, "127.0.0.1:0", "-q", "-c", "3", "-i", "5", ...plugin, ...ask, "--output", "json"];
      const outcome = await run(args);
      assert.equal(outcome.status, 0, outcome.stderr);
      const [{ returned, unrecognized, values }] = JSON.parse(outcome.stdout).tlvs;
      assert.deepEqual([returned, unrecognized, values], [3, 0, { name: wanted }]);
    });
  });
});
