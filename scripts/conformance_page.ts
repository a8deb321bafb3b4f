// docs/conformance.md: the tables in docs/conformance/*.json, to be read.
import { readTables } from "./conformance.mjs";

/** One rule of an RFC, and what is done about it. */
export interface Clause {
  readonly id: string;
  readonly level: string;
  readonly role: string;
  readonly state: string;
  readonly clause: string;
  readonly why?: string;
  readonly tests: readonly string[];
}

/** One RFC. */
export interface ConformanceTable {
  readonly rfc: number;
  readonly title: string;
  readonly "left out"?: string;
  readonly clauses: readonly Clause[];
}

/** In the order in which they are counted. */
export const STATES = ["done", "partly", "not done", "not applicable"];
/** The first table of an RFC, and the second. */
export const LEVELS = [["MUST", "MUST NOT", "SHALL", "REQUIRED"], ["SHOULD", "SHOULD NOT", "RECOMMENDED"]];

const INTRODUCTION = `# Conformance

Made from \`docs/conformance/*.json\` by \`scripts/docs.ts\`: change those, not this page. The words are ours and short; what
an RFC asks is in the RFC, read with its verified errata.

A clause is a key word (RFC 2119) and what it is about: 8762-4.1-2 is the second of RFC 8762 section 4.1. \`done\` is done
by default or by the option that is named, \`partly\` and \`not done\` say why. A number under Tests is of the list at the end,
where \`*\` is what a loop puts there; a clause without one is not tested. \`npm test\` refuses a name that is no test, or of
a test that did not run.
`;

/** The text of the page. */
export function conformancePage(tables: readonly ConformanceTable[] = readTables()): string {
  const tests = [...new Set(tables.flatMap(({ clauses }) => clauses.flatMap((clause) => clause.tests)))].sort();
  const numbers = new Map(tests.map((test, i) => [test, i + 1]));
  return [INTRODUCTION, summary(tables), ...tables.map((table) => section(table, numbers)), list(tests)].join("\n");
}

function summary(tables: readonly ConformanceTable[]): string {
  const rows = tables.map(({ rfc, title, clauses }) => {
    const count = (of: (clause: Clause) => boolean) => String(clauses.filter(of).length);
    const untested = count(({ state, tests }) => (state === "done" || state === "partly") && tests.length === 0);
    return [`[${rfc}](#rfc-${rfc})`, title, ...STATES.map((state) => count((one) => one.state === state)), untested];
  });
  const sum = (column: number) => String(rows.reduce((all, row) => all + Number(row[column]), 0));
  const total = ["", "All", ...[2, 3, 4, 5, 6].map(sum)];
  return columns([["RFC", "", "Done", "Partly", "Not done", "Not applicable", "Not tested"], ...rows, total]);
}

function section(table: ConformanceTable, numbers: ReadonlyMap<string, number>): string {
  const { rfc, title, clauses } = table;
  const parts = LEVELS.map((levels) => clauses.filter(({ level }) => levels.includes(level)))
    .filter((part) => part.length > 0)
    .map((part) =>
      columns([["Clause", "", "Whose", "What", "State", "Tests"], ...part.map((one) => row(one, numbers))])
    );
  const leftOut = table["left out"] === undefined ? [] : [`${table["left out"]}.\n`];
  return [`## RFC ${rfc}\n`, `${title}.\n`, ...leftOut, ...parts].join("\n");
}

function row({ id, level, role, state, clause, why, tests }: Clause, numbers: ReadonlyMap<string, number>): string[] {
  const shown = tests.map((test) => numbers.get(test)!).sort((a, b) => a - b).join(", ");
  return [id, level, role, why === undefined ? clause : `${clause}. _${why}_`, state, shown];
}

function list(tests: readonly string[]): string {
  return `## Tests\n\nBelow \`tests/\`.\n\n${tests.map((test, i) => `${i + 1}. ${code(test)}\n`).join("")}`;
}

function code(test: string): string {
  const [file, ...name] = test.split(": ");
  return `\`${file}\`: \`${name.join(": ").replaceAll("`", "'")}\``;
}

/** Columns of one width, as the formatter wants them. */
function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(3, ...rows.map((row) => row[column].length)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(" | ")} |\n`;
  const [head, ...body] = rows.map(line);
  return head + line(widths.map((width) => "-".repeat(width))) + body.join("");
}
