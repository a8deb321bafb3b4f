// The steps of `npm test`. Each returns `{ passed, failed, skipped, output, brief }`: how many, which tests were skipped,
// all that was said, and the line that is enough when it went well.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { unproven } from "./conformance.mjs";
import { filesBelow } from "./files.mjs";
import { readReport } from "./junit.mjs";
import { run } from "./run.mjs";
import { root } from "./setup.mjs";

/** In the order in which they run. */
export const STEPS = {
  fmt: { what: "deno fmt --check", do: ({ deno }) => plain(deno, ["fmt", "--check"]) },
  lint: { what: "deno lint", do: ({ deno }) => plain(deno, ["lint"]) },
  check: { what: "types", do: ({ deno }) => plain(deno, ["check", "-q", ...typed()]) },
  pure: { what: "types of core and outputs without any runtime", do: pure },
  imports: { what: "import arrows", do: () => plain(process.execPath, [join(root, "scripts/check-imports.mjs")]) },
  schema: { what: "the schema is that of the options", do: schema },
  publish: { what: "the library could be published", do: publishable },
  doc: {
    what: "examples in the documentation of mod.ts",
    // Unchecked: what it imports besides for an example would be found unused.
    do: ({ deno }) => plain(deno, ["test", "--doc", "-A", "-q", "--no-check", "--unstable-net", "mod.ts"]),
  },
  man: {
    what: "manual pages are of what the help says",
    do: ({ deno }) => plain(deno, ["run", "-A", "-q", "scripts/man.ts", "--check"]),
  },
  deno: { what: "tests under Deno", do: ({ deno, only }) => tests(denoTest(deno), only) },
  bun: {
    what: "tests under Bun",
    do: ({ bun, only, steps }) =>
      tests(bunTest(bun), only, "tests", {}, steps.includes("exe") ? isForExecutable : () => false),
  },
  exe: { what: "build, and black-box tests of the executable", do: executable },
  systems: { what: "the executables of other systems", do: systems },
};

/** The steps of `npm run check`: no test runs. */
export const CHECKS = ["fmt", "lint", "check", "pure", "imports", "schema", "man", "publish"];

const PROBE = "scripts/pure_probe.ts";
const TEST = "_test.ts";
/** Tests that build what they test: which runtime they run under themselves makes no difference, so once is enough. */
const SYSTEMS = "tests/systems";
/** The longest one test may take; only Bun has a limit of its own (5 s), too short for a simulated ten minutes. */
const TEST_MS = 300_000;
/** The longest all tests of a step may take, on a machine that others use as well. */
const ALL_MS = 3_000_000;

function schema({ deno }) {
  return plain(deno, ["run", "-A", "-q", "--no-check", "scripts/schema.ts", "--check"]);
}

/** Under Bun these try the program from source too. */
const FROM_SOURCE = [
  "tests/cli/control/modes_test.ts",
  "tests/cli/measure_test.ts",
  "tests/cli/plugins/examples_test.ts",
  "tests/cli/stamp_auth_test.ts",
  "tests/cli/workers_test.ts",
];

/**
 * Whether the executable's step, which runs under Bun as well, is enough: it is the same program in the same runtime, and a
 * third of all time goes into starting it.
 */
const isForExecutable = (path) => path.startsWith("tests/cli/") && !FROM_SOURCE.includes(path);

async function plain(command, args) {
  const { status, output } = await run(command, args);
  const failed = status === 0 ? 0 : 1;
  return { passed: 1 - failed, failed, skipped: [], output, brief: "" };
}

const typed = () => filesBelow(root, [".ts"]).filter((path) => path !== PROBE);

/** Clock, time zone and randomness are part of the language itself, so that no type check can refuse them. */
const IMPURE = /\bDate\.now\b|\bnew Date\(\s*\)|\bgetTimezoneOffset\b|\btoLocale\w*String\b|\bMath\.random\b/;

async function pure({ deno }) {
  const files = typed().filter((path) => /^(?:core|outputs)\//.test(path) && !path.endsWith(TEST));
  const result = await plain(deno, ["check", "-q", "--config", "scripts/pure.json", PROBE, ...files]);
  for (const path of files) {
    const lines = readFileSync(join(root, path), "utf8").split("\n");
    lines.forEach((line, at) => {
      const word = IMPURE.exec(line.replace(/\/\/.*|^\s*\*.*/, ""))?.[0];
      if (word) result.output += `${path}:${at + 1} uses ${word}: time and randomness are handed in\n`;
      if (word) result.failed = 1;
    });
  }
  return { ...result, passed: 1 - result.failed, brief: `${files.length} files` };
}

/** Its types (checked before) stand by themselves (no "slow types"), its files are there, and its version is that of the program. */
async function publishable({ deno }) {
  const result = await plain(deno, ["publish", "--dry-run", "--allow-dirty", "--no-check", "-q"]);
  const [own, other] = ["package.json", "deno.json"].map((file) => {
    return JSON.parse(readFileSync(join(root, file), "utf8")).version;
  });
  if (own === other) return result;
  return { ...result, passed: 0, failed: 1, output: `${result.output}\ndeno.json has ${other}, package.json ${own}\n` };
}

const denoTest = (deno) => (files, report) => [
  deno,
  ["test", "-A", "-q", "--no-check", "--unstable-net", `--junit-path=${report}`, ...files],
];
const bunTest = (bun) => (files, report) => [
  bun,
  [
    "test",
    `--timeout=${TEST_MS}`,
    "--reporter=junit",
    `--reporter-outfile=${report}`,
    ...files.map((file) => `./${file}`),
  ],
];

async function tests(commandFor, only, below = "tests", env = {}, isElsewhere = () => false) {
  const apart = (path) => (below !== SYSTEMS && path.startsWith(`${SYSTEMS}/`)) || isElsewhere(path);
  const all = filesBelow(root, [TEST], below).filter((path) => !apart(path));
  const files = only.length > 0 ? all.filter((path) => only.some((part) => path.includes(part))) : all;
  const none = { passed: 0, failed: 1, skipped: [], brief: "" };
  if (files.length === 0) return { ...none, output: `no test file below ${below} matches ${only.join(" ") || TEST}\n` };
  const folder = mkdtempSync(join(tmpdir(), "twampede-test-"));
  try {
    const path = join(folder, "report.xml");
    const { status, output } = await run(...commandFor(files, path), { env, limitMs: ALL_MS });
    const report = read(path);
    if (!report) return { ...none, output: `${output}\nthe test runner wrote no report (status ${status})\n` };
    const result = counted(report, status, output, files.length);
    return only.length === 0 ? withConformance(result, report, files) : result;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function counted({ passed, failed, skipped }, status, output, files) {
  let bad = failed.length;
  let said = output;
  if (passed.length + failed.length === 0) {
    bad++;
    said += "\nno test ran\n";
  } else if (status !== 0 && bad === 0) {
    bad++;
    said += `\nno test failed, but the test runner did (status ${status})\n`;
  }
  const brief = `${passed.length} passed, ${bad} failed, ${skipped.length} skipped, ${files} files`;
  return { passed: passed.length, failed: bad, skipped, output: said, brief };
}

/** What docs/conformance.md says is shown by a test must have been tried; one that was skipped is told of by itself. */
function withConformance(result, { passed, failed, skipped }, files) {
  const missing = unproven([...passed, ...failed, ...skipped]).filter(({ file }) => files.includes(file));
  const said = missing.map(({ file, name }) => `docs/conformance names a test that did not run: ${file}: ${name}\n`);
  return { ...result, failed: result.failed + missing.length, output: result.output + said.join("") };
}

async function executable({ bun, only }) {
  const built = await run(process.execPath, [join(root, "scripts/build.mjs")]);
  if (built.status !== 0) return { passed: 0, failed: 1, skipped: [], output: built.output, brief: "" };
  const path = join(root, "dist", process.platform === "win32" ? "twampede.exe" : "twampede");
  const result = await tests(bunTest(bun), only, "tests/cli", { TWAMPEDE_EXE: path });
  return { ...result, output: built.output + result.output };
}

/** Built once for all its tests; TWAMPEDE_DIST names a folder where that was done elsewhere. */
async function systems({ bun, only }) {
  if (process.env.TWAMPEDE_DIST) return await tests(bunTest(bun), only, SYSTEMS);
  const built = await run(process.execPath, [join(root, "scripts/build.mjs"), "--all"]);
  if (built.status !== 0) return { passed: 0, failed: 1, skipped: [], output: built.output, brief: "" };
  const result = await tests(bunTest(bun), only, SYSTEMS, { TWAMPEDE_DIST: join(root, "dist") });
  return { ...result, output: built.output + result.output };
}

function read(path) {
  try {
    return readReport(readFileSync(path, "utf8"));
  } catch {
    return null;
  }
}
