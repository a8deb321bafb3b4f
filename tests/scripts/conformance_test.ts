// The tables of conformance must name tests that there are, and say why where something is not done.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { namedTests, readTables, testNames, unproven } from "../../scripts/conformance.mjs";
import { conformancePage, type ConformanceTable, LEVELS, STATES } from "../../scripts/conformance_page.ts";
import { root } from "../../scripts/setup.mjs";

const TABLES: ConformanceTable[] = readTables();
const ROLES = ["sender", "reflector", "client", "server", "both", "operator"];

test("each test that is named is in the file that is named", () => {
  const names = new Map<string, string[]>();
  for (const { file, name } of namedTests()) {
    const path = join(root, file);
    assert.ok(existsSync(path), `${file} is not there`);
    if (!names.has(file)) names.set(file, testNames(readFileSync(path, "utf8")));
    assert.ok(names.get(file)!.includes(name), `${file} has no test '${name}'`);
  }
});

test("each clause has a number of its own, one of the words for its parts, and a reason where it is not done", () => {
  const ids = new Set<string>();
  for (const { rfc, clauses } of TABLES) {
    for (const { id, level, role, state, clause, why, tests } of clauses) {
      assert.match(id, new RegExp(`^${rfc}-(?:\\d+(?:\\.\\d+)*|I)-\\d+$`));
      assert.ok(!ids.has(id), `${id} is there twice`);
      ids.add(id);
      assert.ok(LEVELS.flat().includes(level), `${id}: ${level}`);
      assert.ok(ROLES.includes(role), `${id}: ${role}`);
      assert.ok(STATES.includes(state), `${id}: ${state}`);
      assert.ok(clause.length > 0 && !clause.includes("|"), id);
      assert.ok(state === "done" || (why ?? "").length > 0, `${id}: why ${state}?`);
      assert.equal(new Set(tests).size, tests.length, `${id} names a test twice`);
    }
  }
  assert.ok(ids.size > 400);
});

test("names are read as they are run: quoted, with places for what a loop puts there, over lines", () => {
  const source = 'test("a \\"b\\"", f);\n  test(\n    `${x}: ${y ? "1" : ""} c`,\n    g);\nlatest("no");';
  assert.deepEqual(testNames(source), ['a "b"', "*: * c"]);
});

test("a test that did not run is found", () => {
  const clause = { ...TABLES[0].clauses[0], tests: ["a_test.ts: one (1)", "a_test.ts: *: two"] };
  const tables = [{ ...TABLES[0], clauses: [clause, clause] }];
  assert.deepEqual(unproven(["one (1)", "open: two"], tables), []);
  assert.deepEqual(unproven(["one 1", "two"], tables), [
    { file: "tests/a_test.ts", name: "one (1)" },
    { file: "tests/a_test.ts", name: "*: two" },
  ]);
  assert.match(conformancePage(tables), /2\. `a_test\.ts`: `one \(1\)`/);
});
