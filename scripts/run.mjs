// Runs a program to its end and keeps what it says.
import { Buffer } from "node:buffer";
import { spawn } from "node:child_process";
import process from "node:process";
import { root } from "./setup.mjs";

/** No colours in what is kept, no looking for newer versions. */
export function childEnvironment(extra = {}) {
  const { FORCE_COLOR: _, RUST_BACKTRACE: __, ...rest } = process.env;
  return { ...rest, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", ...extra };
}

/** `{ status, output }`: both streams together, in the order in which they came; `status` is a signal's name if killed. */
export function run(command, args, { env = {}, limitMs = 1_800_000, cwd = root } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env: childEnvironment(env), stdio: ["ignore", "pipe", "pipe"] });
    const chunks = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => chunks.push(chunk));
    const text = () => Buffer.concat(chunks).toString("utf8");
    const limit = setTimeout(() => {
      chunks.push(Buffer.from(`\nkilled: it had not ended after ${limitMs / 1000} s\n`));
      child.kill("SIGKILL");
    }, limitMs);
    child.on("error", (error) => {
      clearTimeout(limit);
      resolve({ status: error.code ?? "failed", output: `${text()}cannot start ${command}: ${error.message}\n` });
    });
    child.on("close", (code, signal) => {
      clearTimeout(limit);
      resolve({ status: signal ?? code, output: text() });
    });
  });
}
