/** Interrupts: the result so far and status 0, 130 before any result, and nothing that outlives them. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { each, run, started, tool, withFolder, withResponder, withSocket } from "./support.ts";
import { replyTo, withReflector } from "./packets.ts";
import { type Json, readCsv, readLines, readResult, readTable } from "./parse.ts";

const only = { skip: process.platform === "win32" && "needs signals" };
const THREE = /(?:Reply from [^\n]*\n[^]*){3}/;

function assertSoFar(result: Json): void {
  assert.ok(result.packets.received >= 3, JSON.stringify(result.packets));
  assert.equal(result.packets.lost, 0, "what is in flight when the run is interrupted is not lost");
}

test("-c 0 runs until interrupted; the result so far, status 0", only, async () => {
  await withResponder([], async ({ at }) => {
    await each(["SIGINT", "SIGTERM"] as const, async (signal) => {
      await started(["sender", at, "127.0.0.1:0", "-c", "0", "-i", "5", "-v", "--output", "json"], async (run) => {
        await run.until("stderr", THREE);
        run.kill(signal);
        const { status, stdout } = await run.end();
        assert.equal(status, 0);
        const result = readResult(stdout);
        assertSoFar(result);
        assert.equal(result.session.count, null);
      });
    });
  });
});

test("a terminal that goes away ends a run with its result, unless nohup was asked to see to that", only, async (t) => {
  const env = tool("env");
  if (env === undefined || process.platform !== "linux") return t.skip("needs Linux, with GNU env");
  await withResponder([], ({ at }) =>
    withFolder(async (folder) => {
      const line = ["sender", at, "127.0.0.1:0", "-i", "5", "-v", "--output"];
      const file = join(folder, "result.json");
      const heeding = { through: [env, "--default-signal=HUP"] };
      await started([...line, `json:file=${file}`, "-c", "0"], async (run) => {
        await run.until("stderr", THREE);
        run.kill("SIGHUP");
        run.kill("SIGHUP"); // the system's, and the shell's
        assert.equal((await run.end()).status, 0);
        assertSoFar(readResult(readFileSync(file, "utf8")));
      }, heeding);
      await started([...line, "json", "-c", "60"], async (run) => {
        await run.until("stderr", THREE);
        run.kill("SIGHUP");
        assert.equal(readResult((await run.end()).stdout).packets.received, 60);
      }, { through: [env, "--ignore-signal=HUP"] });
    }));
});

test("an interrupted run of a certain count prints every format whole", only, async () => {
  await withResponder([], async ({ at }) => {
    const readers: Record<string, (text: string) => void> = {
      table: (text) => assert.equal(readTable(text).loss.Roundtrip, "0.0%"),
      ndjson: (text) => assertSoFar(readLines(text).summary),
      csv: (text) => assert.ok(readCsv(text).length >= 3),
    };
    await each(Object.keys(readers), async (name) => {
      await started(["sender", at, "127.0.0.1:0", "-c", "100000", "-i", "5", "-v", "--output", name], async (run) => {
        await run.until("stderr", THREE);
        run.kill("SIGINT");
        const { status, stdout } = await run.end();
        assert.equal(status, 0);
        readers[name](stdout);
      });
    });
  });
});

test("before any result: status 130; when some are lost already: status 1", only, async () => {
  await withSocket("127.0.0.1", async (socket, port) => {
    const line = ["sender", `127.0.0.1:${port}`, "127.0.0.1:0", "-c", "1000", "-i", "20"];
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      await started(line, async (run) => {
        await once(socket, "message");
        run.kill(signal);
        assert.equal((await run.end()).status, 130);
      });
    }
    await started([...line, "--packet-timeout", "0.05", "-v"], async (run) => {
      await run.until("stderr", /No reply from/);
      run.kill("SIGINT");
      assert.equal((await run.end()).status, 1);
    });
  });
});

/** A shell that gives the program a standard output which is full and which nobody reads; its path is `$0`. */
const FULL_PIPE = 'mkfifo "$0" && exec 7<>"$0" && head -c 65536 /dev/zero >&7 && exec "$@" >&7';

test("a second interrupt leaves at once, though nobody reads the result", only, async () => {
  await withResponder([], ({ at }) =>
    withFolder(async (folder) => {
      const through = [tool("sh")!, "-c", FULL_PIPE, join(folder, "pipe")];
      const line = ["sender", at, "127.0.0.1:0", "-c", "0", "-i", "5", "-v", "--output", "ndjson"];
      await started(line, async (run) => {
        await run.until("stderr", /sseq=20 /);
        run.kill("SIGINT");
        run.kill("SIGTERM"); // another one, as two of the same may be told as one
        const { status, signal } = await run.end();
        assert.ok(status === 0 || status === 130, `${status} ${signal}`);
      }, { through, longestMs: 5000 });
    }));
});

test(
  "a run ends though its reader stopped reading for good: the output is switched off",
  only,
  () =>
    withFolder(async (folder) => {
      const through = [tool("sh")!, "-c", FULL_PIPE, join(folder, "pipe")];
      const line = ["demo", "-c", "40000", "-i", "0.03", "--packet-timeout", "0.2", "-q", "--output", "ndjson"];
      const { status, stderr } = await run(line, { through });
      assert.match(stderr, /^twampede: output ndjson is switched off: .* is not read fast enough\n=+\nDirection/);
      assert.equal(status, 1);
    }),
);

test("a reader that is slow does not disturb what is measured", only, async () => {
  await withFolder(async (folder) => {
    const [pipe, result] = [join(folder, "pipe"), join(folder, "result.json")];
    const through = [tool("sh")!, "-c", FULL_PIPE, pipe];
    let nearlyAll!: () => void;
    const most = new Promise<void>((resolve) => nearlyAll = resolve);
    await withReflector((probe, send) => {
      send(replyTo(probe));
      if (probe.seq === 380) nearlyAll();
    }, async (at) => {
      const line = ["sender", at, "127.0.0.1:0", "-c", "400", "-i", "2", "--packet-timeout", "1"];
      await started([...line, "--output", "ndjson", "--output", `json:file=${result}`], async (run) => {
        const stuck = setTimeout(nearlyAll, 3000);
        await most; // until then nobody reads
        clearTimeout(stuck);
        const reader = spawn(tool("cat")!, [pipe], { stdio: "ignore" });
        try {
          assert.equal((await run.end()).status, 0);
        } finally {
          reader.kill();
        }
      }, { through });
      const { packets } = readResult(readFileSync(result, "utf8"));
      assert.deepEqual([packets.sent, packets.received], [400, 400], "no loss but on the network");
    });
  });
});

/** The same, made non-blocking, as a program before may have left a terminal or a pipe that both write to. */
const FULL_NONBLOCKING_PIPE = FULL_PIPE.replace(
  ' && exec "$@"',
  ' && dd if=/dev/null oflag=nonblock >&7 2>/dev/null && exec "$@"',
);
const onLinux = process.platform === "linux" ? {} : { skip: "needs GNU dd" };

test("what is not ready to be written to is waited for: a text, and lines of a run", onLinux, async () => {
  const measured = ["demo", "-c", "20", "-i", "1", "-q", "--packet-timeout", "0.2", "--output", "csv"];
  await each([["sender", "--help"], measured], (args) =>
    withFolder(async (folder) => {
      const [pipe, file] = [join(folder, "pipe"), join(folder, "text")];
      await started(args, async (run) => {
        const ended = run.end();
        // Who does not wait has failed by then.
        await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 1000))]);
        const reader = spawn("sh", ["-c", 'exec cat "$0" >"$1"', pipe, file], { stdio: "ignore" });
        const closed = once(reader, "close");
        try {
          const { status, stderr } = await ended;
          assert.deepEqual([status, stderr], [0, ""]);
          await closed;
        } finally {
          reader.kill();
        }
        const text = readFileSync(file).subarray(65536).toString("utf8");
        assert.match(text, args[0] === "demo" ? /^seq,status,[^]*\n19,/ : /^Usage: twampede sender [^]*Examples:/);
      }, { through: [tool("sh")!, "-c", FULL_NONBLOCKING_PIPE, pipe] });
    }));
});

test(
  "a named pipe without a reader holds up neither the run nor an interrupt, and gets all once it is read",
  only,
  () =>
    withFolder(async (folder) => {
      const [pipe, file] = [join(folder, "pipe"), join(folder, "text")];
      execFileSync(tool("mkfifo")!, [pipe]);
      const line = ["demo", "-c", "20", "-i", "1", "-v", "--output", `csv:file=${pipe}`];
      await started(line, async (run) => {
        await run.until("stderr", /sseq=19 /);
        run.kill("SIGINT");
        run.kill("SIGTERM"); // another one, as two of the same may be told as one
        const { status } = await run.end();
        assert.equal(status, 130);
      }, { longestMs: 10_000 });
      await started(line, async (run) => {
        await run.until("stderr", /sseq=19 /);
        const reader = spawn("sh", ["-c", 'exec cat "$0" >"$1"', pipe, file], { stdio: "ignore" });
        const closed = once(reader, "close");
        try {
          assert.equal((await run.end()).status, 0);
          await closed;
        } finally {
          reader.kill();
        }
        assert.equal(readCsv(readFileSync(file, "utf8")).length, 20);
      }, { longestMs: 10_000 });
    }),
);

test("a responder that is interrupted says what it did, and ends with status 0", only, async () => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    await started(["responder", "127.0.0.1:0"], async (run) => {
      await run.until("stderr", /responder on /);
      run.kill(signal);
      const { status, stdout, stderr } = await run.end();
      assert.deepEqual([status, stdout], [0, ""]);
      assert.match(stderr, /0 received, 0 reflected/);
    });
  }
});

test("nobody reads any more: the run ends, quietly", only, async (t) => {
  const shell = tool("sh");
  if (shell === undefined) return t.skip("needs a shell");
  await withResponder([], async ({ at }) => {
    await each(["ndjson", "csv"], async (name) => {
      const through = [shell, "-c", '"$@" | head -1', "sh"];
      const line = ["sender", at, "127.0.0.1:0", "-c", "100000", "-i", "2", "--output", name, "-q"];
      await started(line, async (run) => {
        const { stdout, stderr } = await run.end();
        assert.equal(stderr, "");
        assert.equal(stdout.trimEnd().split("\n").length, 1);
      }, { through });
    });
  });
});
