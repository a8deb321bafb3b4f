/** Ports of a server: the system's choice, a range, one for all. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { assertRefused, refused, withSocket } from "../support.ts";
import { Accept, withClient, withServer } from "./support.ts";

test("0 lets the system choose the port of the connections and those of sessions; the ready line says so", async () => {
  await withServer([], async (server) => {
    assert.match(
      server.run.stderr,
      /^twampede: server on 127\.0\.0\.1:\d+ \(test ports of the system's choice, modes open/,
    );
    await withClient(server, async (client) => {
      assert.equal(await client.setUp(), Accept.OK);
      const ports = new Set<number>();
      for (const senderPort of [1, 2, 3]) ports.add((await client.request({ senderPort })).port);
      assert.equal(ports.size, 3);
      assert.ok(!ports.has(0));
    });
  });
});

test("a range of ports is kept to; when all are taken the answer is 5, whoever has them", async () => {
  // A port of the system's choice that is somebody else's, and the one beside it, which most likely is free.
  await withSocket("127.0.0.1", async (_socket, taken) => {
    const free = taken < 65_535 ? taken + 1 : taken - 1;
    const range = `${Math.min(taken, free)}-${Math.max(taken, free)}`;
    await withServer(["--test-ports", range], async (server) => {
      await withClient(server, async (client) => {
        await client.setUp();
        const first = await client.request({ receiverPort: taken });
        assert.deepEqual([first.accept, first.port], [Accept.OK, free]);
        assert.deepEqual((await client.request({ senderPort: 1 })).accept, Accept.TEMPORARY);
      });
    });
  });
});

test("what is no port is refused with what would be one", async () => {
  assertRefused(await refused(["server", "127.0.0.1", "--test-ports", "0-5"]), 2, "--test-ports '0-5'", "18760-19960");
  assertRefused(await refused(["server", "127.0.0.1", "--test-ports", "9-5"]), 2, "--test-ports '9-5'", "or 0");
  assertRefused(await refused(["server", "127.0.0.1", "--control-port", "65536"]), 2, "'65536'", "0 to 65535");
  assertRefused(await refused(["controller", "127.0.0.1", "--control-port", "0"]), 2, "'0'", "1 to 65535");
});
