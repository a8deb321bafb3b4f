/** Which addresses and interfaces a server and its clients use. */
import { before, test } from "node:test";
import assert from "node:assert/strict";
import process from "node:process";
import { assertRefused, refused } from "../support.ts";
import { capturing, noCapture } from "./capture.ts";
import { assertWhole, controlled, withServer } from "./full_twamp.ts";
import { addresses, hostsInRow } from "./hosts.ts";

const { hosts, skip } = hostsInRow(2);
const [near, far] = hosts;
const [here, there] = [addresses(0), addresses(1)];
const SECOND = { v4: "192.0.2.77", v6: "2001:db8:1::77" };
const PROBES = ["-c", "5", "-i", "5", "--packet-timeout", "0.5"];
const ASKED = [there.v4, SECOND.v4, `[${there.v6}]`, `[${SECOND.v6}]`];

before(() => {
  if (skip) return;
  far.ip("addr", "add", `${SECOND.v4}/24`, "dev", "west");
  far.ip("addr", "add", `${SECOND.v6}/64`, "dev", "west");
  // A second way between the same hosts, of which the routes know nothing.
  near.ip("link", "add", "other", "type", "veth", "peer", "name", "other", "netns", far.netns);
  for (const [host, end] of [[near, 1], [far, 2]] as const) {
    host.ip("addr", "add", `203.0.113.${end}/24`, "dev", "other");
    host.ip("link", "set", "other", "up");
  }
});

for (const local of [[], ["[::]:8620"], ["[::]"]]) {
  test(
    `a server on ${local[0] ?? "all addresses"} answers both families from the address that was asked`,
    { skip },
    async () => {
      await withServer(far, local, async () => {
        for (const server of ASKED) {
          for (const nat of [[], ["--nat"]]) {
            // A reply from elsewhere would be unexpected.
            assertWhole(await controlled(near, server, [...PROBES, "--sessions", "2", ...nat]), 2);
          }
        }
      });
    },
  );
}

test("a server on an address of its own is deaf on others", { skip }, async () => {
  await withServer(far, [SECOND.v4], async () => {
    assertWhole(await controlled(near, SECOND.v4, PROBES));
    const args = ["controller", there.v4, ":0", ...PROBES, "--control-timeout", "1"];
    assertRefused(await refused(args, near.at), 1, "192.0.2.2:862", "refuses the connection");
  });
});

test(
  "a controller from an address of its own: control and probes leave from there",
  { skip: skip || noCapture },
  async () => {
    near.ip("addr", "add", "192.0.2.66/24", "dev", "east");
    await withServer(far, ["--strict-peer"], async ({ run }) => {
      const result = await controlled(near, there.v4, ["192.0.2.66:0", ...PROBES]);
      assertWhole(result);
      assert.match(result.results[0].session.local, /^192\.0\.2\.66:/);
      await run.until("stderr", / 192\.0\.2\.66:\d+ set up /);
    });
  },
);

const isDeno = "Deno" in globalThis && process.env.TWAMPEDE_EXE === undefined;

test("a server at its link-local address, by its zone", { skip }, async () => {
  const server = `[${far.linkLocal("west")}%east]`;
  for (const local of [[], ["[::]:8620"]]) {
    await withServer(far, local, async () => {
      if (isDeno) {
        const outcome = await refused(["controller", server, ":0", ...PROBES], near.at);
        return assertRefused(outcome, 2, far.linkLocal("west"), "Deno has no TCP with zones", "Bun");
      }
      const result = await controlled(near, server, [...PROBES, "--sessions", "2"]);
      assertWhole(result, 2);
      assert.ok(result.results[0].session.local.startsWith(`[${near.linkLocal("east")}`));
      // And at its global one, asked for from a link-local one.
      assertWhole(await controlled(near, server, [`[${here.v6}]:0`, ...PROBES, "--nat"]));
    });
  }
});

test("--interface: probes leave and replies come through it", { skip: skip || noCapture }, async () => {
  for (const local of [[], ["[::]:8620"]]) {
    await withServer(far, local, () =>
      capturing(near, "other", async (packets) => {
        const result = await controlled(near, "203.0.113.2", ["-c", "3", "-i", "5", "--interface", "other"]);
        assertWhole(result);
        const seen = await packets(6, () => true);
        assert.deepEqual(seen.map(({ source }) => source.at(-1)).sort(), ["1", "1", "1", "2", "2", "2"]);
      }));
  }
});

test("--interface of a server: it does not answer what comes through others", { skip }, async () => {
  for (const local of [[], ["[::]:8620"]]) {
    await withServer(far, [...local, "--interface", "other"], async () => {
      assertWhole(await controlled(near, "203.0.113.2", PROBES));
      const { status, results, stderr } = await controlled(near, there.v4, PROBES);
      assert.deepEqual([status, results.map(({ packets }) => packets.received)], [1, [0]], stderr);
    });
  }
});

test("--interface that does not exist: one line, status 2", { skip }, async () => {
  await withServer(far, [], async () => {
    assertRefused(
      await refused(["controller", there.v4, ":0", "--interface", "nowhere"], near.at),
      2,
      "nowhere",
      "ip link",
    );
  });
  assertRefused(await refused(["server", "--interface", "nowhere"], far.at), 2, "nowhere", "ip link");
  assertRefused(await refused(["server", ":8620", "--interface", "nowhere"], far.at), 2, "nowhere", "ip link");
});
