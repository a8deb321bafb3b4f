// What was built, for machines: SHA256SUMS, and executables.json with what each file is and needs.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "./inspect.mjs";
import { startTime } from "./start_time.mjs";

export const sha256 = (path) => createHash("sha256").update(readFileSync(path)).digest("hex");

/** One executable's entry in the list. */
export function describe(folder, target, compiler) {
  const path = join(folder, target.name);
  const { format, processor, interpreter = null, needs = [], minimum = null, signature = null, ...said } = inspect(
    path,
  );
  return {
    name: target.name,
    system: target.system,
    processor,
    libc: target.libc,
    size: said.size,
    sha256: sha256(path),
    compiler,
    format,
    interpreter,
    minimum,
    needs,
    bundleSize: said.bundle?.octets ?? null,
    signature: signature && { kind: signature.kind, valid: signature.valid },
    start: startTime(path, target),
  };
}

/** An entry after the file was signed: that changes what it tells of size, sum and signature. */
export function renewed(folder, entry) {
  const path = join(folder, entry.name);
  const { size, signature = null } = inspect(path);
  return {
    ...entry,
    size,
    sha256: sha256(path),
    signature: signature && { kind: signature.kind, valid: signature.valid },
  };
}

export function writeList(folder, origin, executables) {
  const list = { schema: "twampede/executables/1", ...origin, executables };
  writeFileSync(join(folder, "executables.json"), `${JSON.stringify(list, null, 2)}\n`);
}

/** In the form that `sha256sum --check` reads. */
export function writeSums(folder, names) {
  const lines = names.map((name) => `${sha256(join(folder, name))}  ${name}\n`);
  writeFileSync(join(folder, "SHA256SUMS"), lines.join(""));
}
