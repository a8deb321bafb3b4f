/** Several sessions through a plugin that knows nothing of them: text whole, in order, and no more than can be kept. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Output, OutputGroup, OutputPlugin } from "../../core/plugin.ts";
import { groupOf } from "../../outputs/group.ts";
import { received, RUN, snapshot } from "./fixture.ts";

/** A plugin of somebody else: it writes when it is told anything. */
const plain: OutputPlugin = {
  api: 1,
  kind: "output",
  name: "plain",
  summary: "for tests",
  options: [],
  create: (_options, sink) => ({
    begin: (run) => sink.write(`begin ${run.session.remote}\n`),
    probe: (probe) => sink.write(`probe ${probe.seq}\n`),
    end: async () => {
      await Promise.resolve();
      sink.write("end\n");
    },
  }),
};

function collect(plugin = plain): { group: OutputGroup; outputs: Output[]; text: () => string } {
  let text = "";
  const sink = { write: (chunk: string) => void (text += chunk), close: () => Promise.resolve() };
  const group = groupOf(plugin, {}, sink);
  return { group, outputs: [1, 2, 3].map((number) => group.session(number)), text: () => text };
}

test("the first is written as it comes, the others after it, each in one piece", async () => {
  const { group, outputs, text } = collect();
  for (const output of outputs) output.begin?.(RUN);
  for (const [i, output] of outputs.entries()) output.probe?.(received(i, 1, 1));
  const begin = `begin ${RUN.session.remote}\n`;
  assert.equal(text(), `${begin}probe 0\n`);
  for (const output of outputs) await output.end(snapshot({}));
  await group.end?.();
  assert.equal(text(), [0, 1, 2].map((seq) => `${begin}probe ${seq}\nend\n`).join(""));
});

test("a session that was refused is not waited for", async () => {
  let text = "";
  const group = groupOf(plain, {}, { write: (chunk) => void (text += chunk), close: () => Promise.resolve() });
  const [second, fourth] = [2, 4].map((number) => group.session(number));
  second.probe?.(received(2, 1, 1));
  fourth.probe?.(received(4, 1, 1));
  assert.equal(text, "probe 2\n");
  await second.end(snapshot({}));
  assert.equal(text, "probe 2\nend\nprobe 4\n");
  await fourth.end(snapshot({}));
  await group.end?.();
  assert.equal(text, "probe 2\nend\nprobe 4\nend\n");
});

test("what a session without an end has written is not lost", async () => {
  const { group, outputs, text } = collect();
  outputs.forEach((output, i) => output.probe?.(received(i, 1, 1)));
  await outputs[2].end(snapshot({}));
  assert.equal(text(), "probe 0\n");
  await group.end?.();
  assert.equal(text(), "probe 0\nprobe 1\nprobe 2\nend\n");
});

test("an output has only what the plugin's has: who takes no probes is not asked to", () => {
  const { outputs } = collect({ ...plain, create: () => ({ end() {} }) });
  assert.deepEqual(Object.keys(outputs[0]), ["end"]);
});

test("too much to keep is refused when the host calls, and not where the plugin writes", () => {
  const flood: OutputPlugin = {
    ...plain,
    create: (_options, sink) => ({ probe: () => assert.doesNotThrow(() => sink.write("x".repeat(2 ** 22))), end() {} }),
  };
  const { outputs } = collect(flood);
  for (let i = 0; i < 5; i++) outputs[0].probe?.(received(i, 1, 1)); // its turn: nothing is kept
  outputs[1].probe?.(received(0, 1, 1));
  outputs[2].probe?.(received(0, 1, 1));
  assert.throws(() => outputs[1].probe?.(received(1, 1, 1)), /too much to be kept/);
});
