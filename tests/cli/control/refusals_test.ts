/** What a controller says when there is no session: one line that says why, and nothing of any secret. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { chmodSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import process from "node:process";
import { assertRefused, each, type Outcome, refused, started, withFolder } from "../support.ts";
import { onLinux, SECRET, type Server, withServer, writeKeys } from "./support.ts";

const WRONG = "wrong-horse-Battery";

function controller(server: Pick<Server, "there">, ...args: string[]): Promise<Outcome> {
  return refused(["controller", "127.0.0.1", "127.0.0.1:0", ...server.there, ...args]);
}

/** One line, as it is, after `twampede: `. */
function assertSays(outcome: Outcome, status: number, line: string): void {
  assertRefused(outcome, status);
  assert.equal(outcome.stderr, `twampede: ${line}\n`);
}

test("a server that refuses: status 1 and the reason, which the server logs as well", async () => {
  await withFolder((folder) =>
    withServer(["--key-file", writeKeys(folder), "--modes", "encrypted,plain"], async (server) => {
      const at = `server 127.0.0.1:${server.port}`;
      const wrong = writeKeys(folder, `alice ${WRONG}\nbob ${SECRET}\n`, "wrong");
      for (const id of ["alice", "bob"]) {
        assertSays(
          await controller(server, "--key-file", wrong, "--key-id", id),
          1,
          `${at} refused identity '${id}' (Accept 1: refused without a reason): check --key-id and the secret in --key-file`,
        );
      }
      assertSays(await controller(server), 1, `${at} offers encrypted, not open: choose one with --mode`);
      assertSays(
        await controller(server, "--key-file", wrong, "--key-id", "bob", "--mode", "mixed,authenticated"),
        1,
        `${at} offers encrypted, not authenticated or mixed: choose one with --mode`,
      );
      assertSays(
        await controller(server, "--key-file", wrong, "--key-id", "bob", "--symmetrical", "--reflect-octets", "8"),
        1,
        `${at} offers encrypted, not reflect, symmetrical: leave that out`,
      );
      const { stderr } = await server.stop();
      assert.equal(
        stderr.match(/ refused why="KeyID or secret wrong" accept="1 \(refused without a reason\)"/g)?.length,
        2,
      );
      assert.equal(stderr.match(/ closed why="client wants none of the modes offered"/g)?.length, 3);
      assert.ok(!stderr.includes(SECRET) && !stderr.includes(WRONG));
    })
  );
});

test("who is not allowed is told by Modes 0, before anything of the server is seen", async () => {
  await each([["--deny", "127.0.0.0/8"], ["--allow", "192.0.2.0/24"]], (limit) =>
    withServer(limit, async (server) => {
      assertSays(
        await controller(server),
        1,
        `server 127.0.0.1:${server.port} does not want to talk to this host (Modes 0): is this address allowed there?`,
      );
      const { stderr } = await server.stop();
      assert.match(stderr, /127\.0\.0\.1:\d+ closed why="not allowed"/);
    }));
});

test("a session that is refused: status 1, with the server's reason", async () => {
  await withServer(["--max-padding", "100"], async (server) => {
    assertSays(
      await controller(server, "--padding", "101", "--extensions", "plain"),
      1,
      `server 127.0.0.1:${server.port} refused the session (Accept 4: a permanent limit of resources)`,
    );
    const some = await controller(
      server,
      "--padding",
      "101",
      "--padding",
      "100",
      "--sessions",
      "2",
      "-c",
      "3",
      "-i",
      "5",
    );
    assert.equal(some.status, 1, "what was asked for was not done");
    assert.match(some.stderr, /refused session 1 of 2 \(Accept 4: a permanent limit of resources\)/);
    assert.match(some.stdout, /Session 2 of 2: .*padding=100[^]*Roundtrip: .* 0\.0%/, "and the other was measured");
    assert.match(
      (await server.stop()).stderr,
      /session refused .*accept=4 why="101 octets of padding are more than 100"/,
    );
  });
});

test("padding without room for what is to be reflected is not asked for", async () => {
  await withServer([], async (server) => {
    const outcome = await controller(server, "--padding", "20", "--reflect-octets", "16");
    assertRefused(outcome, 2, "--reflect-octets 16", "--padding");
    const { stderr } = await server.stop();
    assert.doesNotMatch(stderr, /session (?:refused|accepted)/);
  });
});

test("no server, and one that says nothing", async () => {
  const silent = createServer(() => {}).listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port } = silent.address() as { port: number };
  const said = await controller({ there: ["--control-port", String(port)] }, "--control-timeout", "0.3");
  assertSays(said, 1, `server 127.0.0.1:${port} sent no greeting within 0.3 s: is it a TWAMP server?`);
  silent.close();
  const none = await controller({ there: ["--control-port", String(port)] });
  assertRefused(none, 1, `127.0.0.1:${port}`);
});

test("a key file that is none is refused before anything is sent, by its line", async () => {
  await withFolder(async (folder) => {
    const long = "x".repeat(81);
    const cases: [string, string][] = [
      ["alice\n", "line 1 is not 'identity secret'"],
      [`# who\n\nalice ${SECRET}\nbob \n`, "line 4 is not 'identity secret'"],
      [`alice ${SECRET}\nalice ${WRONG}\n`, "line 2: identity 'alice' is there twice"],
      [`${long} ${SECRET}\n`, "line 1: the identity has more than 80 octets"],
      ["alice hex:0102030\n", "line 1: after 'hex:' come pairs of hex digits"],
      ["# nobody\n", "has no secret in it"],
      [`alice ${SECRET}\nbob ${SECRET}\n`, "has 2 identities: say which one with --key-id"],
    ];
    await each(cases.map((one, at) => ({ text: one[0], says: one[1], at })), async ({ text, says, at }) => {
      const outcome = await refused(["controller", "--key-file", writeKeys(folder, text, `keys${at}`)]);
      assertRefused(outcome, 2, "--key-file", says);
      assert.ok(!outcome.stderr.includes(SECRET) && !outcome.stderr.includes(WRONG), outcome.stderr);
    });
    assertRefused(await refused(["server", "--key-file", folder + "/none"]), 2, "does not exist");
    if (process.platform === "win32") return;
    const open = writeKeys(folder);
    chmodSync(open, 0o640);
    for (const command of ["server", "controller", "controlclient"]) {
      assertSays(
        await refused([command, "--key-file", open]),
        2,
        `--key-file '${open}' can be read by others: chmod 600 ${open}`,
      );
    }
  });
});

test("no secret stands in what either end prints or in the list of processes", onLinux, async () => {
  await withFolder((folder) => {
    const keys = writeKeys(folder, `alice ${SECRET}\n`);
    return withServer(["--key-file", keys, "-d"], async (server) => {
      const options = ["--key-file", keys, "-c", "0", "-i", "5", "-d", "--output", "json", "--print-responses"];
      const said = await started(
        ["controller", "127.0.0.1", "127.0.0.1:0", ...server.there, ...options],
        async (run) => {
          await run.until("stderr", /Reply from/);
          assertInNoProcess(SECRET);
          run.kill("SIGINT");
          const { status, stdout, stderr } = await run.end();
          assert.equal(status, 0, stderr);
          return stdout + stderr + (await server.stop()).stderr;
        },
      );
      const hex = Array.from(new TextEncoder().encode(SECRET), (octet) => octet.toString(16).padStart(2, "0")).join("");
      assert.ok(said.includes("alice"));
      for (const secret of [SECRET, hex]) assert.ok(!said.toLowerCase().includes(secret.toLowerCase()));
    });
  });
});

function assertInNoProcess(secret: string): void {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    for (const file of ["cmdline", "environ"]) {
      let text = "";
      try {
        text = readFileSync(`/proc/${pid}/${file}`, "utf8");
      } catch { /* gone, or somebody else's */ }
      assert.ok(!text.includes(secret), `/proc/${pid}/${file}`);
    }
  }
}
