// node scripts/release/sign_windows.mjs [--require] FILE.exe…: signs by certificate, with osslsigncode, so on any system.
// WINDOWS_CERTIFICATE: a PKCS #12 file in base64; WINDOWS_CERTIFICATE_PASSWORD; WINDOWS_TIMESTAMP_URL if not the usual.
import { execFileSync } from "node:child_process";
import { renameSync } from "node:fs";
import process from "node:process";
import { inspect } from "./inspect.mjs";
import { filesToSign, put, secrets, withSecretFolder } from "./secrets.mjs";

const STEP = "sign-windows";
/** A signature without a time ends with its certificate. Set to nothing: without one, for trying. */
const TIMES = process.env.WINDOWS_TIMESTAMP_URL ?? "http://timestamp.digicert.com";

const files = filesToSign(STEP);
const secret = secrets(STEP, ["WINDOWS_CERTIFICATE", "WINDOWS_CERTIFICATE_PASSWORD"]);
if (secret !== null) {
  withSecretFolder((folder) => {
    const certificate = put(folder, "certificate.p12", secret.WINDOWS_CERTIFICATE, "base64");
    const password = put(folder, "password", secret.WINDOWS_CERTIFICATE_PASSWORD);
    for (const file of files) {
      const by = ["-pkcs12", certificate, "-readpass", password, "-h", "sha256"];
      const what = ["-n", "twampede", ...(TIMES === "" ? [] : ["-ts", TIMES])];
      const signed = `${file}.signed`;
      execFileSync("osslsigncode", ["sign", ...by, ...what, "-in", file, "-out", signed], { stdio: "inherit" });
      renameSync(signed, file);
      const { authenticode, bundle } = inspect(file);
      if (!authenticode?.inside || bundle === null) throw new Error(`${file} is broken by signing`);
      console.log(`${STEP}: ${file}: ${authenticode.octets} octets of signature`);
    }
  });
}
