/** Two hosts next to each other: a measurement between them, and what is said where there can be none. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { run, withResponder } from "../support.ts";
import { addresses, hostsInRow, measured } from "./hosts.ts";

const { hosts, skip } = hostsInRow(2);
const [near, far] = hosts;
const [here, there] = [addresses(0), addresses(1)];

test("a measurement between two hosts, IPv4 and IPv6, to one wildcard responder", { skip }, async () => {
  await withResponder(
    [],
    async ({ port }) => {
      for (const [remote, local] of [[there.v4, here.v4], [`[${there.v6}]`, `[${here.v6}]`]]) {
        const { summary } = await measured(near, `${remote}:${port}`, "-c", "50", "-i", "5");
        const { packets, delayNs, session } = summary;
        assert.deepEqual([packets.sent, packets.received, packets.lost, packets.unexpected], [50, 50, 0, 0]);
        assert.ok(delayNs.roundtrip.min > 0 && delayNs.roundtrip.p50 < 1e9);
        assert.ok(session.local.startsWith(`${local}:`), session.local);
      }
    },
    ":0",
    far.at,
  );
});

test("a host without a route says so, and so does one that nobody answers", { skip }, async () => {
  const quick = [":0", "-c", "2", "-i", "5", "--packet-timeout", "0.2"];
  const noRoute = await run(["sender", "203.0.113.1:862", ...quick], near.at);
  assert.equal(noRoute.status, 1);
  assert.match(noRoute.stderr, /nothing could be sent to 203\.0\.113\.1/);
  assert.match(noRoute.stderr, /unreachable/i);
  const nobody = await run(["sender", `${there.v4}:862`, ...quick], near.at);
  assert.equal(nobody.status, 1);
  assert.match(nobody.stderr, /no reply from 192\.0\.2\.2/);
});
