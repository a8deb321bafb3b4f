/** Where the ffi transport cannot work: the next one is taken, and a line says what is lost. */
import { test } from "node:test";
import assert from "node:assert/strict";
import process from "node:process";
import { assertRefused, refused, run, withResponder } from "./support.ts";

/** Deno alone asks for permissions; the executable has them all. */
const canForbid = "Deno" in globalThis && process.platform === "linux" && !process.env.TWAMPEDE_EXE;
const options = { permissions: ["--allow-net", "--allow-read", "--allow-env", "--allow-sys"] };

if (canForbid) {
  test("without --allow-ffi a sender takes Deno's sockets and says so in one line", async () => {
    await withResponder([], async ({ at }) => {
      const line = ["sender", at, "127.0.0.1:0", "-c", "3", "-i", "5", "--output", "json"];
      const { status, stdout, stderr } = await run(line, options);
      assert.equal(status, 0, stderr);
      const { tool, stamps, packets, session } = JSON.parse(stdout);
      assert.deepEqual([tool.transport, stamps.t1, stamps.t4, packets.received], ["deno", "user", "user", 3]);
      assert.deepEqual([session.tos, session.ttl], [null, null], "what was not set is not claimed");
      const said = stderr.split("\n").filter((text) => text.includes("ffi"));
      assert.equal(said.length, 1, stderr);
      assert.match(
        said[0],
        /^twampede: note: the ffi transport .*--allow-ffi.*: the deno transport stamps in user space$/,
      );
    });
  });

  test("without --allow-ffi a responder does the same", async () => {
    await withResponder(
      [],
      async ({ at, stop }) => {
        assert.equal((await run(["sender", at, "127.0.0.1:0", "-c", "3", "-i", "5"])).status, 0);
        const { stderr } = await stop();
        assert.match(stderr, /^twampede: note: the ffi transport .*--allow-ffi.*: the deno transport/m);
        assert.match(stderr, /deno transport, T2 user, T3 user/);
      },
      "127.0.0.1:0",
      options,
    );
  });

  test("without --allow-ffi what only that transport can is refused in one line that says why", async () => {
    const sender = ["sender", "127.0.0.1:9", "127.0.0.1:0", "-c", "1"];
    assertRefused(await refused([...sender, "--transport", "ffi"], options), 2, "ffi", "--allow-ffi");
    assertRefused(await refused([...sender, "--dscp", "ef"], options), 2, "--dscp", "--allow-ffi");
    assertRefused(await refused([...sender, "--timestamp", "kernel"], options), 2, "--timestamp", "--allow-ffi");
  });
} else {
  test("the program has its ffi transport", { skip: process.platform !== "linux" && "for Linux only" }, async () => {
    const { stdout } = await run(["plugins"]);
    assert.match(stdout, /\bffi\b/);
  });
}
