// node scripts/release/sign_macos.mjs [--require] FILE…: on macOS, signs by certificate and has Apple notarise.
// APPLE_CERTIFICATE: a PKCS #12 file ("Developer ID Application") in base64; APPLE_CERTIFICATE_PASSWORD; APPLE_IDENTITY:
// its name; APPLE_API_KEY: an App Store Connect key (.p8) in base64; APPLE_API_KEY_ID; APPLE_API_ISSUER.
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import process from "node:process";
import { root } from "../setup.mjs";
import { inspect } from "./inspect.mjs";
import { filesToSign, put, secrets, withSecretFolder } from "./secrets.mjs";

const STEP = "sign-macos";
const ENTITLEMENTS = join(root, "scripts/release/entitlements.plist");
const CERTIFICATE = ["APPLE_CERTIFICATE", "APPLE_CERTIFICATE_PASSWORD", "APPLE_IDENTITY"];
const NOTARY = ["APPLE_API_KEY", "APPLE_API_KEY_ID", "APPLE_API_ISSUER"];

const run = (command, ...args) => execFileSync(command, args, { stdio: ["ignore", "inherit", "inherit"] });

/** Signs with the hardened runtime, which Apple's notaries ask for. */
function sign(folder, files, secret) {
  const keychain = join(folder, "signing.keychain-db");
  const password = randomBytes(24).toString("hex");
  const certificate = put(folder, "certificate.p12", secret.APPLE_CERTIFICATE, "base64");
  run("security", "create-keychain", "-p", password, keychain);
  try {
    run("security", "unlock-keychain", "-p", password, keychain);
    run(
      "security",
      "import",
      certificate,
      "-k",
      keychain,
      "-P",
      secret.APPLE_CERTIFICATE_PASSWORD,
      "-T",
      "/usr/bin/codesign",
    );
    // Without this codesign asks a person for leave.
    run("security", "set-key-partition-list", "-S", "apple-tool:,apple:", "-s", "-k", password, keychain);
    for (const file of files) {
      const how = ["--force", "--timestamp", "--options", "runtime", "--entitlements", ENTITLEMENTS];
      run(
        "codesign",
        ...how,
        "--identifier",
        "twampede",
        "--keychain",
        keychain,
        "--sign",
        secret.APPLE_IDENTITY,
        file,
      );
      run("codesign", "--verify", "--strict", "--verbose", file);
      const { signature, bundle } = inspect(file);
      if (!signature?.valid || bundle === null) throw new Error(`${file} is broken by signing: ${signature?.reason}`);
    }
  } finally {
    run("security", "delete-keychain", keychain);
  }
}

/** A lone executable cannot carry the notaries' answer: macOS asks for it by the hash at the first start. */
function notarise(folder, files, secret) {
  const key = put(folder, "key.p8", secret.APPLE_API_KEY, "base64");
  const who = ["--key", key, "--key-id", secret.APPLE_API_KEY_ID, "--issuer", secret.APPLE_API_ISSUER];
  for (const file of files) {
    const archive = join(folder, "file.zip");
    run("ditto", "-c", "-k", file, archive);
    run("xcrun", "notarytool", "submit", archive, ...who, "--wait");
  }
}

const files = filesToSign(STEP);
const certificate = secrets(STEP, CERTIFICATE);
if (certificate !== null && process.platform !== "darwin") {
  console.error(`${STEP}: codesign is on macOS only`);
  process.exit(1);
}
if (certificate !== null) withSecretFolder((folder) => sign(folder, files, certificate));
const notary = certificate && secrets(`${STEP} (notarise)`, NOTARY);
if (notary) withSecretFolder((folder) => notarise(folder, files, notary));
