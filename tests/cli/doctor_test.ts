/** `doctor` as a user starts it: on this machine, whatever it is. */
import { test } from "node:test";
import assert from "node:assert/strict";
import process from "node:process";
import { assertRefused, commandLine, type Outcome, refused, run, tool } from "./support.ts";

const HEADINGS = [
  "What this machine can measure with",
  "Clocks",
  "Waiting",
  "Stamps of the interfaces",
  "Socket options",
  "Privileges",
  "Buffers",
  "Transports",
  "What to change",
];

/** The whole command is to take less than 5 s; where tests run beside it, twice that is not its fault. */
const LONGEST_MS = 10_000;

function assertReport({ status, stdout, stderr }: Outcome): void {
  assert.equal(stderr, "");
  assert.equal(status, 0);
  let at = -1;
  for (const heading of HEADINGS) {
    const next = stdout.indexOf(`\n${heading}`, at);
    assert.ok(heading === HEADINGS[0] ? stdout.startsWith(heading) : next > at, `${heading} in\n${stdout}`);
    at = next;
  }
  for (const line of stdout.split("\n")) assert.ok(line.length <= 80 || line.startsWith(" ".repeat(8)), line);
  assert.doesNotMatch(stdout, /undefined|NaN|\[object|Infinity/);
}

test("doctor: all sections in 80 columns, into a pipe", async () => {
  assertReport(await run(["doctor"], { longestMs: LONGEST_MS }));
});

test("doctor: one document by either name of the option", async () => {
  for (const args of [["--json"], ["--output", "json"]]) {
    const { status, stdout, stderr } = await run(["doctor", ...args], { longestMs: LONGEST_MS });
    assert.deepEqual([status, stderr], [0, ""]);
    const document = JSON.parse(stdout);
    assert.equal(document.schema, "twampede/doctor/1");
    assert.ok(Array.isArray(document.advice));
    const working = document.transports.filter((one: { works: boolean }) => one.works);
    assert.ok(working.length >= 2, stdout);
    for (const { sent, received, minNs, p50Ns, p99Ns, t1, t4 } of working) {
      assert.ok(sent > 0 && received > 0 && 0 < minNs && minNs <= p50Ns && p50Ns <= p99Ns, stdout);
      assert.ok(t1 !== null && t4 !== null, stdout);
    }
    for (const { count, p50Ns, p99Ns, maxNs } of document.waiting) {
      assert.ok(count > 0 && 0 <= p50Ns && p50Ns <= p99Ns && p99Ns <= maxNs, stdout);
    }
    if (process.platform === "linux") assertLinux(document);
  }
});

// deno-lint-ignore no-explicit-any
function assertLinux(document: any): void {
  const { clocks, interfaces, options, stampsSeen, privileges, buffers, systemUnknown } = document;
  assert.equal(systemUnknown, null);
  assert.deepEqual(clocks.readings.slice(0, 2).map((one: { name: string }) => one.name), [
    "CLOCK_REALTIME",
    "CLOCK_MONOTONIC",
  ]);
  for (const { stepNs, costNs } of clocks.readings) assert.ok(stepNs > 0 && costNs > 0);
  assert.equal(typeof clocks.synchronisation.synchronized, "boolean");
  const lo = interfaces.find((one: { name: string }) => one.name === "lo");
  assert.equal(lo.stamps.rxSoftware, true);
  assert.deepEqual(stampsSeen, { receive: true, transmit: true });
  const byName = new Map(options.map((one: { option: string }) => [one.option, one]));
  for (const name of ["IP_TOS", "IP_TTL", "IP_PKTINFO"]) {
    assert.equal((byName.get(name) as { seen: string }).seen, "datagram", name);
  }
  assert.equal(typeof privileges.canBind862, "boolean");
  assert.ok(buffers.burst > 0 && buffers.socket.memoryPerDatagram > 41);
}

test("doctor: what is typed wrongly", async () => {
  assertRefused(await refused(["doctor", "--output", "xml"]), 2, "xml", "json");
  assertRefused(await refused(["doctor", "--json", "--output", "text"]), 2, "--json", "--output");
  assertRefused(await refused(["doctor", "--quick"]), 2, "--quick", "far reflector");
  assertRefused(await refused(["doctor", "-6"]), 2, "--ipv6", "far reflector");
  assertRefused(await refused(["doctor", "--jsn"]), 2, "--jsn", "--json");
});

const setpriv = tool("setpriv");

/** Why it cannot run as nobody here; undefined if it can. */
function whyNotNobody(): string | undefined {
  if (setpriv === undefined) return "no setpriv (Debian: util-linux)";
  if (process.getuid?.() !== 0) return "not root: this user is unprivileged anyway";
  return undefined;
}

test("doctor: a user without privileges", { skip: whyNotNobody() ?? false }, async () => {
  const through = [
    setpriv!,
    "--reuid=65534",
    "--regid=65534",
    "--clear-groups",
    "--bounding-set=-all",
    "--inh-caps=-all",
  ];
  const outcome = await run(["doctor"], { through, longestMs: LONGEST_MS, env: { HOME: "/tmp", DENO_DIR: "/tmp" } });
  assertReport(outcome);
  assert.match(outcome.stdout, /^ +has +nothing beyond any user's$/m);
});

const { file, before } = commandLine();

// Bun has no permissions, and an executable has all of them.
if (before.includes("-A")) {
  test("doctor: a Deno that may do nothing but use the network", async () => {
    const little = before.map((word) => word === "-A" ? "--allow-net" : word);
    const outcome = await run([...little, "doctor"], { exe: file, longestMs: LONGEST_MS });
    assertReport(outcome);
    assert.match(outcome.stdout, /not known here: FFI is not allowed/);
    assert.match(outcome.stdout, /No system calls from here/);
  });
}
