// The pages that are made must say what the tables say.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { test } from "node:test";
import { TEST_PACKETS } from "../../core/wire/test_packet.ts";
import { packetsPage, PAGES } from "../../scripts/docs.ts";

for (const [file, text] of PAGES) {
  test(`${basename(file)} is what scripts/docs.ts makes of the tables`, () => {
    assert.equal(
      readFileSync(file, "utf8").replaceAll("\r\n", "\n"),
      text(),
      `${basename(file)} is stale: run \`deno run -A scripts/docs.ts\` or \`bun scripts/docs.ts\``,
    );
  });
}

test("a field that changes changes the page", () => {
  const [first, ...others] = TEST_PACKETS;
  const renamed = { ...first, fields: first.fields.map((field) => ({ ...field, name: `${field.name} 2` })) };
  assert.notEqual(packetsPage([renamed, ...others]), packetsPage());
});
