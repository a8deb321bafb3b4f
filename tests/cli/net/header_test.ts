/** What the IP headers of probes and replies say, as a capture sees them, and what replies tell of them. */
import { test } from "node:test";
import assert from "node:assert/strict";
import process from "node:process";
import { withResponder } from "../support.ts";
import { capturing, noCapture, type Packet } from "./capture.ts";
import { addresses, hostsInRow, measured } from "./hosts.ts";

const { hosts, skip: noHosts } = hostsInRow(3);
const [near, , far] = hosts;
const skip = noHosts || noCapture;
const there = addresses(2);

/** One probe and its reply as they pass the near host's interface, and what the sender says of them. */
async function exchange(responder: readonly string[], sender: readonly string[], local: string, remote: string) {
  return await withResponder(
    responder,
    async ({ port }) =>
      await capturing(near, "east", async (packets) => {
        const { probes, summary } = await measured(near, `${remote}:${port}`, "-c", "1", ...sender);
        const [out] = await packets(1, (packet) => packet.destinationPort === port);
        const [back] = await packets(1, (packet) => packet.sourcePort === port);
        assert.ok(out && back, "a probe and its reply were captured");
        assert.equal(summary.packets.received, 1);
        return { out, back, probe: probes[0], session: summary.session };
      }),
    local,
    far.at,
  );
}

const FAMILIES = [["IPv4", "0.0.0.0:0", there.v4], ["IPv6", "[::]:0", `[${there.v6}]`], [
  "IPv4 to [::]",
  "[::]:0",
  there.v4,
]] as const;

for (const [what, local, remote] of FAMILIES) {
  const isV4 = !remote.startsWith("[");

  test(`${what}: by default TOS 0x88, TTL 64, DF clear, both ways`, { skip }, async () => {
    const { out, back, probe, session } = await exchange([], [], local, remote);
    const header = ({ family, tos, ttl, df }: Packet) => ({ family, tos, ttl, df });
    const wanted = { family: isV4 ? 4 : 6, tos: 0x88, df: isV4 ? false : undefined };
    assert.deepEqual(header(out), { ...wanted, ttl: 64 });
    assert.deepEqual([back.tos, back.ttl], [0x88, 63]);
    assert.deepEqual([probe.ttlForward, probe.ttlBackward], [63, 63]);
    assert.equal(back.payload[40], 63, "the reply carries the TTL with which the probe came");
    assert.deepEqual([session.tos, session.ttl, session.dontFragment], [0x88, 64, false]);
  });

  test(`${what}: TOS, TTL and DF as asked, at both ends`, { skip }, async () => {
    const { out, back, probe } = await exchange(
      ["--tos", "0x20", "--ttl", "77", "--do-not-fragment"],
      ["--dscp", "ef", "--ttl", "9", "--do-not-fragment"],
      local,
      remote,
    );
    assert.deepEqual([out.tos, out.ttl, out.df], [0xb8, 9, isV4 ? true : undefined]);
    assert.deepEqual([back.tos, back.ttl, back.df], [0x20, 76, isV4 ? true : undefined]);
    assert.deepEqual([probe.ttlForward, probe.ttlBackward], [8, 76]);
    assert.equal(back.payload[40], 8);
  });
}

test("STAMP: the reply carries the TTL as well", { skip }, async () => {
  const { back, probe } = await exchange([], ["--protocol", "stamp", "--ttl", "200"], "[::]:0", `[${there.v6}]`);
  assert.deepEqual([probe.ttlForward, back.payload[40]], [199, 199]);
});

test("without --do-not-fragment a probe over the MTU is fragmented and answered", { skip }, async () => {
  for (const remote of [there.v4, `[${there.v6}]`]) {
    const { out, back, probe } = await exchange([], ["--padding", "3000"], "[::]:0", remote);
    assert.ok(out.fragment && back.fragment, remote);
    assert.deepEqual([probe.size, probe.replySize], [3014, 3014]);
  }
});

const PROBES = 200;
/** Far more than a program needs to send at once; a program whose own delay is in its result needs more. */
const CLOSE_NS = 200_000;

test("a round trip is what captures at both ends say", { skip }, async () => {
  for (const remote of [there.v4, `[${there.v6}]`]) {
    const errors = await withResponder(
      [],
      ({ port }) =>
        capturing(near, "east", (nearPackets) =>
          capturing(far, "west", async (farPackets) => {
            const { probes } = await measured(near, `${remote}:${port}`, "-c", `${PROBES}`, "-i", "5");
            const [atNear, atFar] = [await times(nearPackets, port), await times(farPackets, port)];
            return probes.map((probe) => {
              const [there, here] = [atFar.get(probe.seq)!, atNear.get(probe.seq)!];
              return Number(probe.rttNs) - Number((here.back - here.out) - (there.back - there.out));
            });
          })),
      "[::]:0",
      far.at,
    );
    const sorted = errors.map(Math.abs).sort((a, b) => a - b);
    const [median, worst] = [sorted[PROBES / 2], sorted[PROBES - 1]];
    if (process.env.TWAMPEDE_NUMBERS) console.log(`${remote}: median ${median} ns, worst ${worst} ns`);
    assert.ok(median < CLOSE_NS, `${remote}: median error ${median} ns, worst ${worst} ns`);
  }
});

type Packets = Parameters<Parameters<typeof capturing>[2]>[0];

/** When each probe and its reply passed, by the sender's number. */
async function times(packets: Packets, port: number): Promise<Map<number, { out: bigint; back: bigint }>> {
  const found = await packets(2 * PROBES, (packet) => packet.sourcePort === port || packet.destinationPort === port);
  assert.equal(found.length, 2 * PROBES, "all were captured");
  const all = new Map<number, { out: bigint; back: bigint }>();
  for (const { at, payload, sourcePort } of found) {
    const view = new DataView(payload.buffer, payload.byteOffset);
    const seq = view.getUint32(sourcePort === port ? 24 : 0);
    const both = all.get(seq) ?? { out: 0n, back: 0n };
    if (sourcePort === port) both.back = at;
    else both.out = at;
    all.set(seq, both);
  }
  return all;
}
