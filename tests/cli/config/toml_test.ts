/** What `--print-config` writes is read as it was meant. */
import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import { parse } from "smol-toml";
import { toml } from "../../../cli/config/print.ts";

const read = (text: string) => parse(`x = ${text}\n`).x;

test("any text comes back as it was, a number as one that reads the same", () => {
  const unit = fc.oneof(fc.string({ unit: "grapheme" }), fc.constantFrom("\\", "C:\\x", "'", '"', "\n", "\x7f", "\t"));
  const text = fc.oneof(
    fc.array(unit).map((parts) => parts.join("")),
    fc.integer().map(String),
    fc.float().map(String),
  );
  fc.assert(fc.property(text, (given) => assert.equal(String(read(toml(given))), given)), { seed: 1, numRuns: 500 });
  fc.assert(
    fc.property(fc.array(text), (given) => {
      assert.deepEqual((read(toml(given)) as unknown[]).map(String), given);
    }),
    { seed: 1 },
  );
});

test("numbers stand bare, what only looks like one is a text", () => {
  for (const bare of ["0", "5", "-1", "0.5", "12.25", "true"]) {
    assert.equal(toml(bare === "true" ? true : bare), bare);
  }
  for (const text of ["00ff", "0x88", "1e3", "-0", "1.", "1.50", "9007199254740993", "10ms", "", "true", "inf"]) {
    assert.equal(read(toml(text)), text);
  }
});
