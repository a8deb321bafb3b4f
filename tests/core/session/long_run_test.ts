/** Ten minutes at 10,000 probes a second, in virtual time: exact counts, constant memory. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { createStats } from "../../../core/stats/stats.ts";
import { Link, Rng, senderOptions, simulate } from "../../support/sim.ts";
import { finish, reflector } from "../../support/run.ts";
import { windowFor } from "../../../core/session/window.ts";

interface Runtimes {
  Deno?: { memoryUsage(): { rss: number } };
  Bun?: { gc(full: boolean): void };
}
const { Deno, Bun } = globalThis as Runtimes;

function resident(): number {
  Bun?.gc(true);
  return Deno === undefined ? process.memoryUsage().rss : Deno.memoryUsage().rss;
}

test("6,000,000 probes over a lossy network: every one accounted for, in constant memory", { timeout: 300_000 }, () => {
  const [thereRng, backRng] = [new Rng(31), new Rng(37)];
  const lossy = (rng: Rng) => new Link(() => rng.next() < 0.01 ? [] : [2e6 + rng.next() * 1e6 | 0]);
  const [out, back] = [lossy(thereRng), lossy(backRng)];
  const stats = createStats({ reflectorCounts: true });
  const count = 6_000_000;
  const gap = 100_000;
  let first = true;
  const sizes: number[] = [];
  const { session, now } = simulate({
    sender: senderOptions({
      count,
      timeout: 1e9,
      window: windowFor(1e9, gap),
      schedule: { name: "t", next: () => first ? (first = false, 0) : gap },
    }),
    reflector: reflector(),
    out,
    back,
    residence: 20_000,
    onRecord: (record) => stats.record(record),
    onSecond: (second) => {
      if (second % 60 === 0) sizes.push(resident());
    },
  });
  const snapshot = finish(session, stats);
  assert.ok(now >= 599e9 && now < 602e9, `${now}`);
  assert.equal(snapshot.sent, count);
  assert.equal(snapshot.lost, out.lost + back.lost);
  assert.equal(snapshot.received + snapshot.lost, count);
  // Probes lost behind the last reply, some hundred at most, are laid to neither direction.
  assert.ok(out.lost - snapshot.lostForward! >= 0 && out.lost - snapshot.lostForward! < 200);
  assert.ok(back.lost - snapshot.lostBackward! >= 0 && back.lost - snapshot.lostBackward! < 200);
  assert.ok(snapshot.rtt.min! >= 4e6 && snapshot.rtt.max! <= 6e6);
  // Nothing may grow with the run. The runtimes breathe by some 20 MB; 11 octets kept a probe would show.
  const half = Math.floor(sizes.length / 2);
  const least = (part: number[]) => Math.min(...part);
  assert.ok(sizes.length >= 9, `${sizes.length} minutes seen`);
  const growth = least(sizes.slice(half)) - least(sizes.slice(1, half + 1));
  assert.ok(growth < 32e6, `grew by ${growth} octets over 3,000,000 probes (${sizes.join()})`);
});
