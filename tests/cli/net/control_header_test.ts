/** What the IP headers of full TWAMP say: probes, replies, and the control connection. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { capturing, noCapture, type Packet } from "./capture.ts";
import { filtering, FORWARD, noFilter } from "./filter.ts";
import { assertWhole, controlled, withServer } from "./full_twamp.ts";
import { addresses, hostsInRow } from "./hosts.ts";

const { hosts, skip: noHosts } = hostsInRow(3);
const [near, router, far] = hosts;
const skip = noHosts || noCapture;
const there = addresses(2);
const FAMILIES = [["IPv4", there.v4], ["IPv6", `[${there.v6}]`]] as const;
const COUNT = 3;
const PROBES = ["-c", `${COUNT}`, "-i", "5"];
/** RFC 5357 section 4.2.1; one hop is between. */
const TTL = 254;
/** A reply with what DSCP and ECN its probe had (RFC 7750 Figure 2). */
const LEAST = 44;

for (const [family, server] of FAMILIES) {
  test(
    `${family}: replies have the highest TTL, the TOS that was asked for, and the size of their probes`,
    { skip },
    async () => {
      for (const shared of [[], ["[::]:8620"]]) {
        await withServer(far, shared, () =>
          capturing(near, "east", async (packets) => {
            const asked = [["ef", 0xb8, 27], ["cs1", 0x20, 500], ["be", 0, 1000]] as const;
            const options = asked.flatMap(([dscp, , padding]) => ["--dscp", dscp, "--padding", `${padding}`]);
            const result = await controlled(near, server, [...PROBES, "--sessions", "3", ...options]);
            assertWhole(result, 3);
            for (const [i, [dscp, tos, padding]] of asked.entries()) {
              const port = Number(/\d+$/.exec(result.results[i].session.local)![0]);
              const probes = await packets(COUNT, ({ sourcePort }) => sourcePort === port);
              const replies = await packets(COUNT, ({ destinationPort }) => destinationPort === port);
              const header = ({ tos, ttl, payload }: Packet) => ({ tos, ttl, size: payload.length });
              const size = 14 + padding;
              assert.deepEqual(probes.map(header), Array(COUNT).fill({ tos, ttl: 64, size }), dscp);
              const reply = { tos, ttl: TTL, size: Math.max(size, LEAST) };
              assert.deepEqual(replies.map(header), Array(COUNT).fill(reply), dscp);
            }
          }));
      }
    },
  );

  test(`${family}: the server's --ttl, and the controller's TTL and DF`, { skip }, async () => {
    await withServer(far, ["--ttl", "77"], () =>
      capturing(near, "east", async (packets) => {
        const result = await controlled(near, server, [...PROBES, "--ttl", "9", "--do-not-fragment"]);
        assertWhole(result);
        const port = Number(/\d+$/.exec(result.results[0].session.remote)![0]);
        const [out] = await packets(1, ({ destinationPort }) => destinationPort === port);
        const [back] = await packets(1, ({ sourcePort }) => sourcePort === port);
        assert.deepEqual([out.ttl, out.df], [9, family === "IPv4" ? true : undefined]);
        assert.deepEqual([back.ttl, back.payload[40]], [76, 8]);
      }));
  });

  test(`${family}: what the server says on the control connection has the DSCP of the client's SYN`, {
    skip: noHosts || noFilter,
  }, async () => {
    const ip = family === "IPv4" ? "ip" : "ip6";
    const marks = `oifname "east" tcp flags & (syn | ack) == syn ${ip} dscp set ef`;
    // The handshake is the kernel's alone.
    const wants = `oifname "west" tcp sport 862 tcp flags & syn == 0 ${ip} dscp != ef drop`;
    await withServer(far, [], async () => {
      await filtering(
        router,
        [[FORWARD, marks, wants]],
        async () => assertWhole(await controlled(near, server, PROBES)),
      );
      await filtering(router, [[FORWARD, wants]], async () => {
        const { status, stderr } = await controlled(near, server, [...PROBES, "--control-timeout", "1"]);
        assert.equal(status, 1, "nothing came through that is not marked");
        assert.match(stderr, /sent no greeting within 1 s/);
      });
    });
  });
}
