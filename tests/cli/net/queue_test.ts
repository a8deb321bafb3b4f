/** A slow interface: probes wait in this host's own queue, and some are refused between them. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { release } from "node:os";
import { withResponder } from "../support.ts";
import { addresses, hostsInRow, measured } from "./hosts.ts";

const { hosts, skip } = hostsInRow(2);
const [near, far] = hosts;
const there = addresses(1);

/** Room for all that waits to leave: nothing is dropped there. */
const SLOW = ["tbf", "rate", "1mbit", "burst", "2000", "limit", "400000"];
const why = skip || (spawnSync("tc", ["-V"]).error !== undefined && "no tc command (Debian: iproute2)");

test("probes that wait behind others are stamped as they leave, though some are refused between them", {
  skip: why,
}, async () => {
  const slow = spawnSync("tc", ["-n", near.netns, "qdisc", "add", "dev", "east", "root", ...SLOW], {
    encoding: "utf8",
  });
  // A kernel without that queue: a fast interface has less to get wrong, and must be right all the same.
  const isSlow = slow.status === 0;
  near.ip("link", "set", "east", "mtu", "1000");
  await withResponder(
    [],
    async ({ port }) => {
      const args = ["-c", "600", "-i", "1", "--do-not-fragment", "--profile", "imix", "--packet-timeout", "1"];
      const { summary: { packets, delayNs, stamps } } = await measured(near, `${there.v4}:${port}`, ...args);
      assert.deepEqual([packets.sent, packets.received, packets.sendErrors], [600, 550, 50]);
      // Older kernels count datagrams by themselves, those that they refuse as well: stamps may be missing there.
      const [major, minor] = release().split(".").map(Number);
      if (major > 6 || (major === 6 && minor >= 13)) assert.deepEqual([stamps.t1, stamps.fallback], ["kernel", 0]);
      // There is nothing but this host's memory between the two: what takes longer had not left yet.
      if (stamps.t1 === "kernel") assert.ok(delayNs.outbound.max < 20e6, `${delayNs.outbound.max} ns, slow: ${isSlow}`);
    },
    ":0",
    far.at,
  );
});
