/** What a terminal shows, as far as its environment tells. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { showsUnicode } from "../../cli/terminal.ts";

test("a locale of UTF-8 shows all; the first that is set counts, as in the C library", () => {
  assert.equal(showsUnicode({ LANG: "en_US.UTF-8" }, "linux"), true);
  assert.equal(showsUnicode({ LANG: "C.utf8", LC_ALL: "" }, "linux"), true);
  assert.equal(showsUnicode({ LANG: "en_US.UTF-8", LC_ALL: "C" }, "linux"), false);
  assert.equal(showsUnicode({ LANG: "de_DE.UTF-8", LC_CTYPE: "de_DE.ISO-8859-1" }, "linux"), false);
  assert.equal(showsUnicode({}, "linux"), false);
});

test("consoles without such a font do not, and of Windows those that say so do", () => {
  for (const TERM of ["linux", "dumb"]) assert.equal(showsUnicode({ LANG: "C.UTF-8", TERM }, "linux"), false);
  assert.equal(showsUnicode({ WT_SESSION: "1" }, "win32"), true);
  assert.equal(showsUnicode({ LANG: "C.UTF-8" }, "win32"), false);
});
