// What there is too little of: places, sessions, patience of a server. And what a client makes of it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { assertRefused, refused } from "../support.ts";
import {
  Accept,
  Mode,
  SIZE,
  writeAcceptSession,
  writeAck,
  writeGreeting,
  writeServerStart,
} from "../../../core/wire/control.ts";
import { onLinux, RawClient, withClient, withFakeServer, withServer } from "./support.ts";

/** A server that accepts a session, and then does what `answer` says. */
async function fakeServer(client: RawClient, answer: (client: RawClient) => void | Promise<void>): Promise<void> {
  const random = new Uint8Array(16).fill(7);
  client.write(writeGreeting({ modes: Mode.OPEN, challenge: random, salt: random, count: 1024 }));
  await client.read(SIZE.SET_UP);
  client.write(writeServerStart({ accept: Accept.OK, serverIv: random, startTime: Uint32Array.of(1, 1) }));
  await client.read(SIZE.REQUEST);
  client.write(writeAcceptSession({ accept: Accept.OK, port: 9, sid: random, reflectedOctets: 0, serverOctets: 0 }));
  await client.read(SIZE.START);
  await answer(client);
}

for (
  const command of [["controlclient", "127.0.0.1:9", "127.0.0.1"], [
    "controller",
    "127.0.0.1",
    "127.0.0.1:0",
    "-c",
    "1",
  ]]
) {
  test(`${command[0]}: a session that is not started ends it with the server's word`, async () => {
    await withFakeServer(
      (client) => fakeServer(client, () => client.write(writeAck(Accept.TEMPORARY))),
      async (port) => {
        assertRefused(await refused([...command, "--control-port", `${port}`]), 1, "did not start", "Accept 5");
      },
    );
  });
}

test("controlclient: a server that breaks the protocol while the session is held ends it with status 3", async () => {
  await withFakeServer(
    (client) =>
      fakeServer(client, () => {
        client.write(writeAck(Accept.OK));
        client.write(new Uint8Array(16));
      }),
    async (port) => {
      const outcome = await refused(["controlclient", "127.0.0.1:9", "127.0.0.1", "--control-port", `${port}`]);
      assert.equal(outcome.status, 3, outcome.stderr);
      assert.match(outcome.stderr, /sent what TWAMP-Control has no place for/);
    },
  );
});

for (const command of ["controlclient", "controller"]) {
  test(`${command}: a server that says too much with its Server-Start is told of, and no error of ours`, async () => {
    await withFakeServer(async (client) => {
      const random = new Uint8Array(16).fill(7);
      client.write(writeGreeting({ modes: Mode.OPEN, challenge: random, salt: random, count: 1024 }));
      await client.read(SIZE.SET_UP);
      const start = writeServerStart({ accept: Accept.OK, serverIv: random, startTime: Uint32Array.of(1, 1) });
      client.write(Uint8Array.of(...start, ...random));
    }, async (port) => {
      const outcome = await refused([command, "127.0.0.1:9", "127.0.0.1:0", "--control-port", `${port}`]);
      assertRefused(outcome, 3, `server 127.0.0.1:${port} sent what TWAMP-Control has no place for (ready)`);
    });
  });
}

test("one address has no more than its share of the sessions", async () => {
  await withServer(["--max-sessions-per-address", "2"], (server) =>
    withClient(server, async (client) => {
      await client.setUp();
      for (const accept of [Accept.OK, Accept.OK, Accept.TEMPORARY]) {
        assert.equal((await client.request()).accept, accept);
      }
      await server.run.until("stderr", /why="as many sessions as one address may have"/);
    }));
});

test("those who are not allowed keep nobody out, though they close nothing", onLinux, async () => {
  await withServer(["--deny", "127.0.0.2/32", "--max-connections", "4"], async (server) => {
    const denied: RawClient[] = [];
    try {
      // More than all places together.
      for (let n = 0; n < 700; n++) {
        denied.push(
          await RawClient.connect(server.port, "127.0.0.1", "127.0.0.2").catch(() => RawClient.knock(server.port)),
        );
      }
      for (let tries = 0;; tries++) {
        try {
          assert.equal(await withClient(server, (client) => client.setUp()), Accept.OK);
          break;
        } catch (error) {
          if (tries === 50) throw error;
        }
      }
    } finally {
      for (const client of denied) client.close();
    }
  });
});
