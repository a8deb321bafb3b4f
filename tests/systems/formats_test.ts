/**
 * Each system's executable as a file: made for that system and processor, with the program inside, and signed where the
 * system starts nothing else. What cannot be run here is at least known to be what it should be.
 */
import { before, test } from "node:test";
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { inspect } from "../../scripts/release/inspect.mjs";
import { readMachO } from "../../scripts/release/macho.mjs";
import { signAdHoc } from "../../scripts/release/macho_sign.mjs";
import { TARGETS } from "../../scripts/targets.mjs";
import { build } from "./smoke.ts";

/** What the loader of each system must find in the file. */
const EXPECTED: Record<string, Record<string, unknown>> = {
  "linux-x64": { format: "elf", interpreter: "/lib64/ld-linux-x86-64.so.2", libc: "glibc", minimum: "glibc 2.17" },
  "linux-arm64": { format: "elf", interpreter: "/lib/ld-linux-aarch64.so.1", libc: "glibc", minimum: "glibc 2.17" },
  "linux-x64-musl": { format: "elf", interpreter: "/lib/ld-musl-x86_64.so.1", libc: "musl" },
  "linux-arm64-musl": { format: "elf", interpreter: "/lib/ld-musl-aarch64.so.1", libc: "musl" },
  "windows-x64": { format: "pe", subsystem: "console", authenticode: null },
  "windows-arm64": { format: "pe", subsystem: "console", authenticode: null },
  "darwin-x64": { format: "macho", minimum: "macOS 13.0" },
  "darwin-arm64": { format: "macho", minimum: "macOS 13.0" },
  "freebsd-x64": { format: "elf", interpreter: "/libexec/ld-elf.so.1", libc: null },
};
/** Libraries that every system of the kind has; musl's C++ library is the one that has to be installed. */
const LIBRARIES: Record<string, RegExp> = {
  "linux": /^(?:lib(?:c|pthread|dl|m)\.so\.6|lib(?:pthread|dl)\.so\.[02]|ld-linux-[\w-]+\.so\.[12])$/,
  "linux-musl": /^(?:libc\.musl-\w+\.so\.1|libstdc\+\+\.so\.6)$/,
  "darwin": /^\/usr\/lib\//,
  "freebsd": /^lib(?:c|thr|m|c\+\+|cxxrt)\.so\.\d$/,
};

const said: Record<string, any> = {};
let folder = "";

before(() => {
  for (const { id } of TARGETS) {
    const path = build(id);
    folder = dirname(path);
    said[id] = inspect(path);
  }
});

for (const { id, system, processor, libc } of TARGETS) {
  test(`${id}: a file for that system and processor, with the program inside`, () => {
    const file = said[id];
    assert.deepEqual([file.system, file.processor], [system, processor]);
    for (const [key, value] of Object.entries(EXPECTED[id])) assert.deepEqual(file[key], value, key);
    const known = LIBRARIES[libc === "musl" ? "linux-musl" : system];
    for (const library of file.needs ?? []) assert.match(library, known);
    assert.ok(file.bundle?.octets > 500_000, JSON.stringify(file.bundle));
    const commands = file.bundle.files.map((name: string) => name.split("-")[0]);
    for (const name of ["run", "sender", "controller", "doctor", "responder_worker.js"]) {
      assert.ok(commands.includes(name), `${name} is not among ${commands}`);
    }
  });
}

for (const id of ["darwin-x64", "darwin-arm64"]) {
  test(`${id}: the hashes of its pages are those of its signature`, () => {
    const { signature, size } = said[id];
    assert.deepEqual([signature.valid, signature.reason, signature.kind], [true, null, "ad-hoc"]);
    assert.ok(signature.pages * 4096 > size * 0.98, "it covers the file");
  });
}

test("a changed octet is seen, and signing anew mends it", () => {
  const file = readFileSync(build("darwin-x64"));
  file[file.length >> 1] ^= 1;
  assert.match(String(readMachO(file).signature!.reason), /^page \d+ of \d+ is not what was signed$/);
  const signed = signAdHoc(file, "twampede");
  assert.deepEqual(readMachO(signed).signature!.valid, true);
  // The headers are hashed too.
  signed[40] ^= 1;
  assert.match(String(readMachO(signed).signature!.reason), /^page 0 of /);
});

// Only of a whole build there is a list.
if (process.env.TWAMPEDE_DIST) {
  test("SHA256SUMS and executables.json tell what was built", () => {
    const read = (name: string) => readFileSync(join(folder, name));
    const sums = read("SHA256SUMS").toString().trim().split("\n").map((line) => line.split("  "));
    assert.deepEqual(sums.map(([, name]) => name), [...TARGETS.map(({ name }) => name), "twampede.cdx.json"]);
    for (const [sum, name] of sums) assert.equal(createHash("sha256").update(read(name)).digest("hex"), sum, name);
    const { schema, executables } = JSON.parse(read("executables.json").toString());
    assert.equal(schema, "twampede/executables/1");
    for (const [index, { name, size, sha256 }] of executables.entries()) {
      assert.deepEqual([sha256, name, size], [...sums[index], said[TARGETS[index].id].size]);
    }
  });
}
