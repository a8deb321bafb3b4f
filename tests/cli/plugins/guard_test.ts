/** What the guard of a plugin leaves as its author wrote it. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { Guard } from "../../../cli/plugins/guard.ts";
import { guardOutput } from "../../../cli/plugins/guard_output.ts";
import type { OutputPlugin } from "../../../core/plugin.ts";

function guarded(more: Partial<OutputPlugin>): OutputPlugin {
  const create = () => ({ end() {} });
  const plugin: OutputPlugin = { api: 1, kind: "output", name: "o", summary: "o", options: [], create, ...more };
  return guardOutput(plugin, new Guard(plugin, "o.ts", "/o.ts"));
}

test("how an output wants its file and the terminal to be treated is kept", () => {
  const { inOnePiece, atEnd } = guarded({ inOnePiece: true, atEnd: true });
  assert.deepEqual([inOnePiece, atEnd], [true, true]);
  const plain = guarded({});
  assert.deepEqual([plain.inOnePiece, plain.atEnd], [false, false]);
});
