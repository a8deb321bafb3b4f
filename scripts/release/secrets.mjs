// What signing needs comes from the environment, and is there only where releases are made. Without it a step says so and
// goes on, so that a fork can release unsigned files; with `--require` it fails.
import { Buffer } from "node:buffer";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

/** The values of the variables `names`; null, with a line that says so, where one is missing. */
export function secrets(step, names) {
  const missing = names.filter((name) => !process.env[name]);
  if (missing.length === 0) return Object.fromEntries(names.map((name) => [name, process.env[name]]));
  console.log(`${step}: nothing signed, for want of ${missing.join(", ")}`);
  if (process.argv.includes("--require")) process.exitCode = 1;
  return null;
}

/** Files named on the command line, or an error with how to call it. */
export function filesToSign(step) {
  const files = process.argv.slice(2).filter((word) => !word.startsWith("--"));
  if (files.length > 0) return files;
  console.error(`${step}: name the files to sign`);
  process.exit(2);
}

/** Runs `use` with a folder that nobody else can look into, and that is gone afterwards. */
export function withSecretFolder(use) {
  const folder = mkdtempSync(join(tmpdir(), "twampede-sign-"));
  chmodSync(folder, 0o700);
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Writes a secret (text, or octets in base64) into `folder`; returns the path. */
export function put(folder, name, secret, encoding = "utf8") {
  const path = join(folder, name);
  writeFileSync(path, Buffer.from(secret, encoding), { mode: 0o600 });
  return path;
}
