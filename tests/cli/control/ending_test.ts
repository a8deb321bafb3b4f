/** A server that is ended: what runs may finish, what is over frees its ports, and who waits for it is told. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { refused, type Run, started, tool, withFolder } from "../support.ts";
import { readResult } from "../parse.ts";
import { assertWhole, type Server, withClient, withServer, withSignals } from "./support.ts";

/** Starts a controller and hands it over once its session runs, with the session's port. */
async function withController<T>(
  server: Server,
  args: readonly string[],
  use: (run: Run, port: number) => Promise<T>,
): Promise<T> {
  const line = ["controller", "127.0.0.1", "127.0.0.1:0", ...server.there, "--output", "json", "-v"];
  return await started([...line, ...args], async (run) => {
    const [, port] = await run.until("stderr", /Reply from \S+:(\d+)/);
    return await use(run, Number(port));
  });
}

/** Asserts that somebody else can have the ports. */
async function assertFree(tcp: number, udp: readonly number[]): Promise<void> {
  const listener = createServer().listen(tcp, "127.0.0.1");
  await once(listener, "listening");
  listener.close();
  for (const port of udp) {
    const socket = createSocket("udp4").bind(port, "127.0.0.1");
    await once(socket, "listening");
    socket.close();
  }
}

test("sessions that run finish, no new ones are taken, and all ports are free afterwards", withSignals, async () => {
  await withServer(["--drain", "20"], async (server) => {
    const ran = ["-c", "100", "-i", "10", "--packet-timeout", "1"];
    await withController(server, ran, (first, firstPort) =>
      withController(server, ran, async (second, secondPort) => {
        server.run.kill("SIGTERM");
        await server.run.until("stderr", /no new sessions; those that run have 20 s to end, Ctrl-C ends them at once/);
        const late = await refused(["controller", "127.0.0.1", "127.0.0.1:0", ...server.there]);
        assert.equal(late.status, 1, late.stderr);
        for (const run of [first, second]) {
          const { status, stdout, stderr } = await run.end();
          assert.equal(status, 0, stderr);
          assertWhole(readResult(stdout), 100);
          assert.doesNotMatch(stderr, /note: server/);
        }
        const { status, stderr } = await server.run.end();
        assert.equal(status, 0, stderr);
        assert.equal(stderr.match(/session over .*why=stopped received=100 reflected=100/g)?.length, 2, stderr);
        await assertFree(server.port, [firstPort, secondPort]);
      }));
  });
});

test("what does not finish is ended when --drain is over", withSignals, async () => {
  await withServer(["--drain", "0.3"], async (server) => {
    await withController(server, ["-c", "0", "-i", "10", "--packet-timeout", "0.2"], async (run, port) => {
      server.run.kill("SIGTERM");
      const { status, stderr } = await server.run.end();
      assert.equal(status, 0, stderr);
      assert.match(stderr, /session over .*why="server ended"/);
      await assertFree(server.port, [port]);
      await run.until("stderr", /No reply from|Timeout: packet/);
      run.kill("SIGINT");
      assert.match((await run.end()).stderr, /note: server \S+ closed the connection while sessions ran/);
    });
  });
});

test("a client that stops its sessions and stays does not hold the end up", withSignals, async () => {
  await withServer(
    ["--drain", "50"],
    async (server) => {
      await withClient(server, async (client) => {
        await client.setUp();
        await client.request();
        await client.start();
        server.run.kill("SIGTERM");
        await server.run.until("stderr", /no new sessions/);
        client.stop(1);
        await client.over();
        assert.equal((await server.run.end()).status, 0);
      });
    },
    "127.0.0.1",
    { longestMs: 4000 },
  );
});

test("a second signal leaves at once; without sessions the first does", withSignals, async () => {
  await withServer(
    ["--drain", "50"],
    async (server) => {
      await withController(server, ["-c", "0", "-i", "10"], async (_run, port) => {
        server.run.kill("SIGTERM");
        await server.run.until("stderr", /no new sessions/);
        server.run.kill("SIGINT");
        assert.equal((await server.run.end()).status, 130);
        await assertFree(server.port, [port]);
      });
    },
    "127.0.0.1",
    { longestMs: 4000 },
  );
  await withServer(
    ["--drain", "50"],
    async (server) => {
      await withClient(server, async (client) => {
        await client.setUp();
        server.run.kill("SIGTERM");
        const { status, stderr } = await server.run.end();
        assert.equal(status, 0, stderr);
        assert.doesNotMatch(stderr, /no new sessions/);
        await client.over();
      });
    },
    "127.0.0.1",
    { longestMs: 4000 },
  );
});

/** A service manager: says when it listens, and then a line for each datagram. */
const MANAGER = `
  use IO::Socket::UNIX; use Socket;
  my $socket = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $ARGV[0]) or die $!;
  $| = 1; print "listening\\n";
  while (defined $socket->recv(my $text, 4096)) { $text =~ s/\\n*$/\\n/; print $text; }
`;

test("a service manager is told when the server is ready, and when it is being ended", async (t) => {
  const perl = tool("perl");
  if (process.platform !== "linux" || perl === undefined) return t.skip("needs Linux and perl");
  await withFolder(async (folder) => {
    const path = join(folder, "notify");
    const manager = spawn(perl, ["-e", MANAGER, path], { stdio: ["ignore", "pipe", "inherit"] });
    let said = "";
    let look = () => {};
    manager.stdout!.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      look();
    });
    const heard = (text: string) =>
      new Promise<void>((resolve) => {
        look = () => said.includes(text) && resolve();
        look();
      });
    try {
      await heard("listening\n");
      await withServer(
        [],
        async (server) => {
          await heard("READY=1\n");
          assert.ok(!said.includes("STOPPING"));
          await server.stop();
          await heard("STOPPING=1\n");
          assert.equal(said, "listening\nREADY=1\nSTOPPING=1\n");
        },
        "127.0.0.1",
        { env: { NOTIFY_SOCKET: path } },
      );
    } finally {
      manager.kill();
    }
  });
});

test("a service manager that is not there disturbs nothing", async () => {
  await withServer([], (server) => server.stop(), "127.0.0.1", { env: { NOTIFY_SOCKET: "/nowhere/at/all" } });
});
