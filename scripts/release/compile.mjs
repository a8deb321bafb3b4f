// One executable from the program's sources, by either compiler.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../run.mjs";
import { root } from "../setup.mjs";
import { BUN_FLAGS } from "../targets.mjs";
import { bundleForDeno, denoCommand } from "./deno.mjs";
import { readMachO } from "./macho.mjs";
import { signAdHoc } from "./macho_sign.mjs";

const COMPILE_MS = 600_000;
const entry = "cli/main.ts";
/** What threads are started from. Nothing imports these, so the compiler has to be told. */
const threads = ["cli/responder_worker.ts"];
/** What both compilers call the result, whatever it is called later: Bun writes this name into it. */
const NAME = "twampede";

/**
 * Compiles the sources in `from` for `target` into `file`. `build` is what the program says of its origin, `base` the
 * runtime for Bun. Returns null when it is there, else the reason why not in one line.
 */
export async function compile({ runtime, exe, target, base = null, build, file, from = root, env = {} }) {
  const ending = target.system === "windows" ? ".exe" : "";
  // In a folder of its own, so that nobody finds half a file, and a running one is replaced, not overwritten.
  const folder = `${file}.part`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  try {
    const part = join(folder, `${NAME}${ending}`);
    if (runtime === "deno") {
      const failure = await bundleForDeno({ exe, build, from, folder, env });
      if (failure !== null) return failure;
    }
    const [command, args] = runtime === "bun"
      ? bunCommand(exe, { target, base, build, part })
      : denoCommand(exe, { target, folder, part });
    const { status, output } = await run(command, args, { limitMs: COMPILE_MS, cwd: from, env });
    if (status !== 0) return reason(runtime, status, output);
    if (target.system === "darwin") mendSignature(part);
    renameSync(part, file);
    return null;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function bunCommand(bun, { target, base, build, part }) {
  const where = [`--target=${target.bun}`, `--compile-executable-path=${base}`, `--outfile=${part}`];
  const known = `--define=TWAMPEDE_BUILD=${JSON.stringify(build)}`;
  return [bun, ["build", ...BUN_FLAGS, known, ...where, entry, ...threads]];
}

/** Bun leaves the runtime's own signature in some files (x64), which is not the program's. */
function mendSignature(path) {
  const file = readFileSync(path);
  if (readMachO(file).signature?.valid) return;
  writeFileSync(path, signAdHoc(file, NAME));
}

function reason(runtime, status, output) {
  if (runtime === "deno" && /denort/.test(output)) {
    return "deno compile needs the runtime archive denort of exactly its version and could not download it: " +
      "put it into $DENO_DIR/dl, or name the unpacked file in DENORT_BIN";
  }
  const lines = output.split("\n").map((line) => line.trim()).filter(Boolean);
  const at = lines.findIndex((line) => /\berror\b/i.test(line));
  if (at < 0) return lines.pop() ?? `the compiler ended with ${status}`;
  return [lines[at], lines.slice(at).find((line) => line.startsWith("at "))].filter(Boolean).join(" ");
}
