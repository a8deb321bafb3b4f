/** What an executable must be able to do on a system we do not have, run by whatever stands in for that system. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { assertRefused, refused, run, type StartOptions, withResponder } from "../cli/support.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const BUILD_MS = 300_000;

/** A folder with the executables of all systems, so that none is built again for each file of tests. */
const built = process.env.TWAMPEDE_DIST;

/** The executable for `target`; built, as `npm run build -- --target` does it, if that was not done before. */
export function build(target: string): string {
  if (built) return join(built, `twampede-${target}${target.startsWith("windows") ? ".exe" : ""}`);
  const args = [join(root, "scripts/build.mjs"), "--target", target];
  const { stdout, stderr, error } = spawnSync(process.execPath, args, { encoding: "utf8", timeout: BUILD_MS });
  const path = /^dist\/\S+/m.exec(stdout)?.[0];
  assert.ok(path, `building for ${target} failed: ${error?.message ?? stderr}`);
  return join(root, path);
}

/** The tests. `how` is asked when they run: what it tells of does not exist before. */
export function smoke(name: string, skip: string | false, how: () => StartOptions): void {
  test(`${name}: version and help`, { skip }, async () => {
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    assert.deepEqual(await run(["version"], how()), {
      status: 0,
      signal: null,
      stdout: `twampede ${version}\n`,
      stderr: "",
    });
    const help = await run(["--help"], how());
    assert.equal(help.status, 0, help.stderr);
    for (const word of ["sender", "responder, reflector", "demo", "decode"]) {
      assert.match(help.stdout, new RegExp(`^  ${word} `, "m"));
    }
  });

  test(`${name}: version --json tells the commit and the target`, { skip }, async () => {
    const { status, stdout, stderr } = await run(["version", "--json"], how());
    assert.deepEqual([status, stderr], [0, ""]);
    const said = JSON.parse(stdout);
    assert.equal(said.schema, "twampede/version/1");
    assert.match(said.compiler, /^(?:bun|deno) \d+\.\d+\.\d+$/);
    assert.equal(said.compiler, said.runtime);
    assert.ok(said.target.startsWith(`${said.system}-${said.processor}`), stdout);
    assert.ok(name.startsWith(said.target), `${said.target} is not ${name}`);
    assert.match(String(said.commit), /^(?:[0-9a-f]{40}|null)$/);
  });

  test(`${name}: a wrong option is one line and exit status 2`, { skip }, async () => {
    // Where instructions are translated, a start takes longer than what is refused may take otherwise.
    const outcome = await refused(["sender", "--cuont", "3"], { ...how(), longestMs: 30_000 });
    assertRefused(outcome, 2, "--cuont", "--count");
  });

  test(`${name}: demo`, { skip }, async () => {
    const { status, stdout, stderr } = await run(["demo"], how());
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^ +Roundtrip: .* 0\.0%$/m);
  });

  test(`${name}: a plugin from a file`, { skip }, async () => {
    const plugin = ["--plugin", "examples/output-markdown.ts", "--output", "markdown"];
    const { status, stdout, stderr } = await run(["demo", "-q", ...plugin], how());
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^\| Round trip \| /m);
  });

  test(`${name}: doctor examines what it can`, { skip }, async () => {
    const { status, stdout, stderr } = await run(["doctor", "--json"], how());
    assert.deepEqual([status, stderr], [0, ""]);
    const { schema, transports } = JSON.parse(stdout);
    assert.equal(schema, "twampede/doctor/1");
    assert.ok(transports.some((one: { received: number | null }) => (one.received ?? 0) > 0), stdout);
  });

  test(`${name}: doctor finds no fault in the responder`, { skip }, async () => {
    await withResponder(
      [],
      async (responder) => {
        const { status, stdout, stderr } = await run(["doctor", responder.at, "--quick", "--json"], how());
        assert.deepEqual([status, stderr], [0, ""]);
        const { schema, findings, protocols } = JSON.parse(stdout);
        assert.equal(schema, "twampede/doctor-remote/1");
        assert.ok(protocols.every((one: { answered: number }) => one.answered > 0), stdout);
        assert.deepEqual(findings.filter((one: { severity: string }) => one.severity === "fault"), []);
      },
      "127.0.0.1:0",
      how(),
    );
  });

  for (const local of ["127.0.0.1:0", "[::1]:0"]) {
    test(`${name}: responder and sender over ${local.slice(0, -2)} lose nothing`, { skip }, async () => {
      await withResponder(
        [],
        async (responder) => {
          const args = ["sender", responder.at, local, "-c", "50", "-i", "5", "--output", "json"];
          const { status, stdout, stderr } = await run(args, how());
          assert.equal(status, 0, stderr);
          const { packets, delayNs } = JSON.parse(stdout);
          assert.deepEqual([packets.sent, packets.received, packets.lost, packets.unexpected], [50, 50, 0, 0]);
          assert.ok(delayNs.roundtrip.min > 0 && delayNs.roundtrip.max < 5e9, JSON.stringify(delayNs.roundtrip));
          const { counts } = await responder.stop();
          assert.deepEqual([counts.received, counts.reflected], [50, 50]);
        },
        local,
        how(),
      );
    });
  }
}
