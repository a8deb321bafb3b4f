// What docs/conformance/*.json says of RFCs, clause by clause, and the tests that it names.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./setup.mjs";

/** Where the tables are: a file an RFC. */
export const TABLES = "docs/conformance";

/** All tables, by number: `{ rfc, title, "left out"?, clauses: [{ id, level, role, state, clause, why?, tests }] }`. */
export function readTables() {
  return readdirSync(join(root, TABLES))
    .filter((file) => file.endsWith(".json"))
    .map((file) => JSON.parse(readFileSync(join(root, TABLES, file), "utf8")))
    .sort((a, b) => a.rfc - b.rfc);
}

/** `{ file, name }` of each test that a table names, once; `*` in a name stands for what a loop puts there. */
export function namedTests(tables = readTables()) {
  const texts = new Set(tables.flatMap(({ clauses }) => clauses.flatMap(({ tests }) => tests)));
  return [...texts].map((text) => {
    const [file, ...name] = text.split(": ");
    return { file: `tests/${file}`, name: name.join(": ") };
  });
}

const TEST = /\btest\(\s*(?:"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`)/g;

/** Names of the tests in a source, with `*` for each `${…}`. */
export function testNames(source) {
  return [...source.matchAll(TEST)].map(([, plain, template]) =>
    (plain ?? template.replaceAll(/\$\{[^}]*\}/g, "*")).replaceAll(/\\(.)/g, "$1")
  );
}

/** Named tests that are in none of these names of tests that ran. */
export function unproven(ran, tables = readTables()) {
  return namedTests(tables).filter(({ name }) => !ran.some(matcher(name)));
}

function matcher(name) {
  if (!name.includes("*")) return (one) => one === name;
  const parts = name.split("*").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const pattern = new RegExp(`^${parts.join(".*")}$`);
  return (one) => pattern.test(one);
}
