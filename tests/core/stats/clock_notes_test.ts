/** What a result says of the clocks, from records to the snapshot. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { createRecord, ProbeFlag } from "../../../core/record.ts";
import type { Snapshot } from "../../../core/snapshot.ts";
import { createStats } from "../../../core/stats/stats.ts";
import type { Nanos } from "../../../core/time/clock.ts";
import { exchange } from "../../support/clocks.ts";
import { counters } from "../../support/run.ts";

function result(
  remote: (t: Nanos) => Nanos,
  probes: number,
  claims: [local?: boolean, remote?: boolean] = [],
): Snapshot {
  const stats = createStats();
  const record = createRecord();
  exchange({ seed: 1, probes, loss: 0, base: () => [5e6, 5e6], remote }, (answer) => {
    const { seq, rtt, forward, backward, residence } = answer;
    record.stamps.set(answer.stamps);
    stats.record(Object.assign(record, { seq, flags: ProbeFlag.RECEIVED, rtt, forward, backward, residence }));
  });
  return stats.snapshot({
    counters: counters(),
    peer: { errorEstimateNs: null, synchronized: claims[1] ?? null, timestampFormat: "ntp", findings: [] },
    durationNs: 0,
    sendErrors: 0,
    lostInHost: 0,
    ...(claims[0] === undefined ? {} : { synchronized: claims[0] }),
    notes: [],
  });
}

const clockLines = ({ notes }: Snapshot) => notes.filter((note) => note.includes("clock"));

test("raw and corrected one-way delays, the offset, and what each clock claims", () => {
  const { forward, forwardCorrected, clock, ...rest } = result((t) => 10e9 + 50e-6 * t, 500, [true, false]);
  assert.ok(forward.min! > 10e9 && forwardCorrected!.min! > 4.9e6 && forwardCorrected!.min! < 5.1e6);
  assert.deepEqual([clock?.synchronized, clock?.assumes], [{ local: true, remote: false }, "symmetric path"]);
  assert.deepEqual(clockLines({ forward, forwardCorrected, clock, ...rest }), []);
  const none = result((t) => t * 0, 2);
  assert.deepEqual([none.forwardCorrected, none.backwardCorrected, none.clock?.driftPpm], [null, null, null]);
  assert.deepEqual(none.clock?.synchronized, { local: null, remote: null });
  assert.equal(result((t) => t, 0).clock, null);
});

test("a clock that was set is said, and one that no crystal keeps", () => {
  const set = result((t) => t > 20e9 ? 5e9 : 0, 500);
  assert.match(clockLines(set).join(), /^a clock was set once in this run/);
  const broken = result((t) => -150e-6 * t, 500);
  assert.match(clockLines(broken).join(), /^the clocks drift apart by 150 ppm, theirs is slower/);
  // Of ten probes the drift is known to a few hundred ppm: nothing to accuse anybody of.
  assert.deepEqual(clockLines(result((t) => -150e-6 * t, 12)), []);
});
