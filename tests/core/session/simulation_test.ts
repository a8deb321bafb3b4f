/** A known network goes in and comes back out of the numbers. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { createStats } from "../../../core/stats/stats.ts";
import type { ProbeRecord } from "../../../core/record.ts";
import { everyMs, Link, Rng, senderOptions, simulate } from "../../support/sim.ts";
import { finish, reflector } from "../../support/run.ts";

interface Network {
  seed: number;
  delay: number;
  jitter: number;
  loss: number;
  duplicate: number;
}

function link(network: Network): Link {
  const rng = new Rng(network.seed);
  return new Link(() => {
    if (rng.next() < network.loss) return [];
    const delay = () => Math.floor(network.delay + rng.next() * network.jitter);
    return rng.next() < network.duplicate ? [delay(), delay()] : [delay()];
  });
}

function run(
  there: Network,
  back: Network,
  count: number,
  options: { stateless?: boolean; protocol?: "twamp" | "stamp" } = {},
) {
  const [out, home] = [link(there), link(back)];
  const stats = createStats({ reflectorCounts: options.protocol !== "stamp" });
  const rtts: number[] = [];
  let digest = 2166136261;
  const { session } = simulate({
    sender: senderOptions({
      count,
      schedule: everyMs(20),
      ...(options.protocol ? { protocol: options.protocol } : {}),
    }),
    reflector: reflector({ mode: options.stateless ? "stateless" : "stateful" }),
    out,
    back: home,
    residence: 50_000,
    offset: 3e9 + 250,
    onRecord(record: Readonly<ProbeRecord>) {
      stats.record(record);
      if (record.flags & 1) rtts.push(record.rtt);
      for (const value of [record.seq, record.flags, record.rtt, record.forward, record.backward]) {
        digest = Math.imul(digest ^ (value | 0), 16777619) >>> 0;
      }
    },
  });
  return { out, home, digest, rtts, snapshot: finish(session, stats) };
}

const CLEAN = { delay: 10e6, jitter: 0, loss: 0, duplicate: 0 };

test("a clean path comes back as it is: delays exact, signs kept, nothing lost", () => {
  const { snapshot } = run({ ...CLEAN, seed: 1 }, { ...CLEAN, seed: 2, delay: 12e6 }, 500);
  assert.equal(snapshot.received, 500);
  assert.deepEqual([snapshot.lost, snapshot.lostForward, snapshot.lostBackward, snapshot.reordered], [0, 0, 0, 0]);
  // The NTP fraction has 0.23 ns: values are exact to the nanosecond.
  assert.deepEqual([snapshot.rtt.min, snapshot.rtt.max], [22e6, 22e6]);
  assert.deepEqual([snapshot.forward.min, snapshot.backward.max], [10e6 + 3e9 + 250, 12e6 - 3e9 - 250]);
  assert.equal(snapshot.residence.mean, 50_000);
  assert.deepEqual([snapshot.rtt.jitter, snapshot.rtt.stddev, snapshot.ipdv.max], [0, 0, 0]);
  // The paths differ by 2 ms: the offset read off them is wrong by half of that, within its bound.
  assert.equal(Math.round(snapshot.clock!.offsetNs), 3e9 + 250 - 1e6);
  const { boundNs } = snapshot.clock!;
  assert.ok(boundNs >= 11e6 && boundNs <= 11e6 + 10, `${boundNs}: half a round trip, and what stamps are rounded by`);
});

test("injected loss equals measured loss exactly, by direction", () => {
  for (const [lossOut, lossBack] of [[0.1, 0], [0, 0.1], [0.05, 0.02], [0.4, 0.4]]) {
    const there = { ...CLEAN, seed: 7, loss: lossOut };
    const { snapshot, out, home } = run(there, { ...CLEAN, seed: 9, loss: lossBack }, 5000);
    assert.equal(snapshot.sent, 5000);
    assert.equal(snapshot.lost, out.lost + home.lost);
    assert.equal(snapshot.received + snapshot.lost, snapshot.sent);
    // Losses after the last reply belong to neither direction.
    const tail = snapshot.lost - snapshot.lostForward! - snapshot.lostBackward!;
    assert.ok(tail >= 0 && tail < 20, `${tail} unexplained`);
    assert.ok(out.lost - snapshot.lostForward! >= 0 && out.lost - snapshot.lostForward! <= tail);
    assert.ok(home.lost - snapshot.lostBackward! >= 0 && home.lost - snapshot.lostBackward! <= tail);
  }
});

test("a stateless reflector leaves the direction of STAMP losses unknown", () => {
  const network = { ...CLEAN, seed: 3, loss: 0.1 };
  const { snapshot } = run(network, { ...CLEAN, seed: 4 }, 1000, { stateless: true, protocol: "stamp" });
  assert.ok(snapshot.lost > 50);
  assert.deepEqual([snapshot.lostForward, snapshot.lostBackward, snapshot.reorderedForward], [null, null, null]);
});

test("duplicates are counted apart and do not spoil loss", () => {
  const { snapshot, out, home } = run(
    { ...CLEAN, seed: 5, duplicate: 0.1, loss: 0.05 },
    { ...CLEAN, seed: 6, duplicate: 0.1, loss: 0.05 },
    5000,
  );
  assert.equal(snapshot.received + snapshot.lost, 5000);
  assert.ok(snapshot.lost <= out.lost + home.lost, "a second copy can save a probe");
  assert.equal(snapshot.received + snapshot.duplicates + snapshot.late, home.sent - home.lost + home.copies);
});

test("reordering is found in the direction in which it happened", () => {
  // Every tenth probe is held for 50 ms, two and a half gaps.
  const slow = (held: number) => new Link((n) => [n % 10 === 3 ? 10e6 + held : 10e6]);
  for (const [there, back, expected] of [[50e6, 0, [10, 0]], [0, 50e6, [0, 10]]] as const) {
    const stats = createStats({ reflectorCounts: true });
    const { session } = simulate({
      sender: senderOptions({ count: 100, schedule: everyMs(20) }),
      reflector: reflector(),
      out: slow(there),
      back: slow(back),
      onRecord: (record) => stats.record(record),
    });
    const snapshot = finish(session, stats);
    assert.equal(snapshot.lost, 0);
    assert.equal(snapshot.reordered, 10);
    assert.deepEqual([snapshot.reorderedForward, snapshot.reorderedBackward], expected);
  }
});

test("percentiles are within the histogram's bound of the exact ones", () => {
  const noisy = { seed: 11, delay: 2e6, jitter: 40e6, loss: 0.01, duplicate: 0.01 };
  const { snapshot, rtts } = run(noisy, { ...noisy, seed: 12 }, 20_000);
  rtts.sort((a, b) => a - b);
  for (
    const [quantile, got] of [[0.5, snapshot.rtt.p50], [0.9, snapshot.rtt.p90], [0.99, snapshot.rtt.p99], [
      0.999,
      snapshot.rtt.p999,
    ]] as const
  ) {
    const exact = rtts[Math.ceil(quantile * rtts.length) - 1];
    assert.ok(Math.abs(got! - exact) <= snapshot.histogramError * exact + 1, `${quantile}: ${got} for ${exact}`);
  }
  assert.equal(snapshot.rtt.min, rtts[0]);
  assert.equal(snapshot.rtt.max, rtts.at(-1));
});

test("the same seed gives the same records on every runtime", () => {
  const noisy = { seed: 21, delay: 5e6, jitter: 30e6, loss: 0.03, duplicate: 0.02 };
  assert.equal(run(noisy, { ...noisy, seed: 22 }, 3000).digest, 1_753_925_976);
});
