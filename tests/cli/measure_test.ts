/** A sender and a responder of ours: what comes out, in every format. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { lookup } from "node:dns/promises";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { assertRefused, each, refused, run, withFolder, withResponder } from "./support.ts";
import { checkResult, type Json, readCsv, readInflux, readLines, readResult, readTable } from "./parse.ts";

/** The acceptance run: 50 probes at 10 ms. */
const FIFTY = ["127.0.0.1:0", "-c", "50", "-i", "10"];
const FEW = ["-c", "5", "-i", "5"];

function assertClean(result: Json, count: number): void {
  const { sent, received, lost, lostOutbound, lostInbound, duplicates, late, malformed } = result.packets;
  assert.deepEqual(
    { sent, received, lost, lostOutbound, lostInbound, duplicates, late, malformed },
    { sent: count, received: count, lost: 0, lostOutbound: 0, lostInbound: 0, duplicates: 0, late: 0, malformed: 0 },
  );
  for (const name of ["roundtrip", "outbound", "inbound", "residence"]) {
    assert.equal(result.delayNs[name].count, count, name);
  }
  assert.ok(result.delayNs.roundtrip.min > 0);
}

test("50 probes at 10 ms come back, as all five formats and as files at once", async () => {
  await withResponder([], (responder) =>
    withFolder(async (folder) => {
      const at = ["sender", responder.at, ...FIFTY];
      const path = (name: string) => join(folder, name);
      const files = ["json", "ndjson", "csv", "influx"].flatMap((name) => ["--output", `${name}:file=${path(name)}`]);
      const { status, stdout } = await run([...at, "--output", "table", ...files]);
      assert.equal(status, 0);
      const table = readTable(stdout);
      assert.deepEqual(table.loss, { Outbound: "0.0%", Inbound: "0.0%", Roundtrip: "0.0%" });
      assert.equal(table.label, "RFC1889");

      const text = (name: string) => readFileSync(path(name), "utf8");
      const result = readResult(text("json"));
      assertClean(result, 50);
      assert.deepEqual(
        [result.session.protocol, result.session.remote, result.session.profile, result.session.schedule],
        ["twamp", responder.at, "fixed:padding=27", "fixed"],
      );
      assert.deepEqual([result.session.count, result.session.intervalNs], [50, 10e6]);
      assert.ok(result.durationNs >= 490e6, `${result.durationNs}`);
      // Both ends are of one clock, and claim the same of it.
      const { clock, delayNs } = result;
      assert.ok(Math.abs(clock.offsetNs) <= clock.boundNs + 50e3 && clock.steps === 0, JSON.stringify(clock));
      assert.equal(clock.synchronized.local, clock.synchronized.remote);
      assert.deepEqual([delayNs.outboundCorrected.count, delayNs.inboundCorrected.count], [50, 50]);

      const { probes, summary } = readLines(text("ndjson"));
      const { type: _type, ...document } = summary;
      assert.deepEqual(document, result);
      assert.deepEqual(probes.map((probe) => probe.seq).toSorted((a, b) => a - b), [...Array(50).keys()]);
      assert.ok(probes.every((probe) => probe.status === "ok" && probe.size === 41 && probe.replySize === 41));

      const rows = readCsv(text("csv"));
      assert.deepEqual(Object.keys(rows[0]), Object.keys(probes[0]).filter((name) => name !== "type"));
      const cell = (value: unknown) => value === null ? "" : String(value);
      assert.deepEqual(
        rows.map((row) => Object.values(row)),
        probes.map(({ type: _, ...rest }) => Object.values(rest).map(cell)),
      );

      const lines = text("influx").trimEnd().split("\n");
      assert.equal(lines.length, 1);
      const { name, tags, fields } = readInflux(lines[0]);
      assert.deepEqual([name, tags.target], ["twamp", responder.at]);
      assert.ok(tags.host.length > 0);
      const fifteen = ["inbound", "outbound", "roundtrip"].flatMap((way) =>
        ["min", "max", "avg", "jitter", "loss"].map((what) => `${way}_${what}`)
      );
      assert.deepEqual(Object.keys(fields).slice(0, 15), fifteen);
      assert.equal(fields.roundtrip_loss, 0);
      assert.equal(Math.round(fields.roundtrip_min * 1e6), result.delayNs.roundtrip.min);
      assert.equal(Math.round(fields.outbound_max * 1e6), result.delayNs.outbound.max);
    }));
});

test("each format alone has standard output to itself", async () => {
  await withResponder([], async (responder) => {
    const readers: Record<string, (text: string) => void> = {
      json: (text) => assertClean(readResult(text), 5),
      ndjson: (text) => assertClean(readLines(text).summary, 5),
      csv: (text) => assert.equal(readCsv(text).length, 5),
      influx: (text) => assert.equal(readInflux(text.trimEnd()).fields.roundtrip_loss, 0),
      table: (text) => assert.equal(readTable(text).rest, ""),
      "table:detail=full": (text) => assert.match(readTable(text).rest, /p99\.9/),
    };
    await each(Object.keys(readers), async (name) => {
      // With every other thing on that has something to say.
      const talk = name.startsWith("table") ? [] : ["--print-responses", "--stats-interval", "0.01", "-v"];
      const { status, stdout } = await run(["sender", responder.at, "127.0.0.1:0", ...FEW, "--output", name, ...talk]);
      assert.equal(status, 0);
      if (name === "influx") stdout.trimEnd().split("\n").forEach(readInflux);
      else readers[name](stdout);
    });
    const telegraf = await run(["sender", responder.at, "127.0.0.1:0", ...FEW, "-t"]);
    readInflux(telegraf.stdout.trimEnd());
  });
});

test("nothing comes back: status 1, the table says so, unknown is null and never 0", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "out.json");
    const silent = ["sender", "127.0.0.1:9", "127.0.0.1:0", "-c", "3", "-i", "5", "--packet-timeout", "0.1"];
    const { status, stdout, stderr } = await run([...silent, "--output", "table", "--output", `json:file=${path}`]);
    assert.equal(status, 1);
    assert.deepEqual(readTable(stdout).loss, {});
    assert.match(stderr, /^twampede: .*127\.0\.0\.1.*9.*$/m);
    const result = readResult(readFileSync(path, "utf8"));
    assert.deepEqual([result.packets.sent, result.packets.lost], [3, 3]);
    assert.deepEqual([result.packets.lostOutbound, result.packets.lostInbound], [null, null]);
    const influx = await run([...silent, "-t", "-q"]);
    assert.deepEqual([influx.status, influx.stderr], [1, ""]);
    assert.deepEqual(readInflux(influx.stdout.trimEnd()).fields, {
      inbound_loss: 100,
      outbound_loss: 100,
      roundtrip_loss: 100,
    });
  });
});

test("IPv4, IPv6 and names; a wildcard responder answers both families", async () => {
  await withResponder([], async ({ port, stop }) => {
    const named = await lookup("localhost", { all: true });
    const cases: [string[], RegExp][] = [[["127.0.0.1"], /^127\.0\.0\.1:/], [["::1"], /^\[::1\]:/]];
    for (const [family, local] of [[4, /^127\.0\.0\.1:/], [6, /^\[::1\]:/]] as const) {
      // Not every host has an IPv6 address for this name.
      if (named.some((found) => found.family === family)) cases.push([["localhost", `-${family}`], local]);
      else assertRefused(await refused(["sender", `localhost:${port}`, `-${family}`]), 1, "localhost");
    }
    await each(cases, async ([[host, ...family], local]) => {
      const remote = host === "::1" ? `[::1]:${port}` : `${host}:${port}`;
      const { stdout, stderr } = await run(["sender", remote, ":0", ...FEW, ...family, "--output", "json"]);
      assert.notEqual(stdout, "", stderr);
      const result = readResult(stdout);
      assertClean(result, 5);
      assert.match(result.session.local, local);
      assert.match(result.session.remote, local);
    });
    const { counts } = await stop();
    const all = 5 * cases.length;
    assert.deepEqual([counts.received, counts.reflected, counts.remembered], [all, all, cases.length]);
  }, ":0");
});

test("STAMP with SSID and Extra Padding is answered as STAMP, in equal size", async () => {
  await withResponder([], async ({ at, stop }) => {
    const sizes: [padding: string, size: number][] = [["0", 44], ["27", 75], ["1000", 1048]];
    for (const [padding, size] of sizes) {
      const args = ["--protocol", "stamp", "--ssid", "4711", "--padding", padding, "--output", "ndjson"];
      const { probes, summary } = readLines((await run(["sender", at, "127.0.0.1:0", ...FEW, ...args])).stdout);
      assertClean(summary, 5);
      assert.deepEqual([summary.session.protocol, summary.session.ssid], ["stamp", 4711]);
      assert.deepEqual([...new Set(probes.map((probe) => `${probe.size} ${probe.replySize}`))], [`${size} ${size}`]);
      assert.deepEqual(summary.peer.findings.map((finding: Json) => finding.code), []);
    }
    const { stdout } = await run(["sender", at, "127.0.0.1:0", ...FEW, "--protocol", "stamp", "--output", "ndjson"]);
    assert.equal(readLines(stdout).probes[0].size, 44);
    const { counts } = await stop();
    assert.deepEqual([counts.reflected, counts["as STAMP"]], [20, 20]);
  });
});

test("sizes: no padding, twampy's, large, IMIX and jumbo", async () => {
  await withResponder([], async ({ at, stop }) => {
    const sizes = async (count: number, ...args: string[]) => {
      const line = ["sender", at, "127.0.0.1:0", "-c", String(count), "-i", "3", "--output", "ndjson", ...args];
      const { probes, summary } = readLines((await run(line)).stdout);
      assertClean(summary, count);
      for (const { size, replySize } of probes) assert.equal(replySize, Math.max(41, size));
      return probes.toSorted((a, b) => a.seq - b.seq).map((probe) => probe.size);
    };
    assert.deepEqual(await sizes(2, "--padding", "0"), [14, 14]);
    assert.deepEqual(await sizes(2, "--padding", "27"), [41, 41]);
    assert.deepEqual(await sizes(2, "--padding", "1000"), [1014, 1014]);
    assert.deepEqual(await sizes(2, "--profile", "jumbo:size=9000"), [8972, 8972]);
    const imix = await sizes(24, "--padding", "-1", "--seed", "5");
    for (const block of [imix.slice(0, 12), imix.slice(12)]) {
      const times = (size: number) => block.filter((other) => other === size).length;
      assert.deepEqual([times(22), times(548), times(1472)], [7, 4, 1], block.join(" "));
    }
    assert.deepEqual(await sizes(24, "--padding", "-1", "--seed", "5"), imix);
    assert.notDeepEqual(await sizes(24, "--padding", "-1", "--seed", "6"), imix);
    assert.deepEqual((await stop()).counts["as STAMP"], 0, "zero padding of TWAMP is not taken for STAMP");
  });
});

test("the largest padding that UDP carries is sent and answered; one octet more is refused", async () => {
  await withResponder([], async ({ at }) => {
    for (const [protocol, most, size] of [["twamp", 65_493, 65_507], ["stamp", 65_459, 65_507]] as const) {
      const line = [
        "sender",
        at,
        "127.0.0.1:0",
        "-c",
        "2",
        "-i",
        "20",
        "--protocol",
        protocol,
        "--packet-timeout",
        "1",
      ];
      assertRefused(await refused([...line, "--padding", String(most + 1)]), 2, String(most + 1));
      const { stdout, stderr } = await run([...line, "--padding", String(most), "--output", "ndjson"]);
      const { probes, summary } = readLines(stdout);
      assert.deepEqual([summary.packets.received, probes[0].replySize], [2, size], stderr);
    }
  });
});

test("Poisson gaps are repeated by their seed", async () => {
  await withResponder([], async ({ at }) => {
    const gaps = async (seed: string) => {
      const args = ["-c", "16", "-i", "25", "--schedule", "poisson", "--seed", seed, "--output", "ndjson"];
      const { probes, summary } = readLines((await run(["sender", at, "127.0.0.1:0", ...args])).stdout);
      assert.equal(summary.session.schedule, "poisson");
      assert.equal(summary.session.seed, seed.padStart(32, "0"));
      const times = probes.toSorted((a, b) => a.seq - b.seq).map((probe) => BigInt(probe.t1));
      return times.slice(1).map((time, i) => Number(time - times[i]) / 1e6);
    };
    const [once, again, other] = [await gaps("c0ffee"), await gaps("c0ffee"), await gaps("decaf")];
    const middle = (a: number[], b: number[]) => a.map((gap, i) => Math.abs(gap - b[i])).toSorted((x, y) => x - y)[7];
    assert.ok(middle(once, again) < 3, `same seed: ${middle(once, again)} ms apart`);
    assert.ok(middle(once, other) > 3, `another seed: ${middle(once, other)} ms apart`);
  });
});

test("the program ends when the last probe is answered, whatever the timeout", async () => {
  await withResponder([], async ({ at }) => {
    const line = ["sender", at, "127.0.0.1:0", "-c", "24", "-i", "3", "--packet-timeout", "60", "--output", "json"];
    await each([...Array(12).keys()], async () => {
      assertClean(readResult((await run(line, { longestMs: 10_000 })).stdout), 24);
    });
  });
});

test("jitter by RFC 3393: the label follows", async () => {
  await withResponder([], async ({ at }) => {
    const { stdout } = await run(["sender", at, "127.0.0.1:0", ...FEW, "--jitter", "rfc3393"]);
    assert.equal(readTable(stdout).label, "RFC3393");
  });
});

test("a default that the transport cannot set is left unset, and the result says so", async () => {
  await withResponder([], async ({ at }) => {
    const { stdout, stderr } = await run([
      "sender",
      at,
      "127.0.0.1:0",
      ...FEW,
      "--transport",
      "node",
      "--output",
      "json",
    ]);
    const result = readResult(stdout);
    assert.equal(result.tool.transport, "node");
    assert.deepEqual([result.session.tos, result.session.ttl], [null, 64]);
    assert.ok(result.notes.some((note: string) => note.includes("0x88")), result.notes.join());
    assert.match(stderr, /0x88/);
    const ttl = readResult(
      (await run(["sender", at, "127.0.0.1:0", ...FEW, "--ttl", "7", "--output", "json"])).stdout,
    );
    assert.equal(ttl.session.ttl, 7);
    assertClean(ttl, 5);
  });
});

test("diagnostics: -v a line a probe, -d hex, -q nothing, -l to a file", async () => {
  await withResponder([], ({ at }) =>
    withFolder(async (folder) => {
      const line = ["sender", at, "127.0.0.1:0", ...FEW];
      const verbose = await run([...line, "-v"]);
      assert.equal([...verbose.stderr.matchAll(/Reply from .*\[rseq=\d+ sseq=\d+ rtt=/g)].length, 5);
      const debug = await run([...line, "-d"]);
      assert.equal([...debug.stderr.matchAll(/to 127\.0\.0\.1:\d+ 41 octets [0-9a-f]{82}$/gm)].length, 5);
      assert.equal([...debug.stderr.matchAll(/from 127\.0\.0\.1:\d+ 41 octets [0-9a-f]{82}$/gm)].length, 5);
      assert.equal((await run([...line, "-q"])).stderr, "");
      const log = join(folder, "log");
      const logged = await run([...line, "-v", "-l", log]);
      assert.equal(logged.stderr, "");
      assert.equal([...readFileSync(log, "utf8").matchAll(/Reply from/g)].length, 5);
      for (const outcome of [verbose, debug, logged]) assert.equal(readTable(outcome.stdout).rest, "");
    }));
});

test("--print-responses and --stats-interval: before the table, beside a document on standard error", async () => {
  await withResponder([], async ({ at }) => {
    const line = ["sender", at, "127.0.0.1:0", "-c", "10", "-i", "30", "--print-responses", "--stats-interval", "0.1"];
    const { stdout } = await run(line);
    const [lines, table] = [stdout.slice(0, stdout.indexOf("====")), stdout.slice(stdout.indexOf("===="))];
    assert.deepEqual(readTable(table).loss.Roundtrip, "0.0%");
    const reply = /^Reply from 127\.0\.0\.1 \[seq=(\d+)\] RTT=.{10} Outbound=.{10} Inbound=.{10}$/gm;
    assert.deepEqual([...lines.matchAll(reply)].map((match) => Number(match[1])), [...Array(10).keys()]);
    const statistics = [...lines.matchAll(/^--- Current Statistics at .* \(received: (\d+), sent: (\d+)\) ---$/gm)];
    assert.ok(statistics.length >= 1 && statistics.length <= 4, `${statistics.length} intervals`);

    const beside = await run([...line, "--output", "ndjson"]);
    const { intervals, probes } = readLines(beside.stdout);
    assert.equal(probes.length, 10);
    assert.ok(intervals.length >= 1 && intervals.length <= 4, `${intervals.length} intervals`);
    assert.equal([...beside.stderr.matchAll(reply)].length, 10);
  });
});

test("an interval of months does not fire all the time", async () => {
  await withResponder([], async ({ at }) => {
    const line = ["sender", at, "127.0.0.1:0", "-c", "20", "-i", "5", "--stats-interval", "3000000"];
    const { status, stdout, stderr } = await run([...line, "--output", "ndjson"]);
    if (status === 2) return assertRefused({ status, signal: null, stdout, stderr }, 2, "3000000");
    assert.deepEqual(readLines(stdout).intervals, []);
    assert.doesNotMatch(stderr, /Warning|Statistics/);
  });
});

test("--ssid without STAMP, where there is none: refused, or at least not blamed on the reflector", async () => {
  await withResponder([], async ({ at }) => {
    const outcome = await run(["sender", at, "127.0.0.1:0", ...FEW, "--ssid", "9", "--output", "json"]);
    if (outcome.status === 2) return assertRefused(outcome, 2, "--ssid", "stamp");
    assert.deepEqual(readResult(outcome.stdout).peer.findings, []);
  });
});

test("demo needs nothing: the table, 0.0% loss, status 0", async () => {
  const { status, stdout } = await run(["demo", "-c", "20"]);
  assert.equal(status, 0);
  assert.deepEqual(readTable(stdout).loss, { Outbound: "0.0%", Inbound: "0.0%", Roundtrip: "0.0%" });
  const result = await run(["demo", "-c", "5", "--output", "json"]);
  assertClean(checkResult(JSON.parse(result.stdout)), 5);
  assertClean(readResult((await run(["demo", "-6", "-c", "5", "--protocol", "stamp", "--output", "json"])).stdout), 5);
});
