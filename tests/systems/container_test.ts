/** The image of the Dockerfile, without an engine: its files by the same script, its commands in a root of their own. */
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { Run, tool } from "../cli/support.ts";
import { build } from "./smoke.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const ARCHITECTURE: Record<string, string> = { x64: "amd64", arm64: "arm64" };

function whyNot(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "not root on Linux";
  for (const name of ["unshare", "nsenter", "chroot", "ip", "pgrep"]) if (tool(name) === undefined) return `no ${name}`;
  return undefined;
}
const skip = whyNot() ?? false;
const dockerfile = readFileSync(join(root, "Dockerfile"), "utf8");
let image = "";

/** The list of words behind an instruction of the last stage. */
function listOf(instruction: string): string[] {
  const found = new RegExp(`^${instruction}.*?(\\[.*\\])$`, "m").exec(dockerfile);
  assert.ok(found, instruction);
  return JSON.parse(found[1]);
}

before(() => {
  if (skip) return;
  image = mkdtempSync(join(tmpdir(), "twampede-image-"));
  const dist = dirname(build(`linux-${process.arch}`));
  const args = [join(root, "scripts/packages/container.sh"), ARCHITECTURE[process.arch], dist, image];
  const { status, stderr } = spawnSync("sh", args, { encoding: "utf8" });
  assert.equal(status, 0, stderr);
});

after(() => rmSync(image, { recursive: true, force: true }));

test("container: the script is what the Dockerfile runs", () => {
  assert.match(dockerfile, /^COPY scripts\/packages\/container\.sh \/$/m);
  assert.match(
    dockerfile,
    /^RUN sh \/container\.sh "\$\{TARGETARCH:-\$\(dpkg --print-architecture\)\}" \/dist \/root-of-image$/m,
  );
  // A default would go before what BuildKit says: every image had the executable for amd64.
  assert.match(dockerfile, /^ARG TARGETARCH$/m);
  // Who copies too much sends hundreds of megabytes to the engine.
  assert.match(readFileSync(join(root, ".dockerignore"), "utf8"), /^\*\n/);
});

test("container: an executable for another machine is refused", { skip: tool("ldd") === undefined && "no ldd" }, () => {
  const folder = mkdtempSync(join(tmpdir(), "twampede-image-"));
  try {
    writeFileSync(join(folder, "twampede-linux-arm64"), "for no machine at all", { mode: 0o755 });
    const args = [join(root, "scripts/packages/container.sh"), "arm64", folder, join(folder, "image")];
    const { status, stderr } = spawnSync("sh", args, { encoding: "utf8" });
    assert.equal(status, 1, stderr);
    assert.match(stderr, /twampede-linux-arm64 is not for this machine/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("container: the responder is healthy as first process and as nobody, and ends when told", { skip }, async () => {
  const [, user, group] = /^USER (\d+):(\d+)$/m.exec(dockerfile)!;
  assert.notEqual(user, "0");
  // What an engine does: /proc, loopback, another root, no rights.
  const chroot = ["chroot", `--userspec=${user}:${group}`, image];
  const script = `mkdir -p ${image}/proc && mount -t proc proc ${image}/proc && ip link set lo up && exec "$@"`;
  const namespaces = ["unshare", "--mount", "--pid", "--net", "--fork", "--kill-child"];
  const command = [...listOf("ENTRYPOINT"), ...listOf("CMD")];
  const run = new Run(command.slice(1), {
    exe: command[0],
    through: [...namespaces, "sh", "-c", script, "sh", ...chroot],
    env: { HOME: "/" },
  });
  // Who changes the user is no longer told that its parent is gone, so that it has to be ended by itself.
  let first = 0;
  try {
    await run.until("stderr", /responder on \[::\]:20001 .*ffi transport, T2 kernel/);
    first = Number(spawnSync("pgrep", ["-P", String(run.child.pid)], { encoding: "utf8" }).stdout);
    const check = ["-t", String(first), "-m", "-n", "-p", ...chroot, ...listOf("HEALTHCHECK")];
    const healthy = spawnSync("nsenter", check, { encoding: "utf8", timeout: 10_000 });
    assert.equal(healthy.status, 0, healthy.stderr);
    const signal = /^STOPSIGNAL (\S+)$/m.exec(dockerfile)![1] as NodeJS.Signals;
    process.kill(first, signal);
    assert.equal((await run.end()).status, 0);
    first = 0;
    assert.match(run.stderr, /3 received, 3 reflected/);
  } finally {
    if (first > 0) process.kill(first, "SIGKILL");
    await run.dispose();
  }
});
