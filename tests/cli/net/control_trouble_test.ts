/** Full TWAMP over paths that lose and delay, and over links that go down while it measures. */
import { test } from "node:test";
import assert from "node:assert/strict";
import type { Run } from "../support.ts";
import { filtering, FORWARD, noFilter } from "./filter.ts";
import { assertWhole, type Controlled, controlled, type Server, withServer } from "./full_twamp.ts";
import { addresses, addRoutes, hostsInRow } from "./hosts.ts";

const { hosts, skip: noHosts } = hostsInRow(3);
const [near, router, far] = hosts;
const skip = noHosts || noFilter;
const there = addresses(2);
const SERVERS = [there.v4, `[${there.v6}]`];
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

for (const server of SERVERS) {
  test(`losses on the way to ${server} and back are told apart`, { skip }, async () => {
    const lossy = (to: string, one: number) => `oifname "${to}" meta l4proto udp numgen inc mod ${one} 0 drop`;
    // Of 100 probes every fifth, of the 80 replies every fourth; never the last.
    for (
      const [rules, lost] of [[[lossy("east", 5)], [20, 0]], [[lossy("west", 5)], [0, 20]], [[
        lossy("east", 5),
        lossy("west", 4),
      ], [20, 20]]] as const
    ) {
      await withServer(far, [], () =>
        filtering(router, [[FORWARD, ...rules]], async () => {
          const args = ["-c", "100", "-i", "2", "--packet-timeout", "0.5"];
          const { status, stderr, results: [{ packets }] } = await controlled(near, server, args);
          assert.equal(status, 0, stderr);
          const { sent, lostOutbound, lostInbound, unexpected } = packets;
          assert.deepEqual([sent, lostOutbound, lostInbound, unexpected], [100, ...lost, 0]);
        }));
    }
  });
}

test("a queue on the way there is in the delay of that direction, and so is what it drops", { skip }, async () => {
  // 400 octets on the wire each 2 ms are 1.6 Mbit/s.
  const limit = ["dev", "east", "root", "tbf", "rate", "1mbit", "burst", "2000", "limit", "8000"];
  router.exec("tc", "qdisc", "add", ...limit);
  try {
    await withServer(far, [], async () => {
      const args = ["-c", "200", "-i", "2", "--padding", "344", "--packet-timeout", "1"];
      const { status, stderr, results: [{ packets, delayNs }] } = await controlled(near, there.v4, args);
      assert.equal(status, 0, stderr);
      assert.ok(packets.lostOutbound > 20, JSON.stringify(packets));
      assert.equal(packets.lostInbound, 0);
      // 8,000 octets take 64 ms.
      assert.ok(delayNs.outbound.p50 > 20e6 && delayNs.outbound.max < 200e6, JSON.stringify(delayNs.outbound));
      assert.ok(delayNs.inbound.p50 < 5e6, JSON.stringify(delayNs.inbound));
    });
  } finally {
    router.exec("tc", "qdisc", "del", "dev", "east", "root");
  }
});

/** Silence is short, and there is one port for each of two sessions: who comes later gets those that were freed. */
const SHORT = ["--refwait", "1", "--servwait", "1", "--test-ports", "18760-18761"];
const RUN = ["-c", "150", "-i", "10", "--packet-timeout", "0.5", "--sessions", "2", "--control-timeout", "1"];

/** A run of 1.5 s; when both sessions have begun, `cut` makes the control connection die. */
async function cutOff(server: Server, cut: (run: Run) => void | Promise<void>): Promise<Controlled> {
  return await controlled(near, there.v4, RUN, async (run) => {
    await server.run.until("stderr", /(started[^]*){2}/);
    await sleep(400);
    await cut(run);
  });
}

function assertPartly({ status, stderr, results }: Controlled): void {
  assert.equal(status, 0, stderr);
  assert.equal(results.length, 2, stderr);
  for (const { packets } of results) {
    assert.ok(packets.received >= 10 && packets.lost >= 10, JSON.stringify(packets));
    assert.equal(packets.received + packets.lost, packets.sent);
  }
}

/** The server gives both sessions up and then the connection, and has room for the next ones. */
async function assertFreed({ run }: Server): Promise<void> {
  await run.until("stderr", /(session over .*why="silent for REFWAIT"[^]*){2}/);
  await run.until("stderr", /closed why="silent for SERVWAIT"/);
}

test(
  "the way is cut while sessions run: the controller has its result, and the server frees them",
  { skip },
  async () => {
    await withServer(far, SHORT, async (server) => {
      let heal!: () => void;
      const healed = new Promise<void>((resolve) => heal = resolve);
      let healing: Promise<void> | undefined;
      const result = await cutOff(server, () => {
        healing = filtering(router, [[FORWARD, "drop"]], () => healed);
      });
      assertPartly(result);
      await assertFreed(server);
      heal();
      await healing;
      assertWhole(await controlled(near, there.v4, ["-c", "5", "-i", "5", "--sessions", "2"]), 2);
    });
  },
);

test("this host's link goes down while sessions run: the same", { skip }, async () => {
  await withServer(far, SHORT, async (server) => {
    const result = await cutOff(server, () => void near.ip("link", "set", "east", "down"));
    assertPartly(result);
    assert.match(result.stderr, /note: \d+ probes could not be sent/);
    await assertFreed(server);
    near.ip("link", "set", "east", "up");
    near.ip("addr", "replace", `${addresses(0).v6}/64`, "dev", "east");
    addRoutes(hosts);
    assertWhole(await controlled(near, there.v4, ["-c", "5", "-i", "5", "--sessions", "2"]), 2);
  });
});

test("the server is killed while sessions run: the result says so", { skip }, async () => {
  await withServer(far, [], async (server) => {
    const result = await cutOff(server, () => server.run.kill("SIGKILL"));
    assertPartly(result);
    assert.match(result.stderr, /note: server 198\.51\.100\.2:862 closed the connection while sessions ran/);
    assert.match(result.stderr, /the network refused \d+ probes: port unreachable/);
  });
});

test("the controller is killed while sessions run: the server stops them and frees their ports", { skip }, async () => {
  await withServer(far, [...SHORT, "--refwait", "900"], async (server) => {
    await controlled(near, there.v4, RUN, async (run) => {
      await server.run.until("stderr", /(started[^]*){2}/);
      run.kill("SIGKILL");
    });
    await server.run.until("stderr", /(session over .*why="control connection closed"[^]*){2}/);
    assertWhole(await controlled(near, there.v4, ["-c", "5", "-i", "5", "--sessions", "2"]), 2);
  });
});
