/** --do-not-fragment and paths that take less: the MTU is named, and what goes on is measured as before. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { run, withResponder } from "../support.ts";
import { addresses, type Host, hostsInRow, measured } from "./hosts.ts";

const { hosts, skip } = hostsInRow(3);
const [near, router, far] = hosts;
const { v4, v6 } = addresses(2);
/** An address, and the octets of its IP and UDP headers. */
const FAMILIES = [[v4, 28], [`[${v6}]`, 48]] as const;

/** The MTU of `device` on `host` while `use` runs. Paths that were learned are forgotten. */
async function withMtu(host: Host, device: string, mtu: number, use: () => Promise<void>): Promise<void> {
  host.ip("link", "set", device, "mtu", `${mtu}`);
  try {
    await use();
  } finally {
    host.ip("link", "set", device, "mtu", "1500");
    for (const family of ["-4", "-6"]) near.ip(family, "route", "flush", "cache");
  }
}

/** A run whose probes are all of `payload` octets and too large for what takes `mtu`. */
async function assertTooLarge(remote: string, payload: number, mtu: number, header: number): Promise<string> {
  const args = ["-c", "6", "-i", "50", "--packet-timeout", "0.3", "--padding", `${payload - 14}`, "--do-not-fragment"];
  const { status, stderr, stdout } = await run(["sender", remote, ":0", ...args], near.at);
  const said = `${remote}:\n${stderr}`;
  assert.equal(status, 1, said);
  assert.match(stdout, /NO STATS AVAILABLE/);
  assert.ok(stderr.includes(`a payload of ${payload} octets makes a packet of ${payload + header}`), said);
  assert.ok(stderr.includes(`MTU is ${mtu} octets: ${mtu - header} is the most without fragments`), said);
  return stderr;
}

test("a probe over the MTU of the own interface: both are named, status 1", { skip }, async () => {
  await withResponder(
    [],
    async ({ port }) => {
      for (const [address, header] of FAMILIES) {
        const stderr = await assertTooLarge(`${address}:${port}`, 1500, 1500, header);
        assert.match(stderr, /6 probes could not be sent/);
        assert.match(stderr, /nothing could be sent to/);
      }
    },
    "[::]:0",
    far.at,
  );
});

test("a probe over the MTU of a router: it tells, and what follows is refused with that MTU", { skip }, async () => {
  await withResponder(
    [],
    async ({ port }) => {
      for (const [address, header] of FAMILIES) {
        await withMtu(router, "east", 1400, async () => {
          const stderr = await assertTooLarge(`${address}:${port}`, 1450, 1400, header);
          assert.match(stderr, /the network refused 1 probe: the path takes 1400 octets/);
          assert.match(stderr, /no reply from|nothing could be sent/);
        });
      }
    },
    "[::]:0",
    far.at,
  );
});

test("the largest payload that fits is sent, with one octet more it is not", { skip }, async () => {
  await withResponder(
    [],
    async ({ port }) => {
      for (const [address, header] of FAMILIES) {
        const most = 1500 - header;
        const args = ["-c", "2", "-i", "5", "--do-not-fragment"];
        const { summary } = await measured(near, `${address}:${port}`, ...args, "--padding", `${most - 14}`);
        assert.deepEqual([summary.packets.received, summary.packets.sendErrors], [2, 0], address);
        await assertTooLarge(`${address}:${port}`, most + 1, 1500, header);
      }
    },
    "[::]:0",
    far.at,
  );
});

test("a reply over the MTU with --do-not-fragment: the responder names both, by the family of the one who asked", {
  skip,
}, async () => {
  for (const [address, header] of FAMILIES) {
    await withResponder(
      ["--do-not-fragment"],
      async ({ port, stop }) => {
        const args = ["-c", "2", "-i", "20", "--packet-timeout", "0.3", "--padding", "1986"];
        assert.equal((await run(["sender", `${address}:${port}`, ":0", ...args], near.at)).status, 1);
        const { summary } = await measured(near, `${address}:${port}`, "-c", "5", "-i", "5");
        assert.equal(summary.packets.received, 5, "the responder goes on");
        const { counts, stderr } = await stop();
        assert.deepEqual([counts.received, counts["replies not sent"]], [7, 2], stderr);
        const said = `a payload of 2000 octets makes a packet of ${2000 + header}, the path's MTU is 1500 octets`;
        assert.ok(stderr.includes(said), stderr);
      },
      "[::]:0",
      far.at,
    );
  }
});

for (const [whose, host, mtu] of [["own", () => near, 1300], ["router's", () => router, 1300]] as const) {
  test(`sizes mixed about the ${whose} MTU: the small ones have kernel stamps and true times`, { skip }, async () => {
    await withResponder(
      [],
      async ({ port }) => {
        for (const [address] of FAMILIES) {
          await withMtu(host(), "east", mtu, async () => {
            const args = ["--profile", "imix", "--do-not-fragment", "--packet-timeout", "0.5"];
            const { probes, summary } = await measured(near, `${address}:${port}`, "-c", "300", "-i", "3", ...args);
            const { packets, stamps } = summary;
            const large = probes.filter(({ size }) => size > mtu - 28);
            const small = probes.filter(({ size }) => size <= mtu - 28);
            assert.ok(large.length > 5 && small.length > 200, `${large.length} large, ${small.length} small`);
            assert.ok(large.every(({ status }) => status === "lost") && small.every(({ status }) => status === "ok"));
            assert.deepEqual([packets.sent, packets.lost], [300, large.length]);
            // Those that left before the router told are lost on the way.
            assert.ok(packets.sendErrors >= large.length - 3, `${packets.sendErrors} of ${large.length}`);
            assert.deepEqual([stamps.t1, stamps.t4, stamps.fallback], ["kernel", "kernel", 0]);
            // A stamp of the neighbour in the row would be an interval off.
            const far = small.filter(({ rttNs }) => rttNs < 0 || rttNs > 2.5e6);
            assert.ok(far.length <= 5, `round trips that are not true: ${JSON.stringify(far)}`);
            assert.ok(summary.delayNs.roundtrip.p50 < 1e6);
          });
        }
      },
      "[::]:0",
      far.at,
    );
  });
}
