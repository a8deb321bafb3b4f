/** Which files and packages `--plugin` takes, and what it says of those that it does not. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { join } from "node:path";
import { assertRefused, each, refused, run } from "../support.ts";
import { importFile } from "../../../cli/plugins/import_file.ts";
import { plugin, withFiles } from "./support.ts";

const END = `create: (options, sink) => ({ end: ({ received }) => sink.write(options.word + " " + received + "\\n") })`;
const WORD = `options: [{ name: "word", type: "string", summary: "s", default: "hi" }]`;
const TYPED = `const words: readonly string[] = ["ts"];
export default [{ api: 1, kind: "output", name: words[0], summary: "s", ${WORD}, ${END} },
  { api: 1, kind: "output", name: "two", summary: "s", ${WORD}, ${END} }];\n`;

test("a plugin comes from a TypeScript or JavaScript file, and from a package", async () => {
  const files = {
    "mine.ts": TYPED,
    "sub/mine.js": plugin("output", "js", `${WORD}, ${END}`),
    "node_modules/a/package.json": `{"type":"module","exports":{".":{"types":"./a.d.ts","import":"./lib/a.js"}}}`,
    "node_modules/a/lib/a.js": `import { name } from "./b.js";\nexport default { api: 1, kind: "output", name,
      summary: "s", ${WORD}, ${END} };`,
    "node_modules/a/lib/b.js": `export const name = "a";`,
    "node_modules/@b/c/package.json": `{"main":"c.js"}`,
    "node_modules/@b/c/c.js": `Object.defineProperty(exports, "__esModule", { value: true });
exports.default = { api: 1, kind: "output", name: "c", summary: "s", ${WORD}, ${END} };`,
  };
  await withFiles(files, async (folder) => {
    await each([
      ["./mine.ts", "ts:word=there", "there 2\n"],
      ["mine.ts", "two", "hi 2\n"],
      ["sub/mine.js", "js", "hi 2\n"],
      ["a", "a", "hi 2\n"],
      ["@b/c", "c", "hi 2\n"],
    ], async ([spec, output, text]) => {
      const args = ["demo", "-q", "-c", "2", "--plugin", spec, "--output", output];
      const outcome = await run(args, { cwd: folder });
      assert.deepEqual(outcome, { status: 0, signal: null, stdout: text, stderr: "" });
    });
    const list = await run(["plugins", "--plugin", "mine.ts", "--plugin", "./mine.ts", "--plugin", "a"], {
      cwd: folder,
    });
    assert.equal(list.status, 0, list.stderr);
    assert.match(list.stdout, /^ {2}two +s \[from mine\.ts\]\n {6}word=string \(hi\) +s$/m);
    assert.match(list.stdout, /^ {2}a +s \[from node_modules\/a\/lib\/a\.js\]$/m);
  });
});

test("what is no plugin is refused before anything is sent, with its file", async () => {
  const files: Record<string, string> = {
    "syntax.ts": `export default {\n  api: 1,\n  kind: "output" name: "x",\n};\n`,
    "throws.ts": `\nthrow new Error("no luck");\n`,
    "missing.ts": `import { x } from "./nowhere.ts";\nexport default x;\n`,
    "none.ts": `export const plugin = 1;\n`,
    "empty.ts": `export default [];\n`,
    "api.ts": `export default { api: 2 };\n`,
    "second.ts": `export default [{ api: 1, kind: "output", name: "x", summary: "s", options: [], create() {} }, 7];\n`,
    "json.ts": plugin("output", "json", "create() {}"),
    "type.ts": plugin("tlv", "x", "type: 4, create() {}"),
    "hmac.ts": plugin("tlv", "x", "type: 8, create() {}"),
    "x.ts": plugin("output", "x", "create() {}"),
    "also-x.ts": plugin("output", "x", "create() {}"),
    "text.txt": "",
    "node_modules/p/package.json": `{"exports":{"./other":"./o.js"}}`,
    "node_modules/q/package.json": `{"main":"../../x.js"}`,
  };
  const cases: [args: string[], ...words: string[]][] = [
    [["syntax.ts"], "syntax.ts", "line 3"],
    [["throws.ts"], "throws.ts", "no luck", "line 2"],
    [["missing.ts"], "missing.ts", "nowhere.ts"],
    [["none.ts"], "none.ts", "default export"],
    [["empty.ts"], "empty.ts"],
    [["./api.ts"], "./api.ts", "api 2", "supports 1"],
    [["second.ts"], "second.ts", "plugin 2 of 2", "is 7"],
    [["json.ts"], "json.ts", "'json'", "built in"],
    [["type.ts"], "type.ts", "type 4", "'cos'"],
    [["hmac.ts"], "hmac.ts", "type 8"],
    [["x.ts", "also-x.ts"], "also-x.ts", "from x.ts"],
    [["text.txt"], "text.txt", ".js"],
    [["not-there.ts"], "not-there.ts", "does not exist"],
    [["not-there"], "not-there", "package"],
    [["node_modules"], "node_modules", "no file"],
    [["x.ts/y.ts"], "x.ts/y.ts", "cannot be read"],
    [["https://example.org/a.ts"], "https:", "a path"],
    [["p"], "'p'", "exports no '.'"],
    [["q"], "'q'", "outside"],
    [[""], "a file"],
  ];
  await withFiles(files, async (folder) => {
    await each(cases, async ([specs, ...words]) => {
      const args = specs.flatMap((spec) => ["--plugin", spec]);
      assertRefused(await refused(["demo", ...args], { cwd: folder }), 2, "--plugin", ...words);
    });
  });
});

test("options of a plugin are checked as those of a built-in one, by itself too", async () => {
  const files = {
    "t.ts": plugin("traffic", "t", `create() { throw new Error("steps 1: give 2 or more"); }`),
    "size.ts": plugin("traffic", "t", `create: () => ({ name: "t", maxSize: 1e6, size: () => 1e6, fill() {} })`),
    "next.ts": plugin("schedule", "t", `create: () => ({ name: "t" })`),
  };
  await withFiles(files, async (folder) => {
    await each([
      [["t.ts", "--profile", "t:x=1"], "--profile t", "'x'"],
      [["t.ts", "--profile", "t"], "traffic t (t.ts)", "steps 1: give 2 or more"],
      [["size.ts", "--profile", "t"], "size.ts", "maxSize is 1000000", "65507"],
      [["next.ts", "--schedule", "t"], "next.ts", "'next'"],
    ] as [string[], ...string[]][], async ([args, ...words]) => {
      assertRefused(await refused(["sender", "127.0.0.1:9", ":0", "--plugin", ...args], { cwd: folder }), 2, ...words);
    });
  });
});

test("an executable that loads nothing from outside reads JavaScript as text", async () => {
  const files = { "a.js": `import { sep } from "node:path";\nexport default sep;`, "a.ts": "export default 1;" };
  await withFiles(files, async (folder) => {
    assert.match(String((await importFile(join(folder, "a.js"), true)).default), /^[/\\]$/);
    await assert.rejects(importFile(join(folder, "a.ts"), true), /reads no TypeScript/);
    assert.equal((await importFile(join(folder, "a.ts"))).default, 1);
  });
});
