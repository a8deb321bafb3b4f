// What an executable is made of, as a software bill of materials: CycloneDX 1.6 (ECMA-424) in JSON. Made from
// package-lock.json alone, so that it is the same wherever it is made.
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../setup.mjs";
import { TARGETS } from "../targets.mjs";

/** The document for executables made with `runtime` (`bun` or `deno`). */
export function makeSbom({ version, commit, date }, runtime) {
  const lock = JSON.parse(read("package-lock.json"));
  const packages = Object.entries(lock.packages).filter(([path, { dev }]) => path !== "" && !dev);
  const libraries = packages.map(([path, entry]) => library(nameOf(path), entry, "library"));
  const runtimes = runtimePackages(runtime).map((name) =>
    library(name, lock.packages[`node_modules/${name}`], "platform")
  );
  const self = `twampede@${version}`;
  const components = [...libraries, ...runtimes].sort((a, b) => a["bom-ref"] < b["bom-ref"] ? -1 : 1);
  const refs = new Map(components.map((one) => [one["bom-ref"].replace(/(?<=.)@[^@]*$/, ""), one["bom-ref"]]));
  const needs = (names) => names.map((name) => refs.get(name)).filter(Boolean).sort();
  const tree = packages.map(([path, { dependencies = {} }]) => ({
    ref: refs.get(nameOf(path)),
    dependsOn: needs(Object.keys(dependencies)),
  }));
  const own = [...Object.keys(lock.packages[""].dependencies), ...runtimePackages(runtime)];
  const body = {
    version: 1,
    metadata: {
      ...(date === null ? {} : { timestamp: date }),
      tools: { components: [{ type: "application", name: "twampede/scripts/release/sbom.mjs", version }] },
      component: {
        "type": "application",
        "bom-ref": self,
        "name": "twampede",
        version,
        "licenses": [{ license: { id: lock.packages[""].license } }],
        ...(commit === null ? {} : { pedigree: { commits: [{ uid: commit }] } }),
      },
    },
    components,
    dependencies: [
      { ref: self, dependsOn: needs(own) },
      ...tree,
      ...runtimes.map((one) => ({ ref: one["bom-ref"], dependsOn: [] })),
    ].sort((a, b) => a.ref < b.ref ? -1 : 1),
  };
  return { bomFormat: "CycloneDX", specVersion: "1.6", serialNumber: serial(body), ...body };
}

/** The runtime inside, one package a system. */
function runtimePackages(runtime) {
  return runtime === "bun" ? TARGETS.map(({ base }) => base) : ["deno"];
}

const nameOf = (path) => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);

function library(name, { version, integrity, license }, type) {
  const content = Buffer.from(integrity.replace(/^sha512-/, ""), "base64").toString("hex");
  return {
    type,
    "bom-ref": `${name}@${version}`,
    ...(name.startsWith("@") ? { group: name.split("/")[0] } : {}),
    "name": name.split("/").pop(),
    version,
    "scope": "required",
    "hashes": [{ alg: "SHA-512", content }],
    ...(license === undefined ? {} : { licenses: [{ license: { id: license } }] }),
    "purl": `pkg:npm/${name.replace("@", "%40")}@${version}`,
  };
}

/** A UUID of version 8 (RFC 9562): by what is in the document, not by chance. */
function serial(body) {
  const hash = createHash("sha256").update(JSON.stringify(body)).digest();
  hash[6] = (hash[6] & 0x0f) | 0x80;
  hash[8] = (hash[8] & 0x3f) | 0x80;
  const hex = hash.toString("hex", 0, 16);
  return `urn:uuid:${hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")}`;
}

const read = (path) => readFileSync(join(root, path), "utf8");
