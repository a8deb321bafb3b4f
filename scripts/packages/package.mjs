// npm run package [-- deb rpm manifests] [--arch x64]: packages in dist/packages/ of the executables in dist/.
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { setup } from "../setup.mjs";
import { contents, root, sourceDate } from "./contents.mjs";
import { makeDeb } from "./deb.mjs";
import { makeManifests } from "./manifests.mjs";
import { makeRpm } from "./rpm.mjs";
import { homepageOf } from "./tool.mjs";

const FORMATS = { deb: makeDeb, rpm: makeRpm };
const ARCHS = ["x64", "arm64"];
const HELP = `usage: npm run package -- [deb] [rpm] [manifests] [options]
  --arch x64|arm64   repeatable (default: each that dist/ has an executable for)
  --dist DIR         where executables and SHA256SUMS are (default: dist)
  --out DIR          where packages go (default: packages below that)
  --url URL          what manifests download from (default: the release on GitHub)
  --maintainer TEXT  'Name <address>' of packages (default: $TWAMPEDE_MAINTAINER)
  --fast             compress nothing, for tests`;

function options() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      arch: { type: "string", multiple: true },
      dist: { type: "string", default: join(root, "dist") },
      out: { type: "string" },
      url: { type: "string" },
      maintainer: {
        type: "string",
        default: process.env.TWAMPEDE_MAINTAINER || "The twampede authors <root@localhost>",
      },
      fast: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const known = [...Object.keys(FORMATS), "manifests"];
  const unknown = positionals.find((word) => !known.includes(word));
  if (unknown !== undefined) throw new Error(`'${unknown}' is not known: ${known.join(", ")}`);
  const strange = values.arch?.find((arch) => !ARCHS.includes(arch));
  if (strange !== undefined) throw new Error(`--arch ${strange} is not known: ${ARCHS.join(" or ")}`);
  if (!/^[^<>\n]+ <[^<>\s]+@[^<>\s]+>$/.test(values.maintainer)) {
    throw new Error(`--maintainer '${values.maintainer}' is not 'Name <address>'`);
  }
  const dist = resolve(values.dist);
  const out = resolve(values.out ?? join(dist, "packages"));
  return { ...values, dist, out, formats: positionals.length > 0 ? positionals : Object.keys(FORMATS) };
}

const executable = (dist, arch) => join(dist, `twampede-linux-${arch}`);

async function makePackages(chosen, formats) {
  const archs = chosen.arch ?? ARCHS.filter((arch) => existsSync(executable(chosen.dist, arch)));
  if (archs.length === 0) throw new Error(`${chosen.dist} has no twampede-linux-x64 or -arm64: npm run build -- --all`);
  const epoch = sourceDate();
  const homepage = homepageOf(JSON.parse(readFileSync(join(root, "package.json"), "utf8")));
  for (const arch of archs) {
    const exe = executable(chosen.dist, arch);
    if (!existsSync(exe)) throw new Error(`${exe} is not there: npm run build -- --target linux-${arch}`);
    for (const format of formats) {
      const folder = mkdtempSync(join(tmpdir(), "twampede-package-"));
      try {
        const start = performance.now();
        const list = contents(exe, format);
        const { out, fast, maintainer } = chosen;
        const name = await FORMATS[format]({ arch, list, folder, out, epoch, fast, maintainer, homepage });
        const megabytes = (statSync(join(out, name)).size / 1e6).toFixed(1);
        const seconds = ((performance.now() - start) / 1000).toFixed(1);
        console.log(`${join(out, name).padEnd(60)} ${megabytes.padStart(7)} MB ${seconds.padStart(6)} s`);
        if (!list.some(({ to }) => to.includes("/man/"))) {
          console.error(`package: note: ${name} has no manual pages: there is no man/`);
        }
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    }
  }
}

/** Over all that lies there, so that it is right whichever of them was made anew. */
function writeSums(out) {
  const names = readdirSync(out).filter((name) => /\.(?:deb|rpm|rb|json)$/.test(name)).sort();
  const sum = (name) => createHash("sha256").update(readFileSync(join(out, name))).digest("hex");
  writeFileSync(join(out, "SHA256SUMS"), names.map((name) => `${sum(name)}  ${name}\n`).join(""));
}

async function main() {
  const chosen = options();
  if (chosen.help) return console.log(HELP);
  await setup("packages");
  mkdirSync(chosen.out, { recursive: true });
  const formats = chosen.formats.filter((format) => format in FORMATS);
  if (formats.length > 0) await makePackages(chosen, formats);
  if (chosen.formats.includes("manifests")) {
    for (const path of makeManifests(chosen)) console.log(path);
  }
  writeSums(chosen.out);
}

await main().catch((error) => {
  console.error(`package: ${error.message}`);
  process.exitCode = 1;
});
