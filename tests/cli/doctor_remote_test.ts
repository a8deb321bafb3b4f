/** `doctor REMOTE` as a user starts it: against our responder, reflectors with faults, and nothing. */
import { test } from "node:test";
import assert from "node:assert/strict";
import process from "node:process";
import { assertRefused, each, refused, run, tool, withResponder, withSocket } from "./support.ts";
import * as makers from "./doctor/makers.ts";
import { onUdp, type Reflector } from "./doctor/reflectors.ts";

// deno-lint-ignore no-explicit-any
type Document = any;

async function examine(at: string, ...args: string[]): Promise<Document> {
  const { status, stdout, stderr } = await run(["doctor", at, "--json", ...args]);
  assert.deepEqual([status, stderr], [0, ""]);
  const document = JSON.parse(stdout);
  assert.equal(document.schema, "twampede/doctor-remote/1");
  return document;
}

const grave = ({ findings }: Document): string[] =>
  findings.filter(({ severity }: Document) => severity !== "note").map(({ id }: Document) => id);

/** What a busy machine does to a dozen probes by itself. */
const CHANCE = ["residence", "loss"];

function assertFound(document: Document, expected: readonly string[]): void {
  const found = grave(document).filter((id) => !CHANCE.includes(id));
  assert.deepEqual(found, expected, JSON.stringify(document.findings.map(({ text }: Document) => text)));
}

for (const [args, local] of [[[], "127.0.0.1:0"], [["--protocol", "stamp"], "127.0.0.1:0"], [[], "[::1]:0"]] as const) {
  test(`our responder has no fault: ${args.join(" ") || "as it is"}, ${local}`, async () => {
    await withResponder(args, async (responder) => {
      // However an address is written.
      const document = await examine(responder.at.replace("[::1]", "[0:0:0:0:0:0:0:1]"));
      assertFound(document, []);
      assert.deepEqual(document.protocols.map(({ answered }: Document) => answered > 0), [true, true]);
      assert.equal(document.seen.numbering, "counts");
      assert.ok(document.datagrams.sent > 80 && document.datagrams.sent <= 400);
    }, local);
  });
}

test("text: what is fine is told, in 80 columns, into a pipe", async () => {
  await withResponder([], async (responder) => {
    const { status, stdout, stderr } = await run(["doctor", responder.at, "--quick"]);
    assert.deepEqual([status, stderr], [0, ""]);
    assert.match(stdout, /^What 127\.0\.0\.1:\d+ does with probes/);
    assert.match(stdout, /\nFaults\n {2}None was found\.\n/);
    assert.match(stdout, /\nWhat is fine\n/);
    assert.match(stdout, /--quick leaves it out/);
    assert.deepEqual(stdout.split("\n").filter((line) => line.length > 80), []);
  });
});

/** Over UDP what the system says of TTL and TOS is true, and nothing else differs from the network in memory. */
const SEEN: readonly (readonly [who: keyof typeof makers, ids: readonly string[]])[] = [
  ["NOKIA", ["equal-stamps", "false-error-estimate", "ttl-absent", "short-reply", "ended-by-short", "answers-replies"]],
  ["DOMOS", ["swapped-stamps", "false-error-estimate", "short-reply", "answers-replies"]],
  ["TCAINE", ["nanosecond-fraction", "false-error-estimate"]],
  ["STAMP_SUITE", ["false-error-estimate", "reply-cut", "padding-dropped", "tlv-location", "answers-short"]],
  ["RECORDED", ["equal-stamps", "false-error-estimate", "ttl-absent", "short-reply", "asymmetric-size"]],
];

test("deployed reflectors over UDP", async () => {
  await each(SEEN, async ([who, ids]) => {
    const document = await onUdp(makers[who] as Reflector, (at) => examine(at));
    const found = grave(document);
    assert.deepEqual(ids.filter((id) => !found.includes(id)), [], `${who}: ${found}`);
    for (const { octets, rfc } of document.findings) {
      assert.match(rfc, /section \d/);
      if (octets !== null) assert.match(octets.hex, /^([0-9a-f]{2})+$/);
    }
  });
});

test("a datagram without octets is asked as well", async () => {
  const document = await onUdp(makers.STAMP_SUITE, (at) => examine(at, "--protocol", "stamp"));
  const short = document.findings.find(({ id }: Document) => id === "answers-short");
  assert.match(short.text, /0 to 44/);
});

test("each transport of this runtime, as far as it can", async () => {
  const { stdout } = await run(["plugins"]);
  const names = ["ffi", "deno", "bun", "node"].filter((name) => stdout.includes(name));
  assert.ok(names.length >= 2, stdout);
  await withResponder([], async (responder) => {
    await each(names, async (name) => {
      const outcome = await run(["doctor", responder.at, "--quick", "--json", "--transport", name]);
      if (outcome.status === 2) return assert.match(outcome.stderr, /does not work here/);
      assert.equal(outcome.status, 0, outcome.stderr);
      assertFound(JSON.parse(outcome.stdout), []);
    });
  });
});

test("nothing answers: status 1, and one line what to check", async () => {
  await withSocket("127.0.0.1", async (_socket, port) => {
    const outcome = await run(["doctor", `127.0.0.1:${port}`]);
    assertRefused(outcome, 1, `127.0.0.1:${port}`, "no reply", "check");
  });
});

test("nothing listens: what the network says is in that line, where the system tells", {
  skip: process.platform !== "linux" && "Linux tells",
}, async () => {
  const port = await withSocket("127.0.0.1", (_socket, port) => Promise.resolve(port));
  assertRefused(await run(["doctor", `127.0.0.1:${port}`, "--quick"]), 1, "port unreachable");
});

test("what is typed wrongly", async () => {
  assertRefused(await refused(["doctor", "192.0.2.1:0"]), 2, "port 0");
  assertRefused(await refused(["doctor", "0.0.0.0"]), 2, "0.0.0.0");
  assertRefused(await refused(["doctor", "192.0.2.1", "--protocol", "owamp"]), 2, "owamp", "stamp");
  assertRefused(await refused(["doctor", "192.0.2.1", "--transport", "tin"]), 2, "tin", "auto");
  assertRefused(await refused(["doctor", "192.0.2.1", "-6"]), 2, "IPv4", "-6");
  assertRefused(await refused(["doctor", "192.0.2.1", "192.0.2.2"]), 2, "doctor");
});

const unshare = tool("unshare");
const skip = process.getuid?.() !== 0 || unshare === undefined ? "not root, or no unshare (Debian: util-linux)" : false;

test("a host without a route: status 1", { skip }, async () => {
  const outcome = await run(["doctor", "192.0.2.1"], { through: [unshare!, "--net"] });
  assertRefused(outcome, 1, "192.0.2.1:20001");
});
