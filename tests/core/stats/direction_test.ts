/** Loss and reordering laid to a direction, from nothing but two columns of numbers. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { createRecord, ProbeFlag } from "../../../core/record.ts";
import { addDirections, Directions } from "../../../core/stats/direction.ts";
import { createStats, type StatsOptions } from "../../../core/stats/stats.ts";
import { counters } from "../../support/run.ts";

/** Feeds `[seq, reflectorSeq]` for replies and `seq` for losses. */
function follow(records: readonly (number | readonly [number, number, number?])[]): Directions {
  const directions = new Directions();
  const record = createRecord();
  for (const entry of records) {
    const [seq, number, flags] = typeof entry === "number" ? [entry, NaN, ProbeFlag.LOST] : entry;
    Object.assign(record, { seq, reflectorSeq: number, flags: flags ?? ProbeFlag.RECEIVED });
    directions.record(record);
  }
  return directions;
}

const lost = (directions: Directions, counts = true) => {
  const { lostForward, lostBackward } = directions.counts(counts);
  return [lostForward, lostBackward];
};

test("a gap in the sender's numbers alone was lost outbound, one in both inbound", () => {
  assert.deepEqual(lost(follow([[0, 0], [1, 1], 2, [3, 2]])), [1, 0]);
  assert.deepEqual(lost(follow([[0, 0], [1, 1], 2, [3, 3]])), [0, 1]);
  assert.deepEqual(lost(follow([[0, 0], 1, 2, [3, 2]])), [1, 1]);
});

test("losses after the last reply are laid to neither", () => {
  assert.deepEqual(lost(follow([[0, 0], 1, [2, 1], 3, 4])), [1, 0]);
  assert.deepEqual(lost(follow([0, 1, 2])), [null, null]);
});

test("nothing lost is nothing lost, whoever counts", () => {
  assert.deepEqual(lost(follow([[0, 0], [1, 1]]), false), [0, 0]);
});

test("equal numbers throughout: TWAMP says inbound, STAMP cannot know", () => {
  const directions = follow([[0, 0], 1, [2, 2]]);
  assert.deepEqual(lost(directions, true), [0, 1]);
  assert.deepEqual(lost(directions, false), [null, null]);
});

test("a late reply was lost in neither direction", () => {
  assert.deepEqual(lost(follow([[0, 0], 1, [2, 2], [1, 1, ProbeFlag.LATE], [3, 3]])), [0, 0]);
});

test("copies do not hide losses", () => {
  const there = ProbeFlag.DUPLICATE | ProbeFlag.COPIED_OUTBOUND;
  assert.deepEqual(lost(follow([[0, 0], [0, 1, there], 1, [2, 2]])), [1, 0]);
  assert.deepEqual(lost(follow([[0, 0], [0, 0, ProbeFlag.DUPLICATE], 1, [2, 2]])), [0, 1]);
});

test("several replies to a probe: numbers tell nothing but that nothing was lost", () => {
  // Three replies each; the third probe did not arrive, nor did the second reply to the second.
  const directions = follow([[0, 0], [0, 1, ProbeFlag.DUPLICATE], [1, 3], 2, [3, 6]]);
  const { lostForward, lostBackward, reorderedForward, reorderedBackward } = directions.counts(true, false);
  assert.deepEqual([lostForward, lostBackward, reorderedForward, reorderedBackward], [null, null, null, null]);
  assert.equal(follow([[0, 0], [1, 3]]).counts(true, false).lostForward, 0);
});

test("a count joined in the middle explains what came after its first reply", () => {
  assert.deepEqual(lost(follow([0, [1, 501], 2, [3, 502], 4, [5, 504]])), [1, 1]);
});

test("a reflector that begins anew is followed and told", () => {
  const run = Array.from({ length: 200 }, (_, seq) => [seq, seq] as const);
  const directions = follow([...run, 200, [201, 0], 202, [203, 2]]);
  assert.equal(directions.counts(true).restarts, 1);
  assert.deepEqual(lost(directions), [1, 1]);
});

test("a restart is known by a number given twice, however early", () => {
  const run = Array.from({ length: 30 }, (_, seq) => [seq, seq] as const);
  const directions = follow([...run, [30, 0], 31, [32, 1], 33, [34, 3]]);
  const { restarts, reorderedForward, reorderedBackward } = directions.counts(true);
  assert.deepEqual([restarts, reorderedForward, reorderedBackward], [1, 0, 0]);
  assert.deepEqual(lost(directions), [1, 1]);
});

test("a peer that always sends one number counts nothing", () => {
  assert.deepEqual(lost(follow([[0, 0], [1, 0], 2, [3, 0], [4, 0]])), [null, null]);
});

test("a late reply explains nothing of what was sent after it", () => {
  const late = [5, 5, ProbeFlag.LATE] as const;
  assert.deepEqual(lost(follow([[4, 4], 5, 6, 7, late])), [0, 0]);
});

test("numbers are followed past 2^32", () => {
  const wrap = 2 ** 32;
  assert.deepEqual(lost(follow([[wrap - 2, wrap - 1], [wrap - 1, 0], wrap, [wrap + 1, 1]])), [1, 0]);
});

test("who overtook whom", () => {
  const counts = (records: readonly (readonly [number, number])[]) => {
    const { reorderedForward, reorderedBackward } = follow(records).counts(true);
    return [reorderedForward, reorderedBackward];
  };
  assert.deepEqual(counts([[0, 0], [2, 1], [1, 2], [3, 3]]), [1, 0]);
  assert.deepEqual(counts([[0, 0], [2, 2], [1, 1], [3, 3]]), [0, 1]);
  assert.deepEqual(counts([[0, 0], [1, 2], [2, 1]]), [1, 1], "overtaken there, and put right on the way back");
});

test("why losses are laid to neither direction is said as it is", () => {
  const said = (options: StatsOptions, ...replies: (readonly [seq: number, number: number])[]) => {
    const stats = createStats(options);
    const record = createRecord();
    for (const [seq, reflectorSeq] of replies) {
      stats.record(Object.assign(record, { seq, reflectorSeq, flags: ProbeFlag.RECEIVED }));
    }
    stats.record(Object.assign(record, { seq: 99, reflectorSeq: NaN, flags: ProbeFlag.LOST }));
    const peer = { errorEstimateNs: null, synchronized: null, timestampFormat: null, findings: [] };
    const run = { counters: counters({}), peer, durationNs: 0, sendErrors: 0, lostInHost: 0, notes: [] };
    return stats.snapshot(run).notes.filter((note) => note.endsWith("neither direction"));
  };
  assert.match(said({}, [0, 0], [1, 1])[0], /^the reflector's numbers equal the sender's:/);
  assert.match(said({ asksSeveral: true }, [0, 0], [1, 3])[0], /^the reflector numbers its replies, and several/);
  assert.match(said({}, [0, 0], [1, 0], [2, 0])[0], /^a reflector that begins to count anew so often counts nothing:/);
});

test("how many losses are of neither direction is said", () => {
  const stats = createStats({ reflectorCounts: true });
  const record = createRecord();
  const pass = (seq: number, reflectorSeq: number, flags: number) =>
    stats.record(Object.assign(record, { seq, reflectorSeq, flags }));
  pass(0, 0, ProbeFlag.RECEIVED);
  pass(1, NaN, ProbeFlag.LOST);
  pass(2, 1, ProbeFlag.RECEIVED);
  const notes = () => {
    const peer = { errorEstimateNs: null, synchronized: null, timestampFormat: null, findings: [] };
    const run = { counters: counters({}), peer, durationNs: 0, sendErrors: 0, lostInHost: 0, notes: [] };
    return stats.snapshot(run).notes;
  };
  assert.deepEqual(notes(), []);
  pass(3, NaN, ProbeFlag.LOST);
  assert.deepEqual(notes(), [
    "1 of 2 losses are laid to neither direction: they came after the last reply, or before the first",
  ]);
});

test("two sessions together know what both know", () => {
  const known = follow([[0, 0], 1, [2, 1]]).counts(true);
  const unknown = follow([[0, 0], 1, [2, 2]]).counts(false);
  assert.equal(addDirections(known, known).lostForward, 2);
  assert.equal(addDirections(known, unknown).lostForward, null);
});
