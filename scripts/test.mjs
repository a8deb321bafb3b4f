// npm test [-- STEP… | PART-OF-A-TEST-FILE'S-PATH…]: everything that must hold, on a fresh clone with only npm.
import process from "node:process";
import { runtimes } from "./setup.mjs";
import { CHECKS, STEPS } from "./steps.mjs";

const SHOW_TIME_MS = 1_000;

const words = process.argv[2] === "--checks" ? CHECKS : process.argv.slice(2);
const unknown = words.find((word) => !(word in STEPS) && !/[/_.]/.test(word));
if (unknown !== undefined) {
  console.error(`test: ${unknown} is neither a step (${Object.keys(STEPS).join(", ")}) nor a path with a / or _ in it`);
  process.exit(2);
}
const only = words.filter((word) => !(word in STEPS));
let names = Object.keys(STEPS).filter((name) => words.includes(name));
if (names.length === 0) {
  const apart = only.length > 0 && only.every((part) => part.includes("systems/"));
  names = apart ? ["systems"] : only.length > 0 ? ["deno", "bun"] : Object.keys(STEPS);
}

const inCi = /^(?:true|1)$/.test(process.env.CI ?? "");
const total = { passed: 0, failed: 0, skipped: 0 };
const failures = [];

try {
  const context = { ...(await runtimes()), only, steps: only.length > 0 ? [] : names };
  for (const name of names) report(name, await timed(name, context));
} catch (error) {
  console.error(`test: ${error.message}`);
  total.failed++;
}
if (failures.length > 0) console.log(`\nfailed: ${failures.join(", ")}`);
console.log(`${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ""}`);
process.exitCode = total.failed > 0 ? 1 : 0;

async function timed(name, context) {
  const start = performance.now();
  const result = await STEPS[name].do(context);
  return { ...result, ms: performance.now() - start };
}

function report(name, { passed, failed, skipped, output, brief, ms }) {
  // A test that is skipped where everything was installed for it would go unnoticed for ever.
  const missing = inCi ? skipped : [];
  const bad = failed + missing.length;
  const time = ms >= SHOW_TIME_MS ? `${(ms / 1000).toFixed(1)} s` : "";
  const details = [brief, time].filter(Boolean).join(", ");
  console.log(`${bad > 0 ? "FAILED" : "ok    "} ${name.padEnd(8)}${STEPS[name].what}${details ? `: ${details}` : ""}`);
  if (bad > 0) {
    console.log(output.replace(/^(?=.)/gm, "    ").trimEnd());
    failures.push(name);
  }
  for (const test of missing) console.log(`    skipped, which counts as failed where CI is set: ${test}`);
  if (missing.length === 0) { for (const test of skipped) console.log(`    skipped: ${test}`); }
  total.passed += passed;
  total.failed += bad;
  total.skipped += skipped.length - missing.length;
}
