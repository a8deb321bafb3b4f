/** Interrupts that come at a bad moment, programs that stand still, and what is left behind. */
import { test } from "node:test";
import assert from "node:assert/strict";
import process from "node:process";
import { type Outcome, type Run, run, started, withResponder } from "../support.ts";
import { readResult } from "../parse.ts";
import { addresses, hostsInRow, measured } from "./hosts.ts";

const { hosts, skip } = hostsInRow(2);
const [near, far] = hosts;
const { v4 } = addresses(1);
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** A busy machine may be slow; a program that looks for signals only when its work is done takes far longer. */
const SOON_MS = 1000;

/** Interrupts `run` after a while, and says how it ended; that it was soon is checked. */
async function interrupted(
  what: string,
  run: Run,
  signal: NodeJS.Signals = "SIGINT",
): Promise<Outcome & { took: number }> {
  await sleep(400);
  const from = performance.now();
  run.kill(signal);
  const outcome = await run.end();
  const took = performance.now() - from;
  if (process.env.TWAMPEDE_NUMBERS) console.log(`${what}: ${took.toFixed(0)} ms`);
  assert.equal(outcome.status, 0, `${what}: ${outcome.stderr}`);
  assert.ok(took < SOON_MS, `${what} took ${took} ms to end`);
  return { ...outcome, took };
}

/** Has a sender tell how it stands: a busy machine takes its time to begin. */
const TELL = ["--stats-interval", "0.1"];
const SENDING = /sent: [1-9]/;
const ANSWERED = /received: [1-9]/;
const ENDLESS = ["-c", "0", "--packet-timeout", "0.2", "--output", "json", ...TELL];

test("an idle responder is interrupted at once", { skip }, async () => {
  for (const local of ["0.0.0.0:0", "[::]:0"]) {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      await started(["responder", local], async (responder) => {
        await responder.until("stderr", /responder on /);
        await interrupted(`idle responder on ${local}, ${signal}`, responder, signal);
      }, far.at);
    }
  }
});

test("a responder that is flooded is interrupted at once", { skip }, async () => {
  await started(["responder", "0.0.0.0:0"], async (responder) => {
    const [, port] = await responder.until("stderr", /responder on \S+:(\d+) /);
    await started(["sender", `${v4}:${port}`, ":0", "-i", "10us", ...ENDLESS], async (flood) => {
      await flood.until("stderr", ANSWERED);
      const { stderr } = await interrupted("flooded responder", responder);
      assert.ok(Number(/(\d+) received/.exec(stderr)?.[1]) > 1000, `flooded: ${stderr}`);
      flood.kill("SIGINT");
      await flood.end();
    }, near.at);
  }, far.at);
});

test("a sender is interrupted at once, whatever its interval", { skip }, async () => {
  await withResponder(
    [],
    async ({ port }) => {
      for (const interval of ["100", "1", "10us"]) {
        for (const more of [[], ["--precise"]]) {
          await started(["sender", `${v4}:${port}`, ":0", "-i", interval, ...more, ...ENDLESS], async (sender) => {
            await sender.until("stderr", ANSWERED);
            const { stdout } = await interrupted(`sender at ${interval} ${more}`, sender);
            const { packets } = readResult(stdout);
            assert.ok(packets.received > 0, JSON.stringify(packets));
          }, near.at);
        }
      }
    },
    "0.0.0.0:0",
    far.at,
  );
});

/** What the best of a few takes no busy machine can spoil. */
const AT_ONCE_MS = 120;

test("an interrupt waits for no idle moment: none comes at such intervals", { skip }, async () => {
  await withResponder(
    [],
    async ({ port }) => {
      for (const interval of ["2", "1"]) {
        let best = Infinity;
        for (let n = 0; n < 4 && best > AT_ONCE_MS; n++) {
          await started(["sender", `${v4}:${port}`, ":0", "-i", interval, ...ENDLESS], async (sender) => {
            await sender.until("stderr", ANSWERED);
            best = Math.min(best, (await interrupted(`sender at ${interval}, again`, sender)).took);
          }, near.at);
        }
        assert.ok(best < AT_ONCE_MS, `at ${interval} ms the fastest took ${best} ms`);
      }
    },
    "0.0.0.0:0",
    far.at,
  );
});

test("a sender that nobody answers is interrupted at once", { skip }, async () => {
  const silent = ["sender", "192.0.2.99:862", ":0", "-c", "0", "-i", "10", "--packet-timeout", "0.1", ...TELL];
  await started(silent, async (sender) => {
    await sender.until("stdout", SENDING); // beside the table
    const from = performance.now();
    sender.kill("SIGINT");
    assert.equal((await sender.end()).status, 1);
    assert.ok(performance.now() - from < SOON_MS);
  }, near.at);
});

test("nothing is left: no process, and the port can be had again at once", { skip }, async () => {
  for (let round = 0; round < 3; round++) {
    await withResponder(
      [],
      async ({ stop }) => {
        const { summary } = await measured(near, `${v4}:8621`, "-c", "3", "-i", "5");
        assert.equal(summary.packets.received, 3);
        await stop();
      },
      "[::]:8621",
      far.at,
    );
    assert.deepEqual([near.pids(), far.pids()], [[], []]);
  }
});

test("senders in parallel in one namespace with the responder: each has its own replies", { skip }, async () => {
  await withResponder(
    [],
    async ({ port, stop }) => {
      const remotes = ["127.0.0.1", "[::1]", v4, "127.0.0.2"];
      await Promise.all(remotes.map(async (remote) => {
        const { summary } = await measured(far, `${remote}:${port}`, "-c", "300", "-i", "2");
        assert.deepEqual([summary.packets.received, summary.packets.unexpected], [300, 0], remote);
        assert.deepEqual([summary.stamps.t1, summary.stamps.fallback], ["kernel", 0], remote);
      }));
      assert.equal((await stop()).counts.received, 300 * remotes.length);
    },
    "[::]:0",
    far.at,
  );
});

test(
  "a responder that stands still for a while answers then, and a sender counts it late or in time",
  { skip },
  async () => {
    await withResponder(
      [],
      async ({ port, signal, stop }) => {
        const args = ["sender", `${v4}:${port}`, ":0", "-c", "100", "-i", "10", "--output", "json", ...TELL];
        for (const [timeout, isLate] of [["3", false], ["0.2", true]] as const) {
          await started([...args, "--packet-timeout", timeout], async (sender) => {
            await sender.until("stderr", ANSWERED);
            signal("SIGSTOP");
            await sleep(500);
            signal("SIGCONT");
            const { status, stdout, stderr } = await sender.end();
            assert.equal(status, 0, stderr);
            const { packets } = readResult(stdout);
            assert.equal(packets.received + packets.lost, 100);
            if (isLate) assert.ok(packets.lost > 0 && packets.late === packets.lost, JSON.stringify(packets));
            else assert.deepEqual([packets.received, packets.lost], [100, 0]);
          }, near.at);
        }
        const { counts } = await stop();
        assert.deepEqual([counts.received, counts.reflected], [200, 200]);
      },
      "0.0.0.0:0",
      far.at,
    );
  },
);

test("a sender that stands still for a while goes on, and says so", { skip }, async () => {
  await withResponder(
    [],
    async ({ port }) => {
      const args = [
        "sender",
        `${v4}:${port}`,
        ":0",
        "-c",
        "200",
        "-i",
        "10",
        "--packet-timeout",
        "2",
        "--output",
        "json",
        ...TELL,
      ];
      await started(args, async (sender) => {
        await sender.until("stderr", ANSWERED);
        sender.kill("SIGSTOP");
        await sleep(500);
        sender.kill("SIGCONT");
        const { status, stdout, stderr } = await sender.end();
        assert.equal(status, 0, stderr);
        const { packets, stamps } = readResult(stdout);
        assert.deepEqual([packets.sent, packets.received, packets.lost], [200, 200, 0]);
        assert.deepEqual([stamps.t1, stamps.fallback], ["kernel", 0]);
        assert.match(stderr, /late and then close together/);
      }, near.at);
    },
    "0.0.0.0:0",
    far.at,
  );
});

const RUNS = 50;

test(`${RUNS} short runs in a row, none of which fails`, { skip }, async () => {
  await withResponder(
    [],
    async ({ port, stop }) => {
      for (let n = 0; n < RUNS; n++) {
        const args = ["sender", `${v4}:${port}`, ":0", "-c", "3", "-i", "1", "--output", "json"];
        const { status, signal, stdout, stderr } = await run(args, near.at);
        assert.equal(status, 0, `run ${n}: ${signal} ${stderr}`);
        const { packets, stamps } = readResult(stdout);
        assert.deepEqual([packets.received, packets.lost, packets.unexpected], [3, 0, 0], `run ${n}`);
        assert.deepEqual([stamps.t1, stamps.t4, stamps.fallback], ["kernel", "kernel", 0], `run ${n}`);
      }
      assert.equal((await stop()).counts.reflected, 3 * RUNS);
    },
    "[::]:0",
    far.at,
  );
});
