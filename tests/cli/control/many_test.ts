/** Many sessions at once: on ports of their own, on one port for all, of one controller and of several. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { run, withFolder, withSocket } from "../support.ts";
import type { Json } from "../parse.ts";
import { assertWhole, NOTE, readResults, type Server, withServer, writeKeys } from "./support.ts";

/** A port that was free a moment ago: a server takes no 0 for "one port for all, the system's choice". */
function freePort(): Promise<number> {
  return withSocket("127.0.0.1", (_socket, port) => Promise.resolve(port));
}

async function measure(
  server: Server,
  sessions: number,
  count: number,
  ...more: string[]
): Promise<Json[]> {
  const line = ["controller", "127.0.0.1", "127.0.0.1:0", ...server.there, "--sessions", String(sessions)];
  const { status, stdout, stderr } = await run([...line, "-c", String(count), "-i", "10", "--output", "json", ...more]);
  assert.equal(status, 0, stderr);
  assert.doesNotMatch(stderr, NOTE);
  const results = readResults(stdout);
  assert.equal(results.length, sessions);
  for (const result of results) assertWhole(result, count);
  assert.equal(new Set(results.map(({ session }) => session.control.sid)).size, sessions);
  return results;
}

/** Code points that sessions have in turn, and the TOS octets of their packets. */
const POINTS = { ef: 0xb8, af41: 0x88, be: 0 } as const;
const DSCP = Object.keys(POINTS).flatMap((name) => ["--dscp", name]);

function assertMarked(results: Json[], count: number): void {
  const tos = Object.values(POINTS);
  for (const [at, { marking }] of results.entries()) {
    const expected = tos[at % tos.length];
    assert.deepEqual([marking.sentTos, marking.replyTos], [expected, expected]);
    for (const way of [marking.outbound, marking.inbound]) {
      assert.deepEqual(way.map((one: Json) => [one.tos, one.count]), [[expected, count]]);
    }
  }
}

test("20 sessions on one port: each one's replies come with its DSCP", async () => {
  const port = await freePort();
  await withServer([], async (server) => {
    assert.match(server.run.stderr, new RegExp(`\\(test port ${port},`));
    const results = await measure(server, 20, 50, ...DSCP);
    assertMarked(results, 50);
    assert.deepEqual(new Set(results.map(({ session }) => session.remote)), new Set([`127.0.0.1:${port}`]));
  }, `127.0.0.1:${port}`);
});

test("encrypted sessions on one port, with keys of their own, and marked", async () => {
  const port = await freePort();
  await withFolder((folder) => {
    const keys = ["--key-file", writeKeys(folder)];
    return withServer(keys, async (server) => {
      assertMarked(await measure(server, 12, 50, ...DSCP, ...keys, "--mode", "encrypted"), 50);
    }, `127.0.0.1:${port}`);
  });
});

test("100 sessions of one controller: no probe is lost", async () => {
  await withServer([], async (server) => {
    const results = await measure(server, 100, 200);
    assert.equal(new Set(results.map(({ session }) => session.remote)).size, 100, "a port each");
    const { stderr } = await server.stop();
    assert.match(stderr, /1 connection, 100 sessions/);
  });
});

test("100 sessions of ten controllers: no probe is lost", async () => {
  await withServer([], async (server) => {
    await Promise.all(Array.from({ length: 10 }, () => measure(server, 10, 200)));
    assert.match((await server.stop()).stderr, /10 connections, 100 sessions/);
  });
});
