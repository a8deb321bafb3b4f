/** Ports that nobody has, links that go down, hosts that are gone. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { run, started, withResponder } from "../support.ts";
import { type Json, readLines } from "../parse.ts";
import { addresses, addRoutes, type Host, hostsInRow, measured } from "./hosts.ts";

const { hosts, skip } = hostsInRow(3);
const [near, router, far] = hosts;
const { v4, v6 } = addresses(2);
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

test("a port that nobody has: the note says so, status 1", { skip }, async () => {
  for (const remote of [`${v4}:862`, `[${v6}]:862`]) {
    const args = ["-c", "5", "-i", "50", "--packet-timeout", "0.3"];
    const { status, stderr } = await run(["sender", remote, ":0", ...args], near.at);
    assert.equal(status, 1);
    assert.match(stderr, /the network refused 5 probes: port unreachable/, remote);
    assert.match(stderr, /no reply from/, remote);
  }
});

test("a TTL that is used up on the way: the note does not speak of the far host", { skip }, async () => {
  for (const remote of [`${v4}:862`, `[${v6}]:862`]) {
    const args = ["-c", "3", "-i", "50", "--packet-timeout", "0.3", "--ttl", "1"];
    const { status, stderr } = await run(["sender", remote, ":0", ...args], near.at);
    assert.equal(status, 1);
    assert.match(stderr, /the network refused 3 probes: /, remote);
    assert.match(stderr, /TTL|hop limit/i, remote);
    assert.doesNotMatch(stderr, /host unreachable/, remote);
  }
});

test("a responder that starts during the run: from then on round trips are true", { skip }, async () => {
  const port = 8620;
  for (const address of [v4, `[${v6}]`]) {
    const args = ["-c", "200", "-i", "10", "--packet-timeout", "0.5", "--output", "ndjson"];
    await started(["sender", `${address}:${port}`, ":0", ...args], async (sender) => {
      await sender.until("stdout", /"lost"/);
      await withResponder(
        [],
        async () => {
          const { status, stdout, stderr } = await sender.end();
          assert.equal(status, 0, stderr);
          assert.match(stderr, /port unreachable/);
          const { probes, summary } = readLines(stdout);
          assert.ok(summary.packets.lost > 10 && summary.packets.received > 50, JSON.stringify(summary.packets));
          assertTrue(probes, 10);
          assert.equal(summary.stamps.t1, "kernel");
        },
        `[::]:${port}`,
        far.at,
      );
    }, near.at);
  }
});

/** No round trip is about `intervalMs` long, as they would be with another probe's stamp; a few may be for other reasons. */
function assertTrue(probes: readonly Json[], intervalMs: number): void {
  const answered = probes.filter(({ status }) => status === "ok");
  const wrong = answered.filter(({ rttNs }) => rttNs === null || rttNs < 0 || rttNs > intervalMs * 0.8e6);
  assert.ok(wrong.length <= answered.length / 20, JSON.stringify(wrong));
}

test("a responder goes on when those who asked are gone before the reply", { skip }, async () => {
  for (const more of [[], ["--do-not-fragment"]]) {
    await withResponder(
      ["--test-mode", "--delay-rate", "100", "--max-delay", "0.3", ...more],
      async ({ port, stop }) => {
        for (const address of [v4, `[${v6}]`]) {
          const args = ["-c", "100", "-i", "1", "--packet-timeout", "0.01", "-q"];
          await run(["sender", `${address}:${port}`, ":0", ...args], near.at);
        }
        await sleep(400); // the last replies meet a closed port
        const args = ["-c", "10", "-i", "10", "--packet-timeout", "2"];
        for (const address of [v4, `[${v6}]`]) {
          const { summary } = await measured(near, `${address}:${port}`, ...args);
          assert.equal(summary.packets.received, 10, address);
        }
        const { counts, stderr } = await stop();
        assert.deepEqual([counts.received, counts.reflected], [220, 220], stderr);
        assert.doesNotMatch(stderr, /not sent/);
      },
      "[::]:0",
      far.at,
    );
  }
});

/** Lines of probes come in pieces, a while after their probes. */
const COUNT = 400;

/** A run of 4 s; after 40 replies `disturb` is called. What came of it. */
async function disturbed(remote: string, disturb: () => Promise<void>) {
  const from = performance.now();
  return await started(
    ["sender", remote, ":0", "-c", String(COUNT), "-i", "10", "--packet-timeout", "0.5", "--output", "ndjson"],
    async (sender) => {
      await sender.until("stdout", /(?:"status":"ok"[^]*?){40}/);
      await disturb();
      const { status, stdout, stderr } = await sender.end();
      assert.ok(performance.now() - from < 12_000, "ends in time");
      return { status, stderr, ...readLines(stdout) };
    },
    near.at,
  );
}

async function downAndUp(host: Host, device: string): Promise<void> {
  host.ip("link", "set", device, "down");
  await sleep(600);
  host.ip("link", "set", device, "up");
  // IPv6 addresses go with the link.
  const at = hosts.indexOf(host);
  if (at !== 1) host.ip("addr", "replace", `${addresses(at).v6}/64`, "dev", device);
  addRoutes(hosts);
}

for (
  const [whose, disturb] of [["own", () => downAndUp(near, "east")], ["far", () => downAndUp(far, "west")]] as const
) {
  test(`the ${whose} link goes down and up: probes are lost, the rest is measured`, { skip }, async () => {
    await withResponder(
      [],
      async ({ port, stop }) => {
        for (const address of [v4, `[${v6}]`]) {
          const { status, stderr, summary, probes } = await disturbed(`${address}:${port}`, disturb);
          assert.equal(status, 0, stderr);
          const { sent, received, lost } = summary.packets;
          assert.equal(sent, COUNT);
          assert.equal(received + lost, COUNT);
          assert.ok(received > 50, `${address}: ${JSON.stringify(summary.packets)}`);
          assert.ok(
            probes.at(0)?.status === "ok" && probes.some(({ seq, status }) => seq > COUNT - 10 && status === "ok"),
            address,
          );
          assert.equal(summary.stamps.t1, "kernel");
          if (whose === "own") {
            assert.ok(lost >= 20, `${lost} lost`);
            assert.match(stderr, /could not be sent \(/);
            assertTrue(probes, 10);
          }
        }
        assert.equal((await stop()).status, 0);
      },
      "[::]:0",
      far.at,
    );
  });
}

test("the router forgets the way: the note says what the network said", { skip }, async () => {
  await withResponder(
    [],
    async ({ port }) => {
      const { status, stderr, summary } = await disturbed(`${v4}:${port}`, async () => {
        router.ip("route", "add", "unreachable", `${v4}/32`);
        await sleep(300);
        router.ip("route", "del", "unreachable", `${v4}/32`);
      });
      assert.equal(status, 0, stderr);
      assert.match(stderr, /the network refused \d+ probes?: host unreachable/);
      assert.ok(summary.packets.received > 50 && summary.packets.lost >= 10, JSON.stringify(summary.packets));
    },
    "[::]:0",
    far.at,
  );
});

test("the far host is gone: the run ends in time with what there was", { skip }, async () => {
  await withResponder(
    [],
    async ({ port, signal }) => {
      const { status, stderr, summary } = await disturbed(`${v4}:${port}`, () => {
        // A namespace lives as long as its last process.
        signal("SIGKILL");
        router.ip("link", "del", "east");
        return Promise.resolve();
      });
      assert.equal(status, 0, stderr);
      const { sent, received, lost } = summary.packets;
      assert.ok(
        received >= 10 && lost >= 50 && sent === COUNT && received + lost === COUNT,
        JSON.stringify(summary.packets),
      );
    },
    "[::]:0",
    far.at,
  );
});
