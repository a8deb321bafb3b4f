/** A controller that is interrupted, and a control connection that breaks: the result so far, and the server knows. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { Accept, Mode, SIZE, writeAcceptSession, writeGreeting, writeServerStart } from "../../../core/wire/control.ts";
import { each, type Run, started } from "../support.ts";
import { readResult } from "../parse.ts";
import { type RawClient, withFakeServer, withServer, withSignals } from "./support.ts";

const CONTROLLER = ["controller", "127.0.0.1", "127.0.0.1:0", "--output", "json", "-v", "-i", "5"];
const SOME = /(?:Reply from [^\n]*\n[^]*){5}/;

test(
  "interrupted while it measures: the result so far, status 0, and the session is stopped",
  withSignals,
  async () => {
    await withServer([], async (server) => {
      await each(["plain", "individual"], async (extensions) => {
        const line = [...CONTROLLER, ...server.there, "--extensions", extensions, "--packet-timeout", "1", "-c", "0"];
        await started(line, async (run) => {
          await run.until("stderr", SOME);
          run.kill("SIGINT");
          const { status, stdout, stderr } = await run.end();
          assert.equal(status, 0, stderr);
          const { packets, session } = readResult(stdout);
          assert.ok(packets.received >= 5);
          assert.equal(packets.lost, 0);
          const over = new RegExp(`session over sid=${session.control.sid} why=stopped received=(\\d+) `);
          const [, received] = await server.run.until("stderr", over);
          // One that was in flight when it was interrupted counts nowhere here, but may have arrived there.
          const left = Number(received) - packets.sent;
          assert.ok(left >= 0 && left <= packets.unfinished, `${received} there: ${JSON.stringify(packets)}`);
        });
      });
    });
  },
);

test(
  "interrupted before each session has sent a probe: what others have is a result, status 0",
  withSignals,
  async () => {
    await withServer([], async (server) => {
      const long = ["--sessions", "2", "-i", "3600000", "-c", "2"]; // the second begins half an interval after the first
      await started([...CONTROLLER, ...server.there, ...long], async (run) => {
        await run.until("stderr", /Reply from /);
        run.kill("SIGINT");
        const { status, stdout, stderr } = await run.end();
        const [first, second] = JSON.parse(stdout).results.map(({ packets }: { packets: unknown }) => packets);
        assert.deepEqual([first.received, first.lost, second.sent], [1, 0, 0]);
        assert.equal(status, 0, stderr);
      });
    });
  },
);

/** How far a server goes with a client before it falls silent. */
const STAGES: Readonly<Record<string, (client: RawClient) => Promise<void>>> = {
  greeting: () => Promise.resolve(),
  "server-start": greet,
  "accept-session": serverStart,
  "start-ack": acceptSession,
};

async function greet(client: RawClient): Promise<void> {
  const octets = Uint8Array.from({ length: 16 }, (_, i) => i);
  client.write(writeGreeting({ modes: Mode.OPEN, challenge: octets, salt: octets, count: 1024 }));
  await client.read(SIZE.SET_UP);
}

async function serverStart(client: RawClient): Promise<void> {
  await greet(client);
  const serverIv = new Uint8Array(16);
  client.write(writeServerStart({ accept: Accept.OK, serverIv, startTime: new Uint32Array(2) }));
  await client.read(SIZE.REQUEST);
}

async function acceptSession(client: RawClient): Promise<void> {
  await serverStart(client);
  const sid = Uint8Array.from({ length: 16 }, (_, i) => i);
  client.write(writeAcceptSession({ accept: Accept.OK, port: 9, sid, reflectedOctets: 0, serverOctets: 0 }));
  await client.read(SIZE.START);
}

test("interrupted before there is a session: status 130, at once, wherever the server hangs", withSignals, async () => {
  const commands = [CONTROLLER, ["controlclient", "127.0.0.1:20001", "127.0.0.1:20000"]];
  const cases = commands.flatMap((command) => Object.keys(STAGES).map((stage) => ({ command, stage })));
  await each(cases, async ({ command, stage }) => {
    let arrived!: () => void;
    const hangs = new Promise<void>((resolve) => arrived = resolve);
    await withFakeServer(async (client) => {
      await STAGES[stage](client);
      arrived();
    }, async (port) => {
      await started([...command, "--control-port", String(port)], async (run) => {
        await Promise.race([hangs, run.end()]); // one that ends before has failed
        run.kill("SIGINT");
        const { status, stdout } = await run.end();
        assert.deepEqual([status, stdout], [130, ""]);
      }, { longestMs: 20_000 });
    });
  });
});

/** A way to a server that can be cut off; the measurement itself goes past it. */
async function withProxy(port: number, use: (port: number, cut: () => void) => Promise<void>): Promise<void> {
  const near: Socket[] = [];
  const far: Socket[] = [];
  const proxy = createServer((client) => {
    const server = connect({ port, host: "127.0.0.1" });
    for (const socket of [client, server]) socket.on("error", () => {});
    client.on("data", (octets) => server.write(octets));
    server.on("data", (octets) => client.write(octets));
    near.push(client);
    far.push(server);
  }).listen(0, "127.0.0.1");
  await once(proxy, "listening");
  try {
    const cut = () => near.forEach((socket) => socket.resetAndDestroy());
    await use((proxy.address() as { port: number }).port, cut);
  } finally {
    for (const socket of [...near, ...far]) socket.destroy();
    proxy.close();
  }
}

const BROKEN = /note: server \S+ closed the connection while sessions ran[^\n]*: measured on/;

test("the control connection is reset while it measures: it measures on, and says so", withSignals, async () => {
  await withServer([], (server) =>
    withProxy(server.port, async (port, cut) => {
      await started([...CONTROLLER, "--control-port", String(port), "-c", "100"], async (run: Run) => {
        await run.until("stderr", SOME);
        cut();
        const { status, stdout, stderr } = await run.end();
        assert.equal(status, 0, stderr);
        const { packets, notes } = readResult(stdout);
        assert.deepEqual([packets.sent, packets.received], [100, 100]);
        assert.match(stderr, BROKEN);
        assert.match(notes.join(), /while sessions ran/);
      });
    }));
});

test("a server that does not answer when sessions are stopped does not hold the result up", withSignals, async () => {
  await withServer([], async (server) => {
    const line = [...CONTROLLER, ...server.there, "--extensions", "individual", "--packet-timeout", "0.1", "-c", "0"];
    await started([...line, "--control-timeout", "600"], async (run) => {
      await run.until("stderr", SOME);
      server.run.kill("SIGSTOP");
      run.kill("SIGINT");
      await run.until("stdout", /\n}\n$/);
      assert.ok(readResult(run.stdout).packets.received >= 5);
      server.run.kill("SIGCONT");
      assert.equal((await run.end()).status, 0);
    }, { longestMs: 30_000 });
  });
});

test("the server is killed while it measures: the result up to there, and why", withSignals, async () => {
  await withServer([], async (server) => {
    const line = [...CONTROLLER, ...server.there, "-c", "100", "--packet-timeout", "0.2"];
    await started(line, async (run) => {
      await run.until("stderr", SOME);
      server.run.kill("SIGKILL");
      const { status, stdout, stderr } = await run.end();
      assert.equal(status, 0, stderr);
      const { packets } = readResult(stdout);
      assert.ok(packets.received >= 5 && packets.lost > 0, JSON.stringify(packets));
      assert.match(stderr, BROKEN);
    });
  });
});
