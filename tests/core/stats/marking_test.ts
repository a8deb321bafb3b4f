/** With which marking packets arrived, what is said of it, and the octets that had to be reflected. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { createRecord, ProbeFlag } from "../../../core/record.ts";
import type { SenderCounters, Snapshot } from "../../../core/snapshot.ts";
import { createStats, type Stats, type StatsOptions } from "../../../core/stats/stats.ts";
import { counters } from "../../support/run.ts";

const EF = 0xb8;

/** Statistics of replies, so many of each pair of octets. */
function told(options: StatsOptions, ...replies: [count: number, forward: number, backward: number][]): Stats {
  const stats = createStats(options);
  const record = createRecord();
  let seq = 0;
  for (const [count, tosForward, tosBackward] of replies) {
    for (let i = 0; i < count; i++) {
      stats.record(Object.assign(record, { seq: seq++, flags: ProbeFlag.RECEIVED, tosForward, tosBackward, rtt: 1 }));
    }
  }
  return stats;
}

function seen(stats: Stats, changes: Partial<SenderCounters> = {}): Snapshot {
  return stats.snapshot({
    counters: counters(changes),
    peer: { errorEstimateNs: null, synchronized: null, timestampFormat: null, findings: [] },
    durationNs: 0,
    sendErrors: 0,
    lostInHost: 0,
    notes: [],
  });
}

const notes = (...told_: Parameters<typeof told>) => seen(told(...told_)).notes;

test("octets are counted by direction, the most frequent first, of answered probes alone", () => {
  const stats = told({ tos: EF }, [2, 0, EF], [5, EF, NaN]);
  const odd = Object.assign(createRecord(), { seq: 9, tosForward: 7, tosBackward: 7 });
  for (const flags of [ProbeFlag.LATE, ProbeFlag.DUPLICATE, ProbeFlag.LOST]) {
    stats.record(Object.assign(odd, { flags }));
  }
  assert.deepEqual(seen(stats).marking, {
    sent: EF,
    replies: null,
    forward: [{ tos: EF, count: 5 }, { tos: 0, count: 2 }],
    backward: [{ tos: EF, count: 2 }],
  });
  stats.merge(told({ tos: EF }, [4, 0, 0]));
  const { marking } = seen(stats);
  assert.deepEqual(marking?.forward, [{ tos: 0, count: 6 }, { tos: EF, count: 5 }]);
  assert.deepEqual(marking?.backward, [{ tos: 0, count: 4 }, { tos: EF, count: 2 }]);
});

test("where nobody tells there is no marking, and no note", () => {
  const silent = seen(told({ tos: EF }, [3, NaN, NaN]));
  assert.deepEqual([silent.marking, silent.notes], [null, []]);
  assert.deepEqual(notes({}, [3, 0, 0]), [], "what probes left with is not known either");
  assert.deepEqual(notes({ tos: EF }, [3, EF, 0]), [], "the far end chooses what replies leave with");
  assert.deepEqual(notes({ tos: EF, replyTos: EF }, [3, EF, EF]), []);
});

test("a DSCP that changed is said, of probes and, where it was agreed on, of replies", () => {
  assert.deepEqual(notes({ tos: EF, replyTos: EF }, [100, 0, EF]), [
    "probes left with EF (TOS 0xb8) and arrived as BE (0x00) in 100 of 100: something on the way there remarks them",
  ]);
  assert.deepEqual(notes({ tos: EF, replyTos: EF }, [97, EF, EF], [2, EF, 0x28], [1, EF, 0x20]), [
    "replies left with EF (TOS 0xb8) and arrived as AF11 (0x28) in 2 of 100, as CS1 (0x20) in 1 of 100: " +
    "something on the way back remarks them",
  ]);
  const [all] = notes({ tos: EF }, ...[1, 2, 3, 5].map((dscp) => [1, dscp << 2, NaN] as [number, number, number]));
  assert.match(all, /LE .*CP2 .*CP3 \(0x0c\) in 1 of 4, and others: /);
});

test("CE is congestion where packets could bear it, and otherwise somebody's mistake", () => {
  const ect = EF | 2;
  assert.deepEqual(notes({ tos: ect }, [97, ect, NaN], [3, EF | 3, NaN]), [
    "3 of 100 probes met congestion (CE) on the way there",
  ]);
  assert.deepEqual(notes({ tos: EF }, [97, EF, NaN], [3, EF | 3, NaN]), [
    "probes left with Not-ECT and arrived with CE in 3 of 100: something on the way there changes ECN",
  ]);
  assert.deepEqual(notes({ tos: ect }, [9, EF, NaN], [1, ect, NaN]), [
    "probes left with ECT(0) and arrived with Not-ECT in 9 of 10: something on the way there changes ECN",
  ]);
  assert.deepEqual(notes({ tos: EF | 3 }, [9, EF | 3, NaN]), [], "left as CE: arrived as CE");
});

test("CE in replies is of the way back only where it cannot be a copy", () => {
  const ect = EF | 2;
  assert.deepEqual(notes({ tos: ect, replyTos: EF }, [8, ect, EF], [2, ect, EF | 3]), [
    "2 of 10 replies met congestion (CE) on the way back",
  ]);
  for (const forward of [EF | 3, NaN]) {
    const last = notes({ tos: ect }, [8, NaN, EF], [2, forward, EF | 3]).at(-1);
    assert.match(last!, /^2 of 10 replies met congestion \(CE\) on the way back, or their reflector copies/);
  }
});

test("reflected octets: verified and altered, a finding for these; none where none were asked for", () => {
  const changes = { reflectedVerified: 8, reflectedAltered: 2 };
  const { reflected, peer, notes } = seen(told({ reflectedOctets: 27 }, [10, NaN, NaN]), changes);
  assert.deepEqual(reflected, { octets: 27, verified: 8, altered: 2 });
  assert.deepEqual(peer.findings.map(({ code, count }) => [code, count]), [["reflected-octets-altered", 2]]);
  assert.deepEqual(notes, [peer.findings[0].text]);
  const none = seen(told({}, [1, NaN, NaN]));
  assert.deepEqual([none.reflected, none.peer.findings], [null, []]);
});

test("sealed replies that do not verify are counted, and said", () => {
  const { forged, notes } = seen(told({}, [1, NaN, NaN]), { forged: 1 });
  assert.deepEqual([forged, notes.length], [1, 1]);
  assert.match(notes[0], /^1 sealed reply does not verify and was left out: /);
});
