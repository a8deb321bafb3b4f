/** What a controller prints of several sessions, in every format, and how much it says besides. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { each, type Outcome, run } from "../support.ts";
import { type Json, readCsv, readInflux, readLines, readTable } from "../parse.ts";
import { assertWhole, NOTE, readResults, type Server, withServer } from "./support.ts";

const FIVE = ["0", "1", "2", "3", "4"];

function measure(server: Server, sessions: number, ...more: string[]): Promise<Outcome> {
  const line = ["controller", "127.0.0.1", "127.0.0.1:0", ...server.there, "--sessions", String(sessions)];
  return run([...line, "-c", "5", "-i", "5", "--packet-timeout", "1", ...more]);
}

/** Two tables, each under the line of its session. */
function readTables(text: string): void {
  const heads = [...text.matchAll(/^Session (\d) of 2: 127\.0\.0\.1:\d+, AF41 \(TOS 0x88\), fixed:padding=30\n/gm)];
  assert.deepEqual(heads.map(([, number]) => number), ["1", "2"], text);
  for (const [at, head] of heads.entries()) {
    const table = text.slice(head.index + head[0].length, heads[at + 1]?.index);
    assert.deepEqual(readTable(table).loss, { Outbound: "0.0%", Inbound: "0.0%", Roundtrip: "0.0%" });
  }
}

const READERS: Readonly<Record<string, (text: string) => void>> = {
  table: readTables,
  json(text) {
    const results = readResults(text);
    assert.deepEqual(results.map(({ session }) => session.number), [{ index: 1, of: 2 }, { index: 2, of: 2 }]);
    for (const result of results) assertWhole(result, 5);
  },
  ndjson(text) {
    const lines = text.trimEnd().split("\n").map((line) => ({ line, of: JSON.parse(line) as Json }));
    for (const number of [1, 2]) {
      const own = lines.filter(({ of }) => (of.session?.number?.index ?? of.session) === number);
      const { probes, summary } = readLines(own.map(({ line }) => `${line}\n`).join(""));
      assertWhole(summary, 5);
      assert.equal(probes.length, 5);
    }
  },
  csv(text) {
    const rows = readCsv(text);
    for (const number of ["1", "2"]) {
      const own = rows.filter(({ session }) => session === number);
      assert.deepEqual(own.map(({ seq }) => seq).toSorted(), FIVE);
      assert.ok(own.every(({ status }) => status === "ok"));
    }
    assert.equal(rows.length, 10);
  },
  influx(text) {
    const lines = text.trimEnd().split("\n").map(readInflux);
    assert.deepEqual(lines.map(({ tags }) => tags.session), ["1", "2"]);
    assert.ok(lines.every(({ fields }) => fields.roundtrip_loss === 0));
  },
};

test("two sessions in every format, alone on standard output whatever is said besides", async () => {
  await withServer(
    [],
    (server) =>
      each(
        Object.keys(READERS).flatMap((name) => name === "table" ? [[name]] : [[name], [name, "-v"]]),
        async (words) => {
          const [name, ...more] = words;
          const { status, stdout, stderr } = await measure(server, 2, "--output", name, ...more);
          assert.equal(status, 0, stderr);
          READERS[name](stdout);
        },
      ),
  );
});

test("one session has twampy's table, and nothing else", async () => {
  await withServer([], async (server) => {
    const { stdout, stderr } = await measure(server, 1);
    assert.equal(readTable(stdout).rest, "");
    assert.doesNotMatch(stderr, NOTE);
  });
});

test("--print-responses, -v and --quiet: each says its part, by session, where it belongs", async () => {
  await withServer([], async (server) => {
    const each = /^\[session (\d)\] Reply from 127\.0\.0\.1 \[seq=(\d)\] RTT= /gm;
    const printed = await measure(server, 2, "--print-responses");
    const said = [...printed.stdout.matchAll(each)].map(([, session, seq]) => `${session}.${seq}`);
    assert.deepEqual(said.toSorted(), ["1", "2"].flatMap((session) => FIVE.map((seq) => `${session}.${seq}`)));
    assert.doesNotMatch(printed.stderr, NOTE);

    const { stderr } = await measure(server, 2, "-v", "--output", "json");
    assert.match(stderr, /^connecting to 127\.0\.0\.1:\d+$/m);
    assert.match(
      stderr,
      /^127\.0\.0\.1:\d+ offers open with individual, reflect, symmetrical, monitor, ptp, 2048 iter/m,
    );
    assert.match(stderr, /^set up with open with individual, monitor, ptp$/m);
    assert.equal(stderr.match(/ \[session [12]\] Reply from 127\.0\.0\.1:\d+ \[rseq=\d sseq=\d rtt=/g)?.length, 10);

    const quiet = await measure(server, 2, "--quiet", "--padding", "9001", "--padding", "30");
    assert.deepEqual([quiet.status, quiet.stderr], [1, ""], "that a session was refused says the status alone");
    assert.match(quiet.stdout, /Roundtrip:/);
  });
});
