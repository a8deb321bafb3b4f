// Reads the test report both runners can write. Their printed summaries count different things (Deno counts a suite as
// a test and a subtest as a step); in the report each test is an element.

/** `{ passed, failed, skipped }`: names of tests. Null when there is no report worth the name. */
export function readReport(xml) {
  if (!/<testsuites\b/.test(xml)) return null;
  const result = { passed: [], failed: [], skipped: [] };
  const cases = [...xml.matchAll(CASE)].map(([, attributes, , inside = ""]) => ({ name: nameOf(attributes), inside }));
  // Deno lists a suite beside what is in it: that is no test of its own, unless it failed by itself.
  const inSuite = (name) => cases.filter((one) => one.name.startsWith(`${name} > `));
  for (const { name, inside } of cases) {
    const bad = /<(?:failure|error)\b/.test(inside);
    const parts = inSuite(name);
    if (parts.length > 0 && (!bad || parts.some((one) => /<(?:failure|error)\b/.test(one.inside)))) continue;
    if (bad) result.failed.push(name);
    else if (/<skipped\b/.test(inside)) result.skipped.push(name);
    else result.passed.push(name);
  }
  return result;
}

const CASE = /<testcase\b((?:\s+[\w-]+="[^"]*")*)\s*(\/>|>([\s\S]*?)<\/testcase>)/g;

function nameOf(attributes) {
  const read = (key) => decode(new RegExp(`\\s${key}="([^"]*)"`).exec(attributes)?.[1] ?? "");
  const name = read("name");
  const suite = read("classname");
  // Deno's class name is the file and its test names hold the suite already; Bun's is the suite.
  return read("file") && suite ? `${suite} > ${name}` : name;
}

const NAMED = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };

function decode(text) {
  return text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal, hex, name) => {
    if (name) return NAMED[name] ?? whole;
    return String.fromCodePoint(decimal ? Number(decimal) : parseInt(hex, 16));
  });
}
