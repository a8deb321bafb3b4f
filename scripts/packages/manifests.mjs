// A Homebrew formula and a Scoop manifest, from the version and SHA256SUMS of a release.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { NAME, root, template, VERSION } from "./contents.mjs";
import { homepageOf } from "./tool.mjs";

/** Writes both into `out`; returns their paths. */
export function makeManifests({ dist, out, url }) {
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const homepage = homepageOf(manifest);
  const base = url ?? (homepage && `${homepage}/releases/download/v${VERSION}`);
  if (base === undefined) throw new Error("nothing says where the release is downloaded from: give --url");
  const about = { homepage: homepage ?? base, base, description: manifest.description, license: manifest.license };
  const files = downloads(readSums(join(dist, "SHA256SUMS")));
  const formula = join(out, `${NAME}.rb`);
  const scoop = join(out, `${NAME}.json`);
  writeFileSync(formula, formulaOf(files, about));
  writeFileSync(scoop, `${JSON.stringify(scoopOf(files, about), null, 4)}\n`);
  return [formula, scoop];
}

/** `{ name: sum }` of the lines that sha256sum writes. */
export function readSums(path) {
  if (!existsSync(path)) throw new Error(`${path} is not there: npm run build -- --all`);
  const sums = {};
  for (const [, sum, name] of readFileSync(path, "utf8").matchAll(/^([0-9a-f]{64}) [ *](\S+)$/gm)) sums[name] = sum;
  return sums;
}

const SYSTEMS = ["darwin-arm64", "darwin-x64", "linux-arm64", "linux-x64", "windows-arm64", "windows-x64"];

/** What is downloaded for each system: an archive where there is one, else the executable itself. */
function downloads(sums) {
  const found = {};
  for (const system of SYSTEMS) {
    const pattern = new RegExp(`^twampede-(?:v?\\d[^/]*-)?${system}(\\.tar\\.gz|\\.zip|\\.exe|)$`);
    const names = Object.keys(sums).filter((name) => pattern.test(name));
    const name = names.find((one) => /\.(?:tar\.gz|zip)$/.test(one)) ?? names[0];
    if (name === undefined) throw new Error(`SHA256SUMS has nothing for ${system}: npm run build -- --all`);
    found[system] = { name, sum: sums[name] };
  }
  return found;
}

const classOf = (name) => name[0].toUpperCase() + name.slice(1);

function formulaOf(files, { homepage, base, description, license }) {
  const values = { class: classOf(NAME), description, homepage, license, version: VERSION };
  for (const [system, { name, sum }] of Object.entries(files)) {
    values[`${system}-url`] = `${base}/${name}`;
    values[`${system}-sha256`] = sum;
  }
  return template("formula.rb.in").replace(/@([a-z0-9-]+)@/g, (word, key) => {
    if (values[key] === undefined) throw new Error(`formula.rb.in has ${word}, which nothing gives`);
    return values[key];
  });
}

function scoopOf(files, { homepage, base, description, license }) {
  // A bare executable is given the name that it is called by: what follows #/ is Scoop's word for that. An archive has one
  // folder, called as the archive is.
  const rename = (name) => (name.endsWith(".exe") ? "#/twampede.exe" : "");
  const inside = (name) => (name.endsWith(".zip") ? { extract_dir: name.slice(0, -4) } : {});
  const entry = ({ name, sum }) => ({ url: `${base}/${name}${rename(name)}`, hash: sum, ...inside(name) });
  const next = ({ name }) =>
    JSON.parse(
      JSON.stringify({ url: `${base}/${name}${rename(name)}`, ...inside(name) }).replaceAll(VERSION, "$version"),
    );
  return {
    version: VERSION,
    description,
    homepage,
    license,
    architecture: { "64bit": entry(files["windows-x64"]), arm64: entry(files["windows-arm64"]) },
    bin: "twampede.exe",
    checkver: /^https:\/\/github\.com\//.test(homepage) ? "github" : { url: homepage, regex: "v([\\d.]+)" },
    autoupdate: {
      architecture: { "64bit": next(files["windows-x64"]), arm64: next(files["windows-arm64"]) },
      hash: { url: "$baseurl/SHA256SUMS" },
    },
  };
}
