/** Which address and which interface packets leave from. */
import { before, test } from "node:test";
import assert from "node:assert/strict";
import { assertRefused, refused, run, tool, withResponder } from "../support.ts";
import { capturing, noCapture } from "./capture.ts";
import { addresses, hostsInRow, measured } from "./hosts.ts";

const { hosts, skip } = hostsInRow(2);
const [near, far] = hosts;
const { v4, v6 } = addresses(1);
const SECOND_V4 = "192.0.2.77";
const SECOND_V6 = "2001:db8:1::77";

before(() => {
  if (skip) return;
  far.ip("addr", "add", `${SECOND_V4}/24`, "dev", "west");
  far.ip("addr", "add", `${SECOND_V6}/64`, "dev", "west");
  // A second way between the same hosts, of which the routes know nothing.
  near.ip("link", "add", "other", "type", "veth", "peer", "name", "other", "netns", far.netns);
  for (const [host, end] of [[near, 1], [far, 2]] as const) {
    host.ip("addr", "add", `203.0.113.${end}/24`, "dev", "other");
    host.ip("link", "set", "other", "up");
  }
});

for (const [local, asked] of [["0.0.0.0:0", [v4, SECOND_V4]], ["[::]:0", [v4, SECOND_V4, v6, SECOND_V6]]] as const) {
  test(`a responder on ${local} answers from the address that was asked`, { skip }, async () => {
    await withResponder(
      [],
      async ({ port, stop }) => {
        for (const address of asked) {
          const remote = address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
          const { summary } = await measured(near, remote, "-c", "5", "-i", "5");
          const { received, unexpected } = summary.packets;
          assert.deepEqual([received, unexpected], [5, 0], `${address}: replies from elsewhere are unexpected`);
        }
        assert.equal((await stop()).counts.received, 5 * asked.length);
      },
      local,
      far.at,
    );
  });
}

test("a responder on [::] asked at its link-local address answers a global one from there", { skip }, async () => {
  await withResponder(
    [],
    async ({ port, stop }) => {
      const remote = `[${far.linkLocal("west")}%east]:${port}`;
      const args = [
        "sender",
        remote,
        `[${addresses(0).v6}]:0`,
        "-c",
        "5",
        "-i",
        "5",
        "--packet-timeout",
        "0.5",
        "--output",
        "json",
      ];
      const { stdout, stderr } = await run(args, near.at);
      assert.equal(JSON.parse(stdout).packets.received, 5, stderr + (await stop()).stderr);
    },
    "[::]:0",
    far.at,
  );
});

test("link-local addresses with their zone, at both ends", { skip }, async () => {
  const [here, there] = [near.linkLocal("east"), far.linkLocal("west")];
  for (const local of [`[${there}%west]:0`, "[::]:0"]) {
    await withResponder(
      [],
      async ({ port, stop }) => {
        const remote = `[${there}%east]:${port}`;
        const { summary } = await measured(near, remote, "-c", "5", "-i", "5");
        assert.deepEqual([summary.packets.received, summary.packets.unexpected], [5, 0], local);
        assert.ok(summary.session.local.startsWith(`[${here}`), summary.session.local);
        assert.equal((await stop()).counts.reflected, 5);
      },
      local,
      far.at,
    );
  }
});

test("a sender bound to a link-local address with its zone", { skip }, async () => {
  const [here, there] = [near.linkLocal("east"), far.linkLocal("west")];
  await withResponder(
    [],
    async ({ port }) => {
      const args = ["sender", `[${there}%east]:${port}`, `[${here}%east]:0`, "-c", "3", "-i", "5", "--output", "json"];
      const { status, stdout, stderr } = await refused(args, near.at);
      assert.equal(status, 0, stderr);
      assert.equal(JSON.parse(stdout).packets.received, 3);
    },
    `[${there}%west]:0`,
    far.at,
  );
});

test("a zone that does not exist: one line, status 2", { skip }, async () => {
  const there = far.linkLocal("west");
  assertRefused(await refused(["sender", `[${there}%nowhere]`, ":0"], near.at), 2, "nowhere", "east");
  assertRefused(await refused(["responder", `[${there}%nowhere]:0`], near.at), 2, "nowhere");
});

test("--interface: probes leave and replies come through it only", { skip: skip || noCapture }, async () => {
  await withResponder(
    [],
    async ({ port }) => {
      await capturing(near, "other", async (packets) => {
        // By its route that address is behind `east`.
        const { summary } = await measured(near, `${v4}:${port}`, "-c", "3", "-i", "5", "--interface", "other");
        assert.equal(summary.packets.received, 3);
        const seen = await packets(
          6,
          ({ sourcePort, destinationPort }) => sourcePort === port || destinationPort === port,
        );
        const from = (address: string) => seen.filter(({ source }) => source === address).length;
        assert.deepEqual([from("203.0.113.1"), from(v4)], [3, 3]);
        assert.ok(summary.session.local.startsWith("203.0.113.1:"), summary.session.local);
      });
    },
    "0.0.0.0:0",
    far.at,
  );
});

test("--interface of a responder: it does not hear what comes through others", { skip }, async () => {
  await withResponder(
    ["--interface", "other"],
    async ({ port, stop }) => {
      const deaf = ["sender", `${v4}:${port}`, ":0", "-c", "3", "-i", "5", "--packet-timeout", "0.3"];
      assert.equal((await refused(deaf, near.at)).status, 1);
      await measured(near, `203.0.113.2:${port}`, "-c", "3", "-i", "5");
      assert.equal((await stop()).counts.received, 3);
    },
    "[::]:0",
    far.at,
  );
});

test("--interface that does not exist: one line, status 2", { skip }, async () => {
  for (const args of [["sender", v4, ":0"], ["responder", ":0"]]) {
    assertRefused(await refused([...args, "--interface", "nowhere"], near.at), 2, "nowhere", "ip link");
    const long = "longer-than-any-interface-name";
    assertRefused(await refused([...args, "--interface", long], near.at), 2, long);
  }
});

/** setpriv is of util-linux, which no Debian is without. */
const noPriv = tool("setpriv") === undefined && "no setpriv (Debian: util-linux)";

test(
  "--interface without privilege is allowed by the kernel, or refused in one line",
  { skip: skip || noPriv },
  async () => {
    const through = [...near.at.through!, "setpriv", "--bounding-set=-all", "--inh-caps=-all"];
    await withResponder(
      [],
      async ({ port }) => {
        const args = ["sender", `203.0.113.2:${port}`, ":0", "-c", "3", "-i", "5", "--interface", "other", "-q"];
        const outcome = await refused(args, { through });
        if (outcome.status === 0) return assert.equal(outcome.stderr, "");
        assertRefused(outcome, 2, "other", "CAP_NET_RAW");
      },
      "0.0.0.0:0",
      far.at,
    );
  },
);
