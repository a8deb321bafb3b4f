// The check of the import arrows must see what it is there for: it is fed samples, good and bad.
import assert from "node:assert/strict";
import { test } from "node:test";
import { check } from "../../scripts/check-imports.mjs";
import { importsOf } from "../../scripts/imports.mjs";

/** What the check says about one file. */
const said = (path: string, source: string): string[] => check(new Map([[path, source]]));

test("arrows that the table allows are accepted", () => {
  const good: [string, string][] = [
    ["core/wire/a.ts", 'import { b } from "../time/b.ts";\nimport { E } from "../errors.ts";'],
    ["core/session/a.ts", 'import { b } from "../wire/b.ts";\nimport type { R } from "../record.ts";'],
    ["core/drive.ts", 'import { s } from "./session/s.ts";'],
    ["core/wire/a.ts", 'import ipaddr from "ipaddr.js";\nimport { ctr } from "@noble/ciphers/aes.js";'],
    ["plugins/transport/node.ts", 'import dgram from "node:dgram";\nexport * from "../../core/transport.ts";'],
    ["plugins/transport/ffi/linux.ts", 'const ffi = await import("bun:ffi");\nimport "../deno.ts";'],
    ["plugins/mod.ts", 'import { fixed } from "./traffic/fixed.ts";'],
    ["outputs/json.ts", 'import type { Snapshot } from "../core/snapshot.ts";\nimport { x } from "./text.ts";'],
    ["cli/main.ts", 'import { Command } from "commander";\nimport { json } from "../outputs/json.ts";'],
    ["mod.ts", 'export * from "./core/batch.ts";\nexport { fixed } from "./plugins/traffic/fixed.ts";'],
  ];
  for (const [path, source] of good) assert.deepEqual(said(path, source), [], `${path}: ${source}`);
});

test("arrows against the table are refused, with file, line and rule", () => {
  const bad: [string, string, RegExp][] = [
    ["core/wire/a.ts", 'import { s } from "../session/s.ts";', /^core\/wire\/a\.ts:1 imports \.\.\/session\/s\.ts: /],
    ["core/time/a.ts", '\nexport { b } from "../batch.ts";', /^core\/time\/a\.ts:2 imports /],
    ["core/session/a.ts", 'import { s } from "../stats/s.ts";', /may import only/],
    ["core/stats/a.ts", 'import { s } from "../session/s.ts";', /may import only/],
    ["core/drive.ts", 'import { j } from "../outputs/json.ts";', /may import only core/],
    ["core/wire/a.ts", 'import process from "node:process";', /only the packages ipaddr\.js/],
    ["core/wire/a.ts", 'const { ptr } = await import("bun:ffi");', /imports bun:ffi/],
    ["core/drive.ts", "const x = await import(name);", /a computed name: name it in the code/],
    ["plugins/traffic/a.ts", 'import { p } from "../schedule/poisson.ts";', /own\/\*\*/],
    ["plugins/traffic/a.ts", 'import os from "node:os";', /imports node:os/],
    ["plugins/transport/a.ts", 'import { t } from "../traffic/fixed.ts";', /plugins\/transport/],
    ["outputs/json.ts", 'import { c } from "../cli/main.ts";', /may import only core/],
    ["outputs/json.ts", 'import ipaddr from "ipaddr.js";', /may use no packages/],
    ["mod.ts", 'import "./cli/main.ts";', /may not import cli/],
    ["cli/main.ts", 'import { t } from "../tests/help.ts";', /may not import tests/],
    ["cli/main.ts", 'import x from "npm:commander@15";', /named in package\.json/],
    ["cli/main.ts", 'import x from "../../elsewhere.ts";', /outside the project/],
    ["stray/a.ts", "", /is in no room/],
  ];
  for (const [path, source, message] of bad) {
    const violations = said(path, source);
    assert.equal(violations.length, 1, `${path}: ${source} gave ${JSON.stringify(violations)}`);
    assert.match(violations[0] ?? "", message);
  }
});

test("types go where only types may", () => {
  const rooms = [{ files: "a/**", may: ["own/**"], types: ["b/**"], packages: [] }];
  const one = (source: string) => check(new Map([["a/a.ts", source]]), rooms).length;
  assert.equal(one('import type { T } from "../b/t.ts";'), 0);
  assert.equal(one('export type { T } from "../b/t.ts";'), 0);
  assert.equal(one('import { t } from "../b/t.ts";'), 1);
});

test("a cycle is reported once, with its way round", () => {
  const sources = new Map([
    ["core/a.ts", 'import { b } from "./b.ts";'],
    ["core/b.ts", 'import { c } from "./c.ts";'],
    ["core/c.ts", 'import { a } from "./a.ts";'],
    ["core/d.ts", 'import { a } from "./a.ts";'],
  ]);
  assert.deepEqual(check(sources), [
    "core/a.ts:1 imports itself: core/a.ts -> core/b.ts -> core/c.ts -> core/a.ts",
  ]);
});

test("only imports are taken for imports", () => {
  const source = [
    '// import "comment";',
    '/* import "block"; */ import "real-1";',
    "const a = 'import \"string\"'; const b = \"import('x')\";",
    'const c = `import "template" ${await import("real-2")} from "x"`;',
    'const d = /import "regex"/; const e = 4 / 2; import.meta.url; object.import("method");',
    "import {",
    "  one, // from 'nowhere'",
    "  two as three,",
    "} from 'real-3';",
    'import type { T } from "real-4";',
    'export * as name from "real-5"; import all, { more } from "real-6"; import * as every from "real-7";',
    "const f = import(variable); export const from = 1; const g = { import: 1 };",
  ].join("\n");
  assert.deepEqual(importsOf(source).map(({ line, specifier, types }) => [line, specifier, types]), [
    [2, "real-1", false],
    [4, "real-2", false],
    [6, "real-3", false],
    [10, "real-4", true],
    [11, "real-5", false],
    [11, "real-6", false],
    [11, "real-7", false],
    [12, null, false],
  ]);
});
