/** TLVs of a sender: how they are put into probes, sent again, and read back. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { createBatch, PEER_SIZE } from "../../../core/batch.ts";
import { createRecord, ProbeFlag } from "../../../core/record.ts";
import { createSender, type SenderOptions } from "../../../core/session/sender.ts";
import { tlvSize } from "../../../core/session/tlv_writer.ts";
import type { Tlv } from "../../../core/tlv.ts";
import { Far, make, named } from "../../plugins/tlv/support.ts";
import { everyMs, RESPONDER, senderOptions, TestClock, writeWall } from "../../support/sim.ts";

/** A sender whose probes are answered where `answers` says so; what it learns. */
function run(
  tlvs: readonly Tlv[],
  options: Partial<SenderOptions>,
  answers: (seq: number) => boolean,
  far = new Far(),
  arrivals = 1,
) {
  const size = 44 + tlvSize(tlvs);
  const traffic = { name: "t", maxSize: size, size: () => size, fill: () => {} };
  const session = createSender(senderOptions({ protocol: "stamp", tlvs, traffic, ...options }));
  const clock = new TestClock();
  const tx = createBatch(1, 2048);
  const record = createRecord();
  const records: { seq: number; flags: number; tlv: Record<string, unknown> | undefined; tos: number }[] = [];
  const sent: { seq: number; now: number; types: number[] }[] = [];
  const drain = () => {
    while (session.pollRecord(record)) {
      records.push({
        seq: record.seq,
        flags: record.flags,
        tlv: record.tlv && { ...record.tlv },
        tos: record.tosForward,
      });
    }
  };
  session.start(0);
  while (!session.done) {
    clock.now = Math.max(clock.now, session.pollTimeout());
    assert.ok(clock.now < 1e15, "it ends");
    session.handleTimeout(clock.now);
    drain();
    tx.count = 0;
    if (session.done || session.pollTransmit(clock.now, tx) === 0) continue;
    session.stampTransmit(tx, clock);
    const seq = tx.view.getUint32(0);
    const types: number[] = [];
    for (let at = 44; at < tx.length[0]; at += 4 + tx.view.getUint16(at + 2)) types.push(tx.bytes[at + 1]);
    assert.equal(tx.length[0], size);
    sent.push({ seq, now: clock.now, types });
    if (!answers(seq)) continue;
    const probe = tx.bytes.slice(0, size);
    const from = tx.peer.slice(0, PEER_SIZE);
    for (let n = 0; n < arrivals; n++) {
      tx.bytes.set(probe);
      tx.peer.set(from);
      writeWall(tx.stamp, 0, clock.now);
      tx.flags[0] = 18;
      tx.tos[0] = 0xbb;
      if (far.session.reflect(clock.now, tx) === 0) continue;
      far.session.stampTransmit(tx, clock);
      tx.peer.set(RESPONDER);
      session.handleDatagrams(clock.now, tx);
      drain();
    }
  }
  return { session, records, sent };
}

test("in the order given, each in every probe; what comes back is by name, and of this reply alone", () => {
  const tlvs = [make(named("cos"), { dscp: "ef" }), make(named("padding"), { length: 3 }), make(named("follow-up"))];
  const { records, sent, session } = run(tlvs, { count: 3 }, (seq) => seq !== 1);
  assert.deepEqual(sent.map(({ types }) => types), [[4, 1, 7], [4, 1, 7], [4, 1, 7]]);
  const byNumber = [...records].sort((a, b) => a.seq - b.seq).map(({ tlv }) => tlv);
  const marking = { "cos.dscp1": 46, "cos.dscp2": 46, "cos.ecn": 3, "cos.rp": 0 };
  assert.deepEqual(byNumber[0], marking);
  assert.equal(byNumber[1], undefined, "lost");
  assert.equal(byNumber[2]?.["follow-up.seq"], 0);
  assert.equal(records[0].tos, 0xbb, "what a probe arrived with, as TWAMP tells by RFC 7750");
  assert.deepEqual(session.tlvReport().map(({ sent, returned, unrecognized }) => [sent, returned, unrecognized]), [
    [3, 2, 0],
    [3, 2, 0],
    [3, 2, 0],
  ]);
});

test("an Access Report goes out once where it is answered", () => {
  const { sent, session } = run([make(named("access"))], { count: 5, schedule: everyMs(2000) }, () => true);
  assert.deepEqual(sent.map(({ types }) => types[0]), [6, 1, 1, 1, 1]);
  assert.deepEqual(session.tlvReport()[0].values, { "access.id": "3gpp", "access.code": "available" });
});

test("an Access Report that is not answered is sent again each 3 s, four times, in probes of its own", () => {
  const { sent, records } = run([make(named("access"))], { count: 2, schedule: everyMs(500) }, () => false);
  const reports = sent.filter(({ types }) => types[0] === 6).map(({ now }) => now / 1e9);
  assert.deepEqual(reports, [0, 3, 6, 9, 12]);
  assert.equal(sent.length, 6);
  assert.equal(records.length, 6, "every probe ends");
});

test("its timer and its number of repeats are options; the first answer ends them", () => {
  const tlvs = [make(named("access"), { timeout: 1e9, repeats: 9 })];
  const { sent } = run(tlvs, { count: 100, schedule: everyMs(100) }, (seq) => seq > 15);
  const reports = sent.filter(({ types }) => types[0] === 6).map(({ now }) => now / 1e9);
  assert.deepEqual(reports, [0, 1, 2]);
  assert.equal(sent.length, 100, "a probe of the schedule was due then anyway");
});

test("a second reply was not copied on the way there where several were asked for", () => {
  for (const [count, copied] of [[1, ProbeFlag.COPIED_OUTBOUND], [3, 0]]) {
    const tlvs = [make(named("control"), { count })];
    const far = new Far({ allowControl: false });
    // The far end hears each probe twice, and numbers it twice.
    const { records } = run(tlvs, { schedule: everyMs(10), count: 3 }, () => true, far, 2);
    const doubled = records.filter(({ flags }) => flags & ProbeFlag.DUPLICATE);
    assert.deepEqual(doubled.map(({ flags }) => flags & ProbeFlag.COPIED_OUTBOUND), [copied, copied, copied]);
  }
});

test("replies of another member link are discarded", () => {
  const wrong = run([make(named("micro-session"), { id: 5, reflector: 77 })], { count: 2 }, () => true);
  assert.equal(wrong.records[0].tlv?.["micro-session.reflector"], 77);
  // One that does not check, and puts its own number.
  const far = new Far({ microSession: 0 });
  const other = run([make(named("micro-session"), { id: 5 })], { count: 2 }, () => true, far);
  assert.deepEqual(other.records.map(({ tlv }) => tlv), [{}, {}], "U: skipped");
  const tlv = make(named("micro-session"), { id: 5, reflector: 78 });
  const discarded = run([{ ...tlv, write: (view, at) => view.setUint16(at, 5) }], { count: 2 }, () => true);
  assert.equal(discarded.session.counters.unexpected, 2);
  assert.deepEqual(discarded.records.map(({ flags }) => flags & 3), [2, 2], "lost");
});
