// The types that authors of plugins get are those of core.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { declarations, FILE, module } from "../../scripts/plugin_types.ts";

test("cli/plugins/declarations.ts is what scripts/plugin_types.ts makes of core", () => {
  assert.equal(
    readFileSync(FILE, "utf8").replaceAll("\r\n", "\n"),
    module(),
    "it is stale: run `deno run -A scripts/plugin_types.ts` or `bun scripts/plugin_types.ts`",
  );
});

test("it has every kind of plugin, the numbers behind the flags, and nothing of another file", () => {
  const text = declarations();
  for (const name of ["OutputPlugin", "TrafficPlugin", "SchedulePlugin", "TransportPlugin", "TlvPlugin", "Snapshot"]) {
    assert.ok(text.includes(`\nexport interface ${name} `), name);
  }
  assert.ok(/^export interface ProbeFlag \{\n(.*\n)*? {2}readonly RECEIVED: 1;$/m.test(text));
  assert.ok(!/^import|^export (const|function|class|\{|\*)/m.test(text));
});
