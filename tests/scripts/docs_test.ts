// The page about packets must say what the tables say.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { TEST_PACKETS } from "../../core/wire/test_packet.ts";
import { packetsPage, PAGE } from "../../scripts/docs.ts";

test("docs/packets.md is what scripts/docs.ts makes of the layout tables", () => {
  assert.equal(
    readFileSync(PAGE, "utf8").replaceAll("\r\n", "\n"),
    packetsPage(),
    "docs/packets.md is stale: run `deno run -A scripts/docs.ts` or `bun scripts/docs.ts`",
  );
});

test("a field that changes changes the page", () => {
  const [first, ...others] = TEST_PACKETS;
  const renamed = { ...first, fields: first.fields.map((field) => ({ ...field, name: `${field.name} 2` })) };
  assert.notEqual(packetsPage([renamed, ...others]), packetsPage());
});
