/** Many threads on one port: flows are spread and stay where they are, counts add up, a port in use is an error. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { Workers } from "../../cli/workers.ts";
import type { Plan, Tally } from "../../cli/reflecting.ts";
import { probe, readReply } from "./packets.ts";
import { assertRefused, each, refused, started, withFolder, withResponder, withSocket } from "./support.ts";

const only = { skip: process.platform !== "linux" && "no transport here shares a port" };

/** The numbers that a reflector gave to `count` probes of one flow. */
function flow(port: number, count: number, host = "127.0.0.1"): Promise<number[]> {
  return withSocket(host, async (socket) => {
    const numbers = [];
    for (let seq = 0; seq < count; seq++) {
      const answered = once(socket, "message");
      socket.send(probe(seq, 41), port, host);
      numbers.push(readReply(new Uint8Array((await answered)[0])).rseq);
    }
    return numbers;
  });
}

/** `worker 1 of 2: 12 received`: 12 and the others. */
function received(stderr: string): number[] {
  return [...stderr.matchAll(/^worker \d+ of \d+: (\d+) received/gm)].map(([, count]) => Number(count));
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const freePort = () => withSocket("127.0.0.1", (_socket, port) => Promise.resolve(port));
const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

test(
  "flows are spread over the workers, each keeps its numbers, nothing is lost, and the counts add up",
  only,
  async () => {
    for (const local of ["127.0.0.1:0", ":0"]) {
      await withResponder(["--workers", "3", "-v"], async ({ port, stop }) => {
        // 48 flows all with one worker of three: once in 10^22 times.
        await each(Array.from({ length: 48 }, (_, n) => n), async (n) => {
          const host = local === ":0" && n % 2 === 0 ? "::1" : "127.0.0.1";
          assert.deepEqual(await flow(port, 5, host), [0, 1, 2, 3, 4]);
        });
        const { stderr, counts } = await stop();
        const spread = received(stderr);
        assert.equal(spread.length, 3, stderr);
        assert.ok(spread.filter((count) => count > 0).length >= 2, stderr);
        assert.ok(spread.every((count) => count % 5 === 0), `a flow changed places: ${stderr}`);
        assert.deepEqual([sum(spread), counts.received, counts.reflected], [240, 240, 240]);
        // The system may give a flow the port of one before it.
        assert.ok(counts.remembered <= 48 && counts.remembered > 40, stderr);
      }, local);
    }
  },
);

test("auto is a thread on each processor, and 1 is none but the main one", only, async () => {
  for (const [word, threads] of [["auto", availableParallelism()], ["1", 1]] as const) {
    await withResponder(["--workers", word], async ({ port, stop }) => {
      assert.deepEqual(await flow(port, 2), [0, 1]);
      const { stderr, counts } = await stop();
      assert.equal(counts.received, 2);
      assert.equal(/, (\d+) workers\)/.exec(stderr)?.[1] ?? "1", String(threads));
    });
  }
});

test("a port in use is an error, whoever has it", only, async () => {
  await withSocket("127.0.0.1", async (_socket, port) => {
    const line = ["responder", `127.0.0.1:${port}`, "--workers", "2"];
    assertRefused(await refused(line), 2, `127.0.0.1:${port}`, "in use");
  });
  await withResponder(["--workers", "2"], async ({ port }) => {
    for (const local of [`127.0.0.1:${port}`, `:${port}`]) {
      for (const workers of ["1", "2"]) {
        assertRefused(await refused(["responder", local, "--workers", workers]), 2, String(port), "in use");
      }
    }
  });
  await withResponder([], async ({ port }) => {
    assertRefused(await refused(["responder", `127.0.0.1:${port}`, "--workers", "2"]), 2, String(port), "in use");
  });
});

test("of two that start at once on one port, one is refused", only, async () => {
  const port = await freePort();
  const line = ["responder", `127.0.0.1:${port}`, "--workers", "2"];
  await started(line, (one) =>
    started(line, async (two) => {
      const said = (run: typeof one) => run.until("stderr", /Ctrl-C ends it|in use/).then(([words]) => words);
      const words = await Promise.all([said(one), said(two)]);
      assert.deepEqual(words.toSorted(), ["Ctrl-C ends it", "in use"]);
    }));
});

test("an interrupt ends all threads soon and prints the report; the second leaves at once", only, async () => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    await started(["responder", "127.0.0.1:0", "--workers", "4"], async (run) => {
      const [, port] = await run.until("stderr", /:(\d+) /);
      await flow(Number(port), 3);
      const from = performance.now();
      run.kill(signal);
      const { status, stdout, stderr } = await run.end();
      const took = performance.now() - from;
      assert.deepEqual([status, stdout], [0, ""], stderr);
      assert.match(stderr, /^twampede: 3 received, 3 reflected .* 1 remembered/m);
      assert.equal(received(stderr).length, 0, "threads are counted apart with -v alone");
      // Usually 40 ms; a machine that is busy with other tests may take some more.
      assert.ok(took < 500, `${took} ms`);
    });
  }
  await started(["responder", "127.0.0.1:0", "--workers", "2"], async (run) => {
    await run.until("stderr", /Ctrl-C/);
    run.kill("SIGINT");
    run.kill("SIGTERM"); // another one, as two of the same may be told as one
    const { status, signal } = await run.end();
    assert.ok(status === 0 || status === 130, `${status} ${signal}`);
  });
});

test("mistakes are one line each", only, async () => {
  await each(["0", "-1", "x", "1000", "2.5", ""], async (value) => {
    assertRefused(await refused(["responder", "127.0.0.1:0", "--workers", value]), 2, `--workers '${value}'`, "256");
  });
  const line = ["responder", "127.0.0.1:0", "--workers", "2"];
  assertRefused(await refused([...line, "--transport", "node"]), 2, "--workers", "node", "ffi");
  assertRefused(await refused([...line, "--test-mode"]), 2, "--workers 2", "--test-mode");
});

test("the packets of all workers are in one log, in whole lines", only, async () => {
  await withFolder(async (folder) => {
    const [log, port] = [join(folder, "log"), await freePort()];
    const logged = () => existsSync(log) ? readFileSync(log, "utf8") : "";
    await started(["responder", `127.0.0.1:${port}`, "--workers", "2", "-d", "-l", log], async (run) => {
      while (!logged().includes("Ctrl-C")) await pause(20);
      await each(Array.from({ length: 24 }, (_, n) => n), async () => void await flow(port, 3));
      run.kill("SIGINT");
      const { status, stderr } = await run.end();
      assert.deepEqual([status, stderr], [0, ""]);
    });
    const lines = logged().trimEnd().split("\n");
    const isPacket = (line: string) => /^DEBUG {4}(from|to) 127\.0\.0\.1:\d+ 41 octets [0-9a-f]{82}$/.test(line);
    assert.equal(lines.filter(isPacket).length, 2 * 72);
    const others = lines.filter((line) => !isPacket(line));
    assert.ok(
      others.every((line) => /^(twampede: .*\S|worker [12] of 2: \d+ received.*early)$/.test(line)),
      `${others}`,
    );
    assert.equal(sum(received(others.join("\n"))), 72);
  });
});

test("--rate-limit is for all workers together", only, async () => {
  await withResponder(["--workers", "2", "--rate-limit", "20", "-v"], async ({ port, stop }) => {
    const from = performance.now();
    for (const from of ["127.0.0.1", "127.0.0.2"]) {
      for (let n = 0; n < 16; n++) {
        await withSocket(from, async (socket) => {
          for (let seq = 0; seq < 10; seq++) {
            await new Promise((resolve) => socket.send(probe(seq), port, "127.0.0.1", resolve));
          }
        });
      }
    }
    await pause(200); // nobody answers what is over the limit: there is nothing else to wait for
    const { counts, stderr } = await stop();
    assert.ok(received(stderr).every((count) => count > 0), stderr);
    const seconds = (performance.now() - from) / 1000;
    // Two addresses, each with 2 saved up; and one more for two workers that look in the same moment.
    const most = 2 * (2 + 20 * seconds) + 2;
    assert.equal(counts.received, 320, stderr);
    assert.ok(counts.reflected >= 4 && counts.reflected <= most, `${counts.reflected} reflected, ${most} at most`);
  });
});

/** A thread that the test speaks for. */
class Puppet extends EventEmitter {
  terminated = false;
  terminate(): Promise<void> {
    this.terminated = true;
    return Promise.resolve();
  }
}

function puppets(count: number) {
  const threads: Puppet[] = [];
  const workers = new Workers(Array.from({ length: count }, () => ({}) as Plan), () => {}, () => {
    threads.push(new Puppet());
    return threads.at(-1)!;
  });
  const all = (message: unknown) => threads.forEach((thread) => thread.emit("message", message));
  return { threads, workers, all };
}

test("one that dies ends all: who waits hears of it, the others are still counted, the first reason is kept", async () => {
  const { threads, workers, all } = puppets(3);
  all({ kind: "bound" });
  await workers.bound();
  const running = workers.run();
  all({ kind: "running" });
  await running;
  let deaths = 0;
  workers.onDeath = () => deaths++;
  threads[1].emit("error", new Error("out of memory\n    at somewhere"));
  threads[1].emit("exit", 1);
  assert.equal(deaths, 1);
  const stopped = workers.stop();
  const tally = { overflows: 7 } as Tally;
  for (const at of [0, 2]) threads[at].emit("message", { kind: "tally", tally });
  assert.deepEqual(await stopped, [tally, undefined, tally]);
  assert.equal(workers.failure?.status, 1);
  assert.match(workers.failure!.message, /^worker 3 of 4 died \(out of memory\)/);
  await workers.end();
  assert.ok(threads.every(({ terminated }) => terminated));
});

test("one that cannot begin says why in its own words and with its own status", async () => {
  const { threads, workers } = puppets(2);
  const bound = workers.bound();
  threads[0].emit("message", { kind: "bound" });
  threads[1].emit("message", { kind: "failed", status: 2, line: "local address is in use" });
  await assert.rejects(bound, { name: "Failure", status: 2, message: "local address is in use" });
});
