/** What ends sessions and connections without anybody's command, and ports that are somebody else's. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { assertRefused, refused, started, withSocket } from "../support.ts";
import { readResult } from "../parse.ts";
import { Mode } from "../../../core/wire/control.ts";
import { Accept, NOTE, withClient, withServer, withSignals } from "./support.ts";

test("a session that hears nothing for REFWAIT is over, and its connection after SERVWAIT", async () => {
  await withServer(["--refwait", "0.3", "--servwait", "0.3"], (server) =>
    withClient(server, async (client) => {
      await client.setUp();
      await client.request();
      await client.start();
      await server.run.until("stderr", /session over .*why="silent for REFWAIT" received=0/);
      await client.over();
      await server.run.until("stderr", /closed why="silent for SERVWAIT"/);
    }));
});

test("a session that is never started is over after REFWAIT, though others of its connection run", async () => {
  await withServer(["--refwait", "0.5", "--servwait", "50"], (server) =>
    withClient(server, async (client) => {
      await client.setUp(Mode.OPEN | Mode.INDIVIDUAL);
      await client.request();
      await server.run.until("stderr", /session over .*why="never started"/);
    }));
});

test("a connection whose sessions run is not silent, however long nothing is said on it", withSignals, async () => {
  await withServer(["--refwait", "5", "--servwait", "0.2", "--setup-timeout", "0.2"], async (server) => {
    const line = [
      "controller",
      "127.0.0.1",
      "127.0.0.1:0",
      ...server.there,
      "-c",
      "60",
      "-i",
      "10",
      "--output",
      "json",
    ];
    await started([...line, "--packet-timeout", "1"], async (run) => {
      const { status, stdout, stderr } = await run.end();
      assert.equal(status, 0, stderr);
      assert.doesNotMatch(stderr, NOTE);
      assert.equal(readResult(stdout).packets.received, 60);
      await server.run.until("stderr", /session over .*why=stopped received=60/);
    });
  });
});

test("a session gets as old as --max-life, and the result tells what was lost then", withSignals, async () => {
  await withServer(["--max-life", "0.5"], async (server) => {
    const line = [
      "controller",
      "127.0.0.1",
      "127.0.0.1:0",
      ...server.there,
      "-c",
      "150",
      "-i",
      "10",
      "--output",
      "json",
    ];
    await started([...line, "--packet-timeout", "0.3"], async (run) => {
      const { status, stdout } = await run.end();
      const { packets } = readResult(stdout);
      assert.equal(status, 0);
      assert.ok(packets.received >= 10 && packets.lost >= 10, JSON.stringify(packets));
      await server.run.until("stderr", /session over .*why="as old as it may get"/);
    });
  });
});

test("on one port for all, a second session from the same address and port is refused with 5", async () => {
  const port = await withSocket("127.0.0.1", (_socket, port) => Promise.resolve(port));
  await withServer([], (server) =>
    withClient(server, async (client) => {
      await client.setUp();
      assert.equal((await client.request({ senderPort: 7 })).port, port);
      assert.equal((await client.request({ senderPort: 7 })).accept, Accept.TEMPORARY);
      await server.run.until("stderr", /why="a session from that address and port is there already"/);
      assert.equal((await client.request({ senderPort: 8 })).accept, Accept.OK);
    }), `127.0.0.1:${port}`);
});

test("a port in use is said, with what to do, for TCP and for UDP", async () => {
  await withServer([], async (server) => {
    assertRefused(await refused(["server", "127.0.0.1", ...server.there]), 2, `127.0.0.1:${server.port}`, "in use");
  });
  await withSocket("127.0.0.1", async (_socket, port) => {
    assertRefused(
      await refused(["server", `127.0.0.1:${port}`, "--control-port", "0"]),
      2,
      `127.0.0.1:${port}`,
      "in use",
    );
  });
});
