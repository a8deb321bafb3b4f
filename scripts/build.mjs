// npm run build [-- --all | --target NAME] [--runtime bun|deno]: executables in dist/ that need nothing installed.
// npm run build -- --check-reproducible [--target NAME]: builds twice, in different places, and compares.
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { bases } from "./release/bases.mjs";
import { origin } from "./release/commit.mjs";
import { compile } from "./release/compile.mjs";
import { describe, writeList, writeSums } from "./release/list.mjs";
import { differences } from "./release/reproducible.mjs";
import { makeSbom } from "./release/sbom.mjs";
import { root, runtimes } from "./setup.mjs";
import { hostTarget, TARGETS } from "./targets.mjs";

const SBOM = "twampede.cdx.json";

function options() {
  try {
    const { values } = parseArgs({
      options: {
        "all": { type: "boolean", default: false },
        "target": { type: "string", multiple: true, default: [] },
        "runtime": { type: "string", default: "bun" },
        "check-reproducible": { type: "boolean", default: false },
      },
    });
    if (["bun", "deno"].includes(values.runtime)) return values;
    refuse(`--runtime ${values.runtime} is not known: bun or deno`);
  } catch (error) {
    const known = "--all, --target NAME, --runtime bun|deno and --check-reproducible";
    refuse(`${error.message.split(". ")[0]}; the options are ${known}`);
  }
}

function refuse(why) {
  console.error(`build: ${why}`);
  process.exit(2);
}

/** What to build: those asked for, else the one for this machine. */
function chosen({ all, target, runtime }) {
  const targets = TARGETS.filter((one) => one[runtime] !== null);
  const unknown = target.find((wanted) => !targets.some(({ id }) => id === wanted));
  if (unknown !== undefined) {
    refuse(`--target ${unknown} is not known to ${runtime}: ${targets.map(({ id }) => id).join(", ")}`);
  }
  if (all) return targets;
  if (target.length > 0) return targets.filter(({ id }) => target.includes(id));
  const host = hostTarget();
  if (!targets.includes(host)) {
    refuse(`${runtime} has no target for ${process.platform}-${process.arch}: name one by --target`);
  }
  return [host];
}

/** What all files of a build share: compiler, runtimes, and what each says of its origin. */
async function prepare(runtime, targets) {
  const exe = (await runtimes())[runtime];
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  const compiler = `${runtime} ${packages[`node_modules/${runtime}`].version}`;
  const from = origin();
  const { version: _, ...known } = from;
  const build = ({ id }) => ({ ...known, compiler, target: id });
  return { runtime, exe, compiler, origin: from, build, bases: runtime === "bun" ? await bases(targets) : {} };
}

async function main() {
  const asked = options();
  const targets = chosen(asked);
  const how = await prepare(asked.runtime, targets);
  const failed = asked["check-reproducible"] ? await checkTwice(targets, how) : await buildAll(targets, how, asked);
  process.exitCode = failed > 0 ? 1 : 0;
}

async function buildAll(targets, how, { all, target }) {
  const folder = how.runtime === "bun" ? "dist" : "dist/deno";
  mkdirSync(join(root, folder), { recursive: true });
  // Without --target it is for this machine, and called so that its documentation can name it.
  const nameOf = (one) => (all || target.length > 0 ? one.name : one.name.replace(`-${one.id}`, ""));
  const width = Math.max(...targets.map((one) => nameOf(one).length)) + folder.length + 1;
  const built = [];
  for (const one of targets) {
    const name = `${folder}/${nameOf(one)}`;
    const start = performance.now();
    const base = how.bases[one.id];
    const reason = await compile({ ...how, target: one, base, build: how.build(one), file: join(root, name) });
    if (reason !== null) {
      console.error(`build: ${name} could not be made: ${reason}`);
      continue;
    }
    built.push(one);
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    const megabytes = (statSync(join(root, name)).size / 1e6).toFixed(1);
    console.log(`${name.padEnd(width)} ${megabytes.padStart(7)} MB ${seconds.padStart(6)} s`);
  }
  if (all && built.length > 0) writeLists(join(root, folder), built, how);
  return targets.length - built.length;
}

function writeLists(folder, built, how) {
  writeFileSync(join(folder, SBOM), `${JSON.stringify(makeSbom(how.origin, how.runtime), null, 2)}\n`);
  writeSums(folder, [...built.map(({ name }) => name), SBOM]);
  writeList(folder, how.origin, built.map((one) => describe(folder, one, how.compiler)));
}

async function checkTwice(targets, how) {
  let failed = 0;
  for await (const { target, difference } of differences(targets, how)) {
    if (difference !== null) failed++;
    const said = difference === null ? "the same octets twice" : `differs: ${difference}`;
    console.log(`${target.name.padEnd(28)} ${said}`);
  }
  return failed;
}

await main().catch((error) => {
  console.error(`build: ${error.message}`);
  process.exitCode = 1;
});
