/** Names of modes and extensions, as people write them. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { parseExtensions, parseModes, parseSecurity } from "../../../cli/control/modes.ts";
import { OptionError } from "../../../core/errors.ts";
import { Mode } from "../../../core/wire/control_codes.ts";

test("modes and extensions go by name, in any case", () => {
  assert.equal(parseModes("Open, plain"), Mode.OPEN);
  assert.equal(parseExtensions("--extensions", "monitor,PTP"), Mode.MONITOR | Mode.PTP);
  assert.deepEqual(parseSecurity("--mode")("encrypted,mixed"), ["encrypted", "mixed"]);
});

test("a word that every object has is no name", () => {
  for (const word of ["constructor", "__proto__", "open,constructor", "sealed", ""]) {
    for (const read of [parseModes, parseSecurity("--mode"), (text: string) => parseExtensions("--extensions", text)]) {
      assert.throws(() => read(word), OptionError, word);
    }
  }
});
