/** A control client alone: it holds a session that somebody else's sender measures with. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { assertRefused, refused, run, started, withSocket } from "../support.ts";
import { readResult } from "../parse.ts";
import { assertWhole, NOTE, withFakeServer, withServer, withSignals } from "./support.ts";

/** A sender that says the session's port and its own, and is not told of the server. */
async function measure(port: number, local: number, ...more: string[]): Promise<ReturnType<typeof run>> {
  const ends = [`127.0.0.1:${port}`, `127.0.0.1:${local}`];
  return await run(["sender", ...ends, "-c", "20", "-i", "5", "--packet-timeout", "0.5", "--output", "json", ...more]);
}

test("a sender with the agreed ports measures while the session is held, and not afterwards", withSignals, async () => {
  await withServer(["--strict-peer"], async (server) => {
    const [local, stranger] = await withSocket(
      "127.0.0.1",
      (_a, first) => withSocket("127.0.0.1", (_b, second) => Promise.resolve([first, second])),
    );
    const line = ["controlclient", `127.0.0.1:${local}`, "127.0.0.1:20000", ...server.there, "--packet-timeout", "0"];
    await started(line, async (client) => {
      const [, sid, port] = await client.until(
        "stderr",
        /^twampede: session ([0-9a-f]{32}): 127\.0\.0\.1:\d+ may send to 127\.0\.0\.1:(\d+) \(the server's choice\); Ctrl-C ends it$/m,
      );
      const held = await measure(Number(port), local);
      assert.equal(held.status, 0, held.stderr);
      const result = readResult(held.stdout);
      assertWhole(result, 20);
      assert.deepEqual(result.peer.findings, []);
      assert.doesNotMatch(held.stderr, NOTE, "replies are what a sender without control expects");
      assert.equal((await measure(Number(port), stranger)).status, 1, "another port is nobody's");

      client.kill("SIGINT");
      const { status, stdout, stderr } = await client.end();
      assert.deepEqual([status, stdout], [0, ""], stderr);
      await server.run.until("stderr", new RegExp(`session over sid=${sid} why=stopped received=20 reflected=20`));
      assert.equal((await measure(Number(port), local)).status, 1, "the session is over");
    });
  });
});

test("a server that ends, refuses or is not there: status 1 and why", withSignals, async () => {
  await withServer(["--drain", "0"], async (server) => {
    const line = ["controlclient", "127.0.0.1:20001", "127.0.0.1:20000", ...server.there];
    const refusal = await refused([...line, "--padding", "9001"]);
    assertRefused(refusal, 1, `server 127.0.0.1:${server.port} refused the session (Accept 4: a permanent limit`);
    await started(line, async (client) => {
      await client.until("stderr", /Ctrl-C ends it/);
      await server.stop();
      const { status, stderr } = await client.end();
      assert.equal(status, 1);
      assert.match(stderr, /\ntwampede: server \S+ closed the connection while sessions ran\n$/);
    });
    assertRefused(await refused(line), 1, `127.0.0.1:${server.port}`);
  });
  await withFakeServer((client) => client.close(), async (port) => {
    const outcome = await refused(["controlclient", "--control-port", String(port)]);
    assertRefused(outcome, 1, "closed the connection before its greeting: is it a TWAMP server?");
  });
});

test("two ends of two IP versions are refused with what to do", async () => {
  assertRefused(await refused(["controlclient", "[::1]:5", "127.0.0.1:6"]), 2, "two IP versions");
});
