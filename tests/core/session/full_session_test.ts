/** Sender and reflector of full TWAMP in virtual time, in every mode and with every extension. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ProbeFlag } from "../../../core/record.ts";
import { createStats } from "../../../core/stats/stats.ts";
import { testFormat, type TestMode } from "../../../core/wire/format.ts";
import { fixed } from "../../../plugins/traffic/fixed.ts";
import { finish } from "../../support/run.ts";
import { everyMs, Link, Rng, SENDER, senderOptions, simulate, TOS } from "../../support/sim.ts";
import { sealOf, spec, testSessions } from "../../support/test_sessions.ts";

const BOTH = [false, true];
const COUNT = 200;
const REFLECTED = 12;

for (const mode of ["open", "authenticated", "encrypted"] as const satisfies TestMode[]) {
  test(`${mode}: what goes in comes out, symmetrical or not, monitored or not, NTP or PTP, padding reflected or not`, () => {
    for (const symmetrical of BOTH) {
      for (const monitor of BOTH) {
        for (const ptp of BOTH) {
          for (const reflects of BOTH) run(mode, symmetrical, monitor, ptp, reflects);
        }
      }
    }
  });
}

function run(mode: TestMode, symmetrical: boolean, monitor: boolean, ptp: boolean, reflects: boolean): void {
  const what = JSON.stringify({ mode, symmetrical, monitor, ptp, reflects });
  const format = testFormat({ mode, symmetrical, monitor });
  const onesize = format.onesize + (reflects ? REFLECTED : 0);
  const shape = { family: 4, protocol: "twamp", base: format.senderSize, onesize, seed: new Uint8Array(16) } as const;
  const traffic = fixed.create({ fill: "random" }, shape);
  const size = format.reflectorSize + (reflects ? REFLECTED : 0);
  assert.equal(traffic.size(0), size, what);
  const seal = mode === "open" ? undefined : sealOf(mode);
  const there = testSessions();
  // Each end has a seal of its own.
  const session = there.add(
    spec({ symmetrical, monitor, ptp, peer: SENDER, seal: mode === "open" ? undefined : sealOf(mode) }),
  )!;
  session.start(0);
  const rng = new Rng(11);
  const lossy = () => new Link(() => rng.next() < 0.1 ? [] : rng.next() < 0.1 ? [10e6, 11e6] : [10e6]);
  const [out, back] = [lossy(), lossy()];
  const stats = createStats({ reflectorCounts: true });
  const { session: sender } = simulate({
    sender: senderOptions({
      count: COUNT,
      schedule: everyMs(20),
      seal,
      symmetrical,
      monitor,
      traffic,
      reflect: reflects ? { octets: REFLECTED, serverOctets: 0xbeef } : undefined,
    }),
    reflector: there,
    out,
    back,
    residence: 50_000,
    offset: 3e9 + 250,
    onRecord(record) {
      stats.record(record);
      if ((record.flags & ProbeFlag.LOST) !== 0) {
        assert.ok(Number.isNaN(record.tosForward) && Number.isNaN(record.tosBackward), what);
        return;
      }
      assert.deepEqual([record.size, record.replySize, record.ttlForward], [size, size, 61], what);
      assert.deepEqual([record.tosForward, record.tosBackward], [monitor ? TOS : NaN, TOS], what);
      assert.equal(record.residence, 50_000, what);
    },
  });
  const snapshot = finish(sender, stats);
  const { counters } = sender;
  const taken = snapshot.received + snapshot.duplicates + snapshot.late;
  assert.equal(snapshot.received + snapshot.lost, COUNT, what);
  assert.ok(snapshot.received > 0.7 * COUNT && snapshot.duplicates > 0, what);
  assert.equal(taken, back.sent - back.lost + back.copies, what);
  assert.deepEqual([snapshot.rtt.min, snapshot.forward.min], [20e6, 10e6 + 3e9 + 250], what);
  assert.deepEqual([counters.forged, counters.malformed, counters.unexpected], [0, 0, 0], what);
  assert.deepEqual([counters.reflectedVerified, counters.reflectedAltered], [reflects ? taken : 0, 0], what);
  assert.equal(sender.peerReport().timestampFormat, ptp ? "ptp" : "ntp", what);
  assert.deepEqual(sender.peerReport().findings, [], what);
  const answered = out.sent - out.lost + out.copies;
  assert.deepEqual([session.counters.reflected, session.next], [answered, answered], what);
  assert.deepEqual([there.counters.received, there.counters.reflected], [answered, answered], what);
}

test("a far end that has another key is not believed, whatever it answers", () => {
  for (const mode of ["authenticated", "encrypted"] as const) {
    const there = testSessions();
    const session = there.add(spec({ seal: sealOf(mode, 1) }))!;
    session.start(0);
    const wire = () => new Link(() => [1e6]);
    const { session: sender } = simulate({
      sender: senderOptions({ count: 20, seal: sealOf(mode, 2), traffic: fixedSize(112) }),
      reflector: there,
      out: wire(),
      back: wire(),
      onRecord: ({ flags }) => assert.equal(flags & ProbeFlag.RECEIVED, 0),
    });
    assert.equal(sender.counters.sent, 20);
    assert.deepEqual([there.counters.forged, session.counters.forged, there.counters.reflected], [20, 20, 0]);
  }
});

function fixedSize(size: number) {
  return {
    name: "test",
    maxSize: size,
    size: () => size,
    fill: (b: Uint8Array, at: number, end: number) => void b.fill(0, at, end),
  };
}
