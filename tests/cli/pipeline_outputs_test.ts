/** Outputs for machines that run this one: where they write, and the exit status that Nagios gets. */
import assert from "node:assert/strict";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { wholeFileSink } from "../../cli/whole_file_sink.ts";
import { assertRefused, refused, run, withFolder, withSocket } from "./support.ts";

const QUICK = ["-c", "3", "-i", "1", "-q"];
const onPosix = { skip: process.platform === "win32" && "needs links and modes of files" };

test("a file in one piece is the old one until it is complete, and leaves nothing beside it", onPosix, async () => {
  await withFolder(async (folder) => {
    const [path, link] = [join(folder, "a.prom"), join(folder, "link.prom")];
    writeFileSync(path, "old\n");
    chmodSync(path, 0o604);
    symlinkSync(path, link);
    const sink = wholeFileSink(link);
    sink.empty();
    sink.write("new");
    sink.write("er\n");
    await sink.flush();
    assert.equal(readFileSync(path, "utf8"), "old\n");
    await sink.close();
    assert.equal(readFileSync(path, "utf8"), "newer\n");
    assert.equal(statSync(path).mode & 0o777, 0o604);
    assert.ok(lstatSync(link).isSymbolicLink());
    assert.deepEqual(readdirSync(folder).sort(), ["a.prom", "link.prom"]);
  });
});

test("a link to what is not there yet stays one, and one that leads nowhere is refused", onPosix, async () => {
  await withFolder(async (folder) => {
    const [path, link, loop] = ["a.prom", "link.prom", "loop.prom"].map((name) => join(folder, name));
    symlinkSync("a.prom", link);
    symlinkSync("loop.prom", loop);
    const sink = wholeFileSink(link);
    sink.write("new\n");
    await sink.close();
    assert.ok(lstatSync(link).isSymbolicLink());
    assert.equal(readFileSync(path, "utf8"), "new\n");
    const args = ["sender", "127.0.0.1:9", ":0", "--output", `prometheus:file=${loop}`];
    assertRefused(await refused(args), 2, "loop.prom", "cannot be put in place");
  });
});

test("one that cannot be put in place fails its output, and keeps what was there", onPosix, async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.prom");
    const sink = wholeFileSink(path);
    const said: string[] = [];
    sink.onFailure = (why) => void said.push(why);
    sink.write("x".repeat(2 ** 26 + 1));
    await sink.close();
    assert.match(said[0], /a\.prom' cannot be written: it is too much/);
    assert.deepEqual(readdirSync(folder), []);
  });
});

test("prometheus replaces its file; a folder that is not there is refused before the run", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "twampede.prom");
    writeFileSync(path, "stale 1\n");
    const { status, stderr } = await run(["demo", ...QUICK, "--output", `prometheus:file=${path}`]);
    assert.equal(status, 0, stderr);
    assert.match(readFileSync(path, "utf8"), /^# HELP [^]*\ntwampede_probes_sent\{[^}]*\} 3\n/);
    assert.deepEqual(readdirSync(folder), ["twampede.prom"]);
    const nowhere = await refused(["sender", "127.0.0.1:9", ":0", "--output", `prometheus:file=${folder}/no/a.prom`]);
    assertRefused(nowhere, 2, "no/a.prom", "cannot be put in place");
    const within = await refused(["sender", "127.0.0.1:9", ":0", "--output", `prometheus:file=${path}/a.prom`]);
    assertRefused(within, 2, "twampede.prom/a.prom", "cannot be put in place");
  });
});

test("github adds to the summary of the step, and writes commands to its log", async () => {
  await withFolder(async (folder) => {
    const summary = join(folder, "summary.md");
    writeFileSync(summary, "before\n");
    const args = ["demo", ...QUICK, "--output", "github", "--fail-if", "received>0"];
    const { status, stdout } = await run(args, { env: { GITHUB_STEP_SUMMARY: summary } });
    assert.equal(status, 4);
    assert.match(
      stdout,
      /^=+\nDirection[^]*\n::error title=[^:]*%3A received>0::received is 3, which crosses received>0\n/,
    );
    const text = readFileSync(summary, "utf8");
    assert.match(text, /^before\n### TWAMP to [^]*\| received&gt;0 \| received is 3 \| \*\*crossed\*\* \|\n/);
    const outside = await run(["demo", ...QUICK, "--output", "github"], { env: { GITHUB_STEP_SUMMARY: "" } });
    assert.equal(outside.status, 0);
    assert.equal(existsSync(join(folder, "undefined")), false);
    // A variable that was handed into a container, without the file.
    const nowhere = join(folder, "no", "summary.md");
    const without = await run(["demo", ...QUICK, "--output", "github"], { env: { GITHUB_STEP_SUMMARY: nowhere } });
    assert.match(without.stdout, /^::notice .* of 3 probes$/m);
    assert.match(without.stderr, /^twampede: there is no summary of the step: .*no\/summary\.md.*\n$/);
    assert.equal(without.status, 1);
  });
});

test("nagios:exit ends with Nagios' status, and always has a line for it", async () => {
  const ends = async (expected: number, line: RegExp, ...args: string[]) => {
    const { status, stdout, stderr } = await run(args);
    assert.match(stdout, line);
    assert.equal(status, expected, `${stdout}\n${stderr}`);
  };
  const demo = ["demo", ...QUICK, "--output"];
  await ends(0, /^TWAMP OK - 127\.0\.0\.1:\d+: round trip .* \| rtt_min=/, ...demo, "nagios:exit");
  await ends(1, /^TWAMP WARNING - .*rtt\.min is /, ...demo, "nagios:exit,warning=rtt.max>59s;rtt.min>1ns");
  await ends(2, /^TWAMP CRITICAL - .*sent is 3/, ...demo, "nagios:exit,warning=rtt.min>1ns,critical=sent>2");
  await ends(2, /^TWAMP CRITICAL - .*sent is 3/, ...demo, "nagios:exit", "--fail-if", "sent>2");
  await ends(4, /^TWAMP CRITICAL - .*sent is 3/, ...demo, "nagios", "--fail-if", "sent>2");
  await ends(0, /^TWAMP CRITICAL - .*sent is 3/, ...demo, "nagios:critical=sent>2");
  await ends(3, /^TWAMP UNKNOWN - .*'sent>': /, "sender", ...QUICK, "--output", "nagios:exit,critical=sent>");
  await withSocket("127.0.0.1", async (_socket, port) => {
    const silent = [`127.0.0.1:${port}`, ":0", "-c", "1", "-q", "--packet-timeout", "0.2", "--output", "nagios:exit"];
    await ends(2, /^TWAMP CRITICAL - .*: no reply to 1 probe \| /, "sender", ...silent);
  });
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  const refusing = ["127.0.0.1", "127.0.0.1:0", "--control-port", String(port), "-q", "--output", "nagios:exit"];
  await ends(2, /^TWAMP CRITICAL - .*refuses the connection/, "controller", ...refusing);
});
