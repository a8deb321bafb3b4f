/** STAMP extensions from the command line, over real sockets. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { assertRefused, refused, run, withResponder } from "./support.ts";

const STAMP = ["--protocol", "stamp", "--ssid", "9", "-c", "3", "-i", "5", "-q", "--output", "json"];
const LINUX = process.platform === "linux";

interface Report {
  name: string;
  sent: number;
  returned: number;
  unrecognized: number;
  nonConformant: number;
  values: Record<string, number | string>;
}

/** What came back of the TLVs, by name, and the document. */
async function measure(at: string, tlvs: readonly string[], more: readonly string[] = []) {
  const outcome = await run(["sender", at, "127.0.0.1:0", ...STAMP, ...tlvs.flatMap((tlv) => ["--tlv", tlv]), ...more]);
  assert.equal(outcome.status, 0, outcome.stderr);
  const document = JSON.parse(outcome.stdout);
  const byName = Object.fromEntries((document.tlvs as Report[]).map((report) => [report.name, report]));
  return { document, byName };
}

test("every TLV that needs no leave is answered by a responder as it is", async () => {
  await withResponder([], async ({ at, port }) => {
    const names = ["padding:length=10", "location", "timestamp-info", "direct", "access", "follow-up"];
    // Far enough apart that a busy host does not answer all in one batch: of none of those the next could tell.
    const { document, byName } = await measure(at, [...names, "destination:address=127.0.0.1"], ["-i", "40"]);
    for (const report of Object.values(byName)) {
      assert.equal(report.unrecognized, 0, report.name);
      assert.equal(report.returned, report.sent, report.name);
    }
    assert.equal(byName.location.values.destinationPort, port);
    assert.equal(byName.location.values.source, "127.0.0.1");
    assert.deepEqual(byName.direct.values, { sent: 3, received: 3, reflected: 3 });
    assert.equal(byName.access.sent, 1);
    // Of the reply before the last, or an earlier one where two probes were answered at once.
    assert.ok(Number(byName["follow-up"].values.seq) <= 1);
    assert.match(String(byName["follow-up"].values.time), /^\d{19}$/);
    assert.equal(document.packets.received, 3);
    assert.deepEqual(document.notes.filter((note: string) => note.startsWith("TLV")), []);
  });
});

test("the DSCP of probes is told, and that of replies is as asked", {
  skip: LINUX ? false : "by the ffi transport of Linux",
}, async () => {
  await withResponder([], async ({ at }) => {
    const { document, byName } = await measure(at, ["cos:dscp=ef"], ["--dscp", "af41"]);
    assert.deepEqual(byName.cos.values, { dscp1: 46, dscp2: 34, ecn: 0, rp: 0 });
    assert.deepEqual(document.marking.outbound.map(({ dscp, count }: Record<string, number>) => [dscp, count]), [[
      34,
      3,
    ]]);
    assert.deepEqual(document.marking.inbound.map(({ dscp, count }: Record<string, number>) => [dscp, count]), [[
      46,
      3,
    ]]);
  });
});

test("what needs leave comes back with U without it, and a note says so", async () => {
  await withResponder([], async ({ at }) => {
    const { document, byName } = await measure(at, [
      "return-path:address=127.0.0.1",
      "control:count=3",
      "micro-session:id=4",
    ]);
    for (const name of ["return-path", "control", "micro-session"]) assert.equal(byName[name].unrecognized, 3, name);
    assert.equal(document.notes.filter((note: string) => note.startsWith("TLV ")).length, 3);
  });
});

test("with leave: several replies, none, and the member link", async () => {
  const allowed = ["--allow-return-path", "--allow-control", "--max-amplification", "4", "--micro-session", "7"];
  await withResponder(allowed, async ({ at, stop }) => {
    // What is more than the last probe's first reply comes when the run is over: 4 of 6 are heard of.
    const asked = ["micro-session:id=4", "padding:length=200", "control:count=3"];
    const { document, byName } = await measure(at, asked, ["-i", "150"]);
    assert.deepEqual(byName["micro-session"].values, { id: 4, reflector: 7 });
    assert.equal(byName.control.nonConformant, 0);
    assert.ok(document.packets.duplicates >= 4, `${document.packets.duplicates} of 6 more replies`);
    assert.deepEqual([document.packets.reorderedOutbound, document.packets.reorderedInbound], [null, null]);
    const none = await run([
      "sender",
      at,
      "127.0.0.1:0",
      ...STAMP,
      "--packet-timeout",
      "50ms",
      "--tlv",
      "return-path:code=no-reply",
    ]);
    assert.equal(JSON.parse(none.stdout).packets.received, 0);
    const { stderr } = await stop();
    assert.match(stderr, /6 more replies asked for/);
    assert.match(stderr, /3 without a reply as their TLVs ask/);
  });
});

test("a sender's line of each probe has what its reply brought", async () => {
  await withResponder([], async ({ at }) => {
    const { stdout } = await run(["sender", at, "127.0.0.1:0", ...STAMP.slice(0, -1), "ndjson", "--tlv", "direct"]);
    const probes = stdout.trim().split("\n").map((line) => JSON.parse(line)).filter(({ type }) => type === "probe");
    assert.deepEqual(probes.map(({ tlv }) => tlv["direct.received"]), [1, 2, 3]);
  });
});

test("mistakes are one line", async () => {
  const stamp = ["sender", "127.0.0.1:9", "--protocol", "stamp", "--tlv"];
  assertRefused(await refused(["sender", "127.0.0.1:9", "--tlv", "cos"]), 2, "--tlv", "--protocol stamp");
  assertRefused(await refused([...stamp, "cso"]), 2, "cso", "did you mean cos");
  assertRefused(await refused([...stamp, "cos:dscp=99"]), 2, "99");
  assertRefused(await refused([...stamp, "cos", "--tlv", "cos"]), 2, "twice");
  assertRefused(await refused([...stamp, "destination:address=192.0.2.1"]), 2, "--ssid");
  assertRefused(await refused([...stamp, "return-path"]), 2, "return-path");
  assertRefused(await refused([...stamp, "control", "--tlv", "return-path:code=no-reply"]), 2, "no-reply", "control");
  assertRefused(await refused(["responder", "--max-amplification", "2"]), 2, "--allow-control");
});
