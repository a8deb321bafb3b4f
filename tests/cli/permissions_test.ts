/** What each command keeps of Deno's permissions, and that it works with no more. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import needs from "../../cli/permissions.json" with { type: "json" };
import { keptBy } from "../../cli/permissions.ts";
import { createProgram } from "../../cli/program.ts";
import { readCounts, run, started, type StartOptions, tool, withFolder } from "./support.ts";

const nothing = () => false;

test("every command has a row in the table of permissions", () => {
  const missing = createProgram(() => {}).commands.map((command) => command.name()).filter((name) => !(name in needs));
  assert.deepEqual(missing, []);
});

test("a file is written only where an option names one, and a plugin keeps everything", () => {
  assert.deepEqual(keptBy("decode", nothing), ["read", "env"]);
  assert.ok(!keptBy("sender", nothing).includes("write"));
  for (const option of ["logfile", "output"]) {
    assert.ok(keptBy("sender", (one) => one === option).includes("write"), option);
  }
  assert.ok(keptBy("sender", (one) => one === "plugin").includes("run"));
  for (const [name, known] of Object.entries(needs)) {
    if (name === "version" || known === "all") continue;
    assert.ok(!keptBy(name, nothing).some((one) => one === "run" || one === "import"), name);
  }
});

test("a device can be written to, though Deno opens it only for who may do everything", {
  skip: process.platform !== "linux" && "needs /dev/stderr",
}, async () => {
  const quick = ["demo", "-c", "2", "-i", "1", "-q"];
  // A pipe of the shell's: what a runtime gives its child may be a socket, which nobody can open.
  const through = [tool("sh")!, "-c", '"$@" 2>&1 | cat', "sh"];
  const { stdout } = await run([...quick, "--output", "csv:file=/dev/stderr"], { through });
  assert.match(stdout, /^seq,status,[^]*\n1,ok,/);
  assert.equal((await run([...quick, "-l", "/dev/full"])).status, 0);
});

/** Deno alone has permissions, and tells a file that it loads before the program what is left of them at the end. */
const PRELOAD = `
const NAMES = ["net", "ffi", "read", "write", "sys", "env", "run", "import"];
const left = () => NAMES.filter((name) => Deno.permissions.querySync({ name }).state === "granted");
addEventListener("unload", () => console.error("left: " + left().join(" ")));
`;
const skip = "Deno" in globalThis && !process.env.TWAMPEDE_EXE ? false : "Deno alone has permissions";

/** Runs `use` with the options that start the program with all permissions, the preload before it. */
function watched<T>(use: (options: StartOptions) => Promise<T>): Promise<T> {
  return withFolder((folder) => {
    const preload = join(folder, "left.js");
    writeFileSync(preload, PRELOAD);
    return use({ permissions: ["-A", "--preload", preload] });
  });
}

function assertLeft(stderr: string, command: string, more: readonly string[] = []): void {
  const left = /^left: (.*)$/m.exec(stderr)?.[1].split(" ") ?? [];
  const known = keptBy(command, nothing);
  assert.deepEqual(left.sort(), [...known, ...more].sort(), `${command}: ${stderr}`);
}

if (skip === false) {
  const COMMANDS: [command: string, line: readonly string[]][] = [
    ["demo", ["-c", "3", "-i", "1"]],
    ["doctor", ["--json"]],
    ["decode", ["00000000eeaacb019f470fff0101"]],
    ["plugins", []],
    ["dscptable", []],
    ["version", ["--json"]],
  ];
  for (const [command, line] of COMMANDS) {
    test(`${command} works with what it keeps, and has given back the rest`, () =>
      watched(async (options) => {
        const { status, stdout, stderr } = await run([command, ...line], options);
        assert.deepEqual([status, stdout === ""], [0, false], stderr);
        assertLeft(stderr, command);
      }));
  }

  test("sender and responder work with what they keep, and write the file that is named", () =>
    watched((options) =>
      withFolder(async (folder) => {
        const file = join(folder, "result.json");
        // Threads get what the responder kept.
        const line = ["responder", "127.0.0.1:0", ...(process.platform === "linux" ? ["--workers", "2"] : [])];
        await started(line, async (responder) => {
          const [, port] = await responder.until("stderr", /responder on \S+:(\d+) /);
          const sender = ["sender", `127.0.0.1:${port}`, ":0", "-c", "5", "-i", "1", "--output", `json:file=${file}`];
          const { status, stderr } = await run(sender, options);
          assert.equal(status, 0, stderr);
          assertLeft(stderr, "sender", ["write"]);
          assert.equal(JSON.parse(readFileSync(file, "utf8")).packets.received, 5);
          responder.kill("SIGINT");
          const end = await responder.end();
          assert.equal(readCounts(end.stderr.slice(end.stderr.indexOf("Ctrl-C"))).reflected, 5, end.stderr);
          assertLeft(end.stderr, "responder");
        }, options);
        assert.ok(existsSync(file));
      })
    ));
}
