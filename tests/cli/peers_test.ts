/** The faults of other people's reflectors (PEERS.md), played one by one to our sender: counted, named, and survived. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { run } from "./support.ts";
import { type Json, readLines, readTable } from "./parse.ts";
import { type Probe, type Quirks, replyTo, withReflector } from "./packets.ts";

type Answer = Parameters<typeof withReflector>[0];
const COUNT = 20;

/** Runs the sender against `answer`; all that it printed as ndjson. */
async function measure(answer: Answer, ...args: string[]) {
  return await withReflector(answer, async (at, heard) => {
    const line = ["sender", at, "127.0.0.1:0", "-c", String(COUNT), "-i", "10", "--packet-timeout", "0.3"];
    const { status, stdout, stderr } = await run([...line, "--output", "ndjson", ...args]);
    const lines = readLines(stdout);
    assert.equal(heard(), lines.summary.packets.sent, "every probe left");
    const findings: Record<string, number> = {};
    for (const { code, count, text } of lines.summary.peer.findings as Json[]) {
      findings[code] = count;
      assert.doesNotMatch(text, /\n/);
    }
    return { status, stderr, ...lines, packets: lines.summary.packets, delays: lines.summary.delayNs, findings };
  });
}

const quirky = (quirks: Quirks | ((probe: Probe) => Quirks)): Answer => (probe, send) =>
  send(replyTo(probe, typeof quirks === "function" ? quirks(probe) : quirks));

function assertAllIn(result: { status: number | null; packets: Json }): void {
  assert.equal(result.status, 0);
  const { sent, received, lost, duplicates, late, malformed, unexpected } = result.packets;
  assert.deepEqual(
    { sent, received, lost, duplicates, late, malformed, unexpected },
    { sent: COUNT, received: COUNT, lost: 0, duplicates: 0, late: 0, malformed: 0, unexpected: 0 },
  );
}

/** One-way delays over loopback between processes of one clock: nothing is further off than this. */
const SANE_NS = 300e6;

test("a good reflector is found nothing wrong with", async () => {
  const result = await measure(quirky({}));
  assertAllIn(result);
  assert.deepEqual(result.findings, {});
  for (const way of ["outbound", "inbound"]) assert.ok(Math.abs(result.delays[way].p50) < SANE_NS, way);
});

test("replies of 36 octets, without TTL and error estimate of the sender", async () => {
  const result = await measure(quirky({ size: 36 }));
  assertAllIn(result);
  assert.deepEqual(result.findings, { "short-reply": COUNT, "asymmetric-size": COUNT });
  assert.ok(result.probes.every((probe) => probe.replySize === 36 && probe.ttlForward === null));
});

test("nokia's reflector: 38 octets, T2 = T3", async () => {
  const result = await measure(quirky({ size: 38, equal: true }));
  assertAllIn(result);
  assert.deepEqual(result.findings, { "short-reply": COUNT, "asymmetric-size": COUNT, "equal-stamps": COUNT });
});

test("replies longer than probes are no error, and said", async () => {
  const result = await measure(quirky({ size: 64 }));
  assertAllIn(result);
  assert.deepEqual(result.findings, { "asymmetric-size": COUNT });
});

test("domos' order of stamps: recognised, and read in its order", async () => {
  const result = await measure(quirky({ swapped: true }));
  assertAllIn(result);
  assert.deepEqual(result.findings, { "swapped-stamps": COUNT });
  for (const way of ["outbound", "inbound", "roundtrip", "residence"]) {
    assert.ok(Math.abs(result.delays[way].max) < SANE_NS, `${way} ${result.delays[way].max}`);
  }
});

test("nanoseconds in the fraction field: recognised, the round trip is right all the same", async () => {
  const result = await measure(quirky({ nanos: true }));
  assertAllIn(result);
  assert.deepEqual(Object.keys(result.findings), ["nanosecond-fraction"]);
  assert.ok(result.delays.roundtrip.max < SANE_NS);
});

test("the S bit is shown and not believed; a multiplier of 0 is said", async () => {
  const result = await measure(quirky({ error: 0x8001 }));
  assertAllIn(result);
  assert.deepEqual([result.summary.peer.synchronized, result.findings], [true, {}]);
  const zero = await measure(quirky({ error: 0x0000 }));
  assertAllIn(zero);
  assert.deepEqual([zero.summary.peer.synchronized, zero.findings], [false, { "no-error-estimate": COUNT }]);
});

test("stamps left zero: one-way values are unknown, not 0", async () => {
  const result = await measure(quirky({ noStamps: true }));
  assertAllIn(result);
  assert.deepEqual(result.findings, { "missing-stamps": COUNT });
  assert.deepEqual([result.delays.outbound.count, result.delays.residence.min], [0, null]);
  assert.equal(result.delays.roundtrip.count, COUNT);
});

test("a TWAMP reflector does not return the SSID of STAMP", async () => {
  const result = await measure(quirky({}), "--protocol", "stamp", "--ssid", "77");
  assertAllIn(result);
  assert.deepEqual(result.findings, { "ssid-not-returned": COUNT });
});

test("garbage beside good replies is counted and left out", async () => {
  const result = await measure((probe, send) => {
    send(new Uint8Array(probe.seq)); // 0 to 19 octets
    send(replyTo(probe).slice(0, 35));
    send(new Uint8Array(200).fill(0xa5));
    send(replyTo(probe));
  });
  assert.equal(result.status, 0);
  const { received, lost, malformed, unexpected } = result.packets;
  // What follows the last good reply is not waited for; nothing does.
  assert.deepEqual({ received, lost, malformed, unexpected }, {
    received: COUNT,
    lost: 0,
    malformed: 2 * COUNT,
    unexpected: COUNT,
  });
});

test("nothing but garbage: status 3, and one line that says so", async () => {
  const result = await measure((probe, send) => send(replyTo(probe).slice(0, 20)));
  assert.equal(result.status, 3, result.stderr);
  assert.deepEqual([result.packets.received, result.packets.malformed], [0, COUNT]);
  assert.match(result.stderr, /^twampede: 127\.0\.0\.1 .*too short/m);
});

test("replies to numbers never sent, and to another run, answer nothing", async () => {
  const result = await measure((probe, send) => {
    send(replyTo(probe, { sseq: probe.seq + 1000 }));
    send(replyTo(probe, { sseq: 0xffffffff }));
    if (probe.seq % 2 === 1) send(replyTo(probe));
  });
  assert.equal(result.status, 0);
  assert.deepEqual([result.packets.received, result.packets.unexpected], [COUNT / 2, 2 * COUNT]);
});

test("replies from another port are not ours: no result, status 1", async () => {
  const other = createSocket("udp4");
  try {
    other.bind({ address: "127.0.0.1", port: 0 });
    await once(other, "listening");
    const result = await measure((probe, send) => send(replyTo(probe), other));
    assert.equal(result.status, 1);
    assert.deepEqual([result.packets.received, result.packets.unexpected], [0, COUNT]);
  } finally {
    other.close();
  }
});

test("duplicates stand apart, and where they were made is told", async () => {
  const result = await measure((probe, send) => {
    // The last reply ends the run, so its copies go first: here it has none.
    if (probe.seq === COUNT - 1) return send(replyTo(probe, { rseq: 3 * probe.seq }));
    const reply = replyTo(probe, { rseq: 2 * probe.seq });
    send(reply);
    send(probe.seq % 2 === 0 ? reply : replyTo(probe, { rseq: 2 * probe.seq + 1 }));
  });
  const { received, lost, duplicates } = result.packets;
  assert.deepEqual({ received, lost, duplicates }, { received: COUNT, lost: 0, duplicates: COUNT - 1 });
  const events = result.events.filter(({ event }) => event === "duplicate");
  assert.deepEqual(events.map(({ seq }) => seq), [...Array(COUNT - 1).keys()]);
  for (const { seq, copiedOutbound } of events) assert.equal(copiedOutbound, seq % 2 === 1, String(seq));
});

test("late replies count as lost and as late", async () => {
  const waiting: (() => void)[] = [];
  // Probe 2 is answered when probe 12 comes, which is later than the timeout.
  const result = await measure(
    (probe, send) => {
      if (probe.seq === 2 || probe.seq === 3) waiting.push(() => send(replyTo(probe)));
      else send(replyTo(probe));
      if (probe.seq === 12) waiting.forEach((late) => late());
    },
    "-i",
    "50",
  );
  const { received, lost, late } = result.packets;
  assert.deepEqual({ received, lost, late }, { received: COUNT - 2, lost: 2, late: 2 });
  assert.deepEqual(result.events.map(({ event, seq }) => `${event} ${seq}`), ["late 2", "late 3"]);
  assert.deepEqual(result.probes.filter(({ status }) => status === "lost").map(({ seq }) => seq), [2, 3]);
});

test("reordering on the way back", async () => {
  let held: (() => void) | undefined;
  const result = await measure((probe, send) => {
    if (probe.seq % 5 === 1) return held = () => send(replyTo(probe));
    send(replyTo(probe));
    held?.();
    held = undefined;
  });
  assertAllIn(result);
  const { reordered, reorderedOutbound, reorderedInbound } = result.packets;
  assert.deepEqual({ reordered, reorderedOutbound, reorderedInbound }, {
    reordered: 4,
    reorderedOutbound: 0,
    reorderedInbound: 4,
  });
});

/** Loses those probes on the way there and those replies on the way back, and numbers what reaches it. */
function losing(outbound: readonly number[], inbound: readonly number[]): Answer {
  let rseq = 0;
  return (probe, send) => {
    if (outbound.includes(probe.seq)) return;
    const reply = replyTo(probe, { rseq: rseq++ });
    if (!inbound.includes(probe.seq)) send(reply);
  };
}

test("loss is laid to the direction it happened in, by the reflector's own count", async () => {
  const cases: [outbound: number[], inbound: number[]][] = [
    [[], [1, 4, 5, 6, 12]],
    [[1, 4, 5, 6, 12], []],
    [[0, 1, 7], [3, 4, 11, 18]],
    [[2], [2]],
  ];
  for (const [outbound, inbound] of cases) {
    const result = await measure(losing(outbound, inbound));
    const back = inbound.filter((seq) => !outbound.includes(seq)).length;
    const { lost, lostOutbound, lostInbound } = result.packets;
    assert.deepEqual({ lost, lostOutbound, lostInbound }, {
      lost: outbound.length + back,
      lostOutbound: outbound.length,
      lostInbound: back,
    });
    const seqs = result.probes.filter(({ status }) => status === "lost").map(({ seq }) => seq);
    assert.deepEqual(seqs.toSorted((a, b) => a - b), [...new Set([...outbound, ...inbound])].toSorted((a, b) => a - b));
  }
});

test("loss is counted probe by probe: the last replies are lost as well", async () => {
  const result = await measure(losing([], [COUNT - 2, COUNT - 1]));
  assert.deepEqual([result.packets.received, result.packets.lost], [COUNT - 2, 2]);
});

test("a STAMP reflector that copies numbers cannot tell where loss was: unknown, in the table too", async () => {
  const answer: Answer = (probe, send) => {
    if (probe.seq % 4 !== 1) send(replyTo(probe));
  };
  const result = await measure(answer, "--protocol", "stamp");
  assert.deepEqual([result.packets.lost, result.packets.lostOutbound, result.packets.lostInbound], [5, null, null]);
  await withReflector(answer, async (at) => {
    const line = ["sender", at, "127.0.0.1:0", "-c", "20", "-i", "5", "--packet-timeout", "0.1", "--protocol", "stamp"];
    const { loss } = readTable((await run(line)).stdout);
    assert.deepEqual(loss, { Outbound: "n/a", Inbound: "n/a", Roundtrip: "25.0%" });
  });
});
