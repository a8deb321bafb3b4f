/** Whose stamps a result is made of, and what a host that cannot keep up says of what it dropped. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { type Responder, Run, withResponder } from "../support.ts";
import { readLines } from "../parse.ts";
import { addresses, hostsInRow, measured } from "./hosts.ts";

const { hosts, skip } = hostsInRow(2);
const [near, far] = hosts;
const { v4, v6 } = addresses(1);

test("over an interface and over loopback T1 and T4 are the kernel's, none lacks them", { skip }, async () => {
  await withResponder(
    [],
    async ({ port }) => {
      for (
        const [host, remote] of [[near, v4], [near, `[${v6}]`], [far, "127.0.0.1"], [far, "[::1]"], [far, v4]] as const
      ) {
        const { probes, summary } = await measured(host, `${remote}:${port}`, "-c", "50", "-i", "2");
        const { t1, t4, fallback } = summary.stamps;
        assert.deepEqual({ t1, t4, fallback }, { t1: "kernel", t4: "kernel", fallback: 0 }, remote);
        assert.deepEqual(
          [summary.packets.received, summary.delayNs.roundtrip.count, summary.notes],
          [50, 50, []],
          remote,
        );
        for (const { seq, t1, t2, t3, t4 } of probes) {
          assert.ok(
            BigInt(t1) <= BigInt(t2) && BigInt(t2) <= BigInt(t3) && BigInt(t3) <= BigInt(t4),
            `${remote} ${seq}`,
          );
        }
      }
    },
    "[::]:0",
    far.at,
  );
});

test(
  "--tlv follow-up: T3 is the kernel's as well, where the far end's kernel tells it, and only there",
  { skip },
  async () => {
    const asks = ["--protocol", "stamp", "--tlv", "follow-up", "--tlv", "timestamp-info", "-c", "60", "-i", "5"];
    await withResponder(
      [],
      async ({ port }) => {
        for (const [host, remote] of [[near, v4], [near, `[${v6}]`], [far, "127.0.0.1"]] as const) {
          const { probes, summary } = await measured(host, `${remote}:${port}`, ...asks);
          const { t1, t2, t3, t4, fallback, t3Corrected, t3Refused } = summary.stamps;
          assert.deepEqual([t1, t2, t3, t4, t3Refused], ["kernel", null, "kernel", "kernel", 0], remote);
          // One reply has no next; of those that a busy host answers together, all but the last have none either.
          assert.ok(t3Corrected >= 30 && t3Corrected <= 59, `${t3Corrected} of 60`);
          assert.deepEqual([summary.packets.received, fallback], [60, 60 - t3Corrected]);
          assert.equal(summary.delayNs.roundtrip.count, t3Corrected);
          assert.deepEqual(probes.map(({ seq }: { seq: number }) => seq), Array.from({ length: 60 }, (_, n) => n));
          for (const { seq, t1, t2, t3, t4 } of probes) {
            assert.ok(
              BigInt(t1) <= BigInt(t2) && BigInt(t2) <= BigInt(t3) && BigInt(t3) <= BigInt(t4),
              `${remote} ${seq}`,
            );
          }
          assert.equal(
            probes.filter(({ t3Source }: { t3Source: string }) => t3Source === "kernel").length,
            t3Corrected,
          );
        }
        const { summary } = await measured(near, `${v4}:${port}`, "--protocol", "stamp", "-c", "20", "-i", "2");
        assert.deepEqual([summary.stamps.t3, summary.stamps.t3Corrected], [null, 0], "not asked");
      },
      "[::]:0",
      far.at,
    );
    for (
      const [flags, t3] of [[["--timestamp", "user"], "user"], [["--transport", "node"], "user"], [
        ["--stateless"],
        "user",
      ]] as const
    ) {
      await withResponder(
        flags,
        async ({ port }) => {
          const { summary } = await measured(near, `${v4}:${port}`, ...asks);
          const { fallback, t3Corrected, t3Refused } = summary.stamps;
          assert.deepEqual([summary.stamps.t3, t3Corrected, t3Refused, fallback], [t3, 0, 0, 0], flags.join(" "));
        },
        "0.0.0.0:0",
        far.at,
      );
    }
  },
);

test("--timestamp user: none is the kernel's, at either end", { skip }, async () => {
  await withResponder(
    ["--timestamp", "user"],
    async ({ port, stop }) => {
      const { summary } = await measured(near, `${v4}:${port}`, "-c", "20", "-i", "2", "--timestamp", "user");
      const { t1, t4, fallback } = summary.stamps;
      assert.deepEqual({ t1, t4, fallback }, { t1: "user", t4: "user", fallback: 0 });
      assert.equal(summary.delayNs.roundtrip.count, 20);
      assert.match((await stop()).stderr, /T2 user, T3 user/);
    },
    "[::]:0",
    far.at,
  );
});

/** More than the buffer of a responder holds, however large the system lets it be. */
const FLOOD = 40_000;

/** Probes without a pause, to `responder` while it is stopped; how many left. */
async function floodStopped(responder: Responder, pause: (signal: NodeJS.Signals) => void): Promise<number> {
  pause("SIGSTOP");
  const args = ["sender", `${v4}:${responder.port}`, ":0", "-c", `${FLOOD}`, "-i", "20us", "--packet-timeout", "0.3"];
  const sender = new Run([...args, "--output", "ndjson", "-q"], near.at);
  try {
    const { status, stdout } = await sender.end();
    assert.equal(status, 1, "nobody answers");
    const { packets } = readLines(stdout).summary;
    assert.equal(packets.sent, FLOOD);
    return packets.sent - packets.sendErrors;
  } finally {
    await sender.dispose();
    pause("SIGCONT");
  }
}

test("what a responder that stands still had no room for is counted to the last", { skip }, async () => {
  await withResponder(
    [],
    async (responder) => {
      const sent = await floodStopped(responder, responder.signal);
      // It answers what it has, then is as before.
      const { summary } = await measured(near, `${v4}:${responder.port}`, "-c", "10", "-i", "5");
      assert.equal(summary.packets.received, 10);
      const { counts, stderr } = await responder.stop();
      const dropped = counts["dropped by the kernel for want of room"];
      assert.ok(dropped > 0, stderr);
      assert.equal(counts.received + dropped, sent + 10, stderr);
      assert.equal(counts.reflected, counts.received);
    },
    "0.0.0.0:0",
    far.at,
  );
});
