/** The HMAC TLV (RFC 8972 section 4.8): where it stands, what it covers, and what becomes of a packet that fails. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { createBatch } from "../../../core/batch.ts";
import { createRecord } from "../../../core/record.ts";
import { createSender } from "../../../core/session/sender.ts";
import type { TlvMac } from "../../../core/tlv.ts";
import { direct } from "../../../plugins/tlv/direct.ts";
import { padding } from "../../../plugins/tlv/padding.ts";
import { Far, make, tlv } from "../../plugins/tlv/support.ts";
import { RESPONDER, senderOptions, TestClock, writeWall } from "../../support/sim.ts";

/** Sums of what is covered, so that a test can tell what that was; 16 octets. */
function sums(view: DataView, seqAt: number, from: number, to: number): number[] {
  let sum = 17;
  for (let i = 0; i < 4; i++) sum = (sum * 31 + view.getUint8(seqAt + i)) >>> 0;
  for (let i = from; i < to; i++) sum = (Math.imul(sum, 31) + view.getUint8(i)) >>> 0;
  return Array.from({ length: 16 }, (_, i) => (sum >>> (i % 4 * 8)) & 255);
}

function macOf(required: boolean): TlvMac {
  return {
    required,
    verify: (view, _bytes, seqAt, from, to, macAt) =>
      sums(view, seqAt, from, to).every((octet, i) => view.getUint8(macAt + i) === octet),
    sign: (view, _bytes, seqAt, from, to, macAt) =>
      sums(view, seqAt, from, to).forEach((octet, i) => view.setUint8(macAt + i, octet)),
  };
}

/** These TLVs with an HMAC TLV behind them, of a probe with number `seq`. */
function signed(seq: number, tlvs: readonly number[]): number[] {
  const octets = Uint8Array.from([0, 0, 0, seq, ...tlvs]);
  return [...tlvs, ...tlv(8, sums(new DataView(octets.buffer), 0, 4, octets.length))];
}

const COUNTS = tlv(5, new Array(12).fill(0));
const PADDING = tlv(1, [1, 2]);
const flagsOf = (octets: readonly number[]) => {
  const flags: number[] = [];
  for (let at = 0; at + 4 <= octets.length; at += 4 + octets[at + 2] * 256 + octets[at + 3]) flags.push(octets[at]);
  return flags;
};

test("verified, answered, and signed anew over what is answered and the reply's own number", () => {
  const far = new Far({}, { tlvKeys: { of: () => macOf(false) } });
  far.answer([]);
  far.answer([]);
  far.seq = 9;
  const reply = far.answer([...signed(9, COUNTS), ...PADDING])!;
  assert.deepEqual(flagsOf(reply), [0, 0, 0]);
  assert.deepEqual(reply.slice(0, 36), signed(2, reply.slice(0, 16)).map((octet, i) => i === 16 ? 0 : octet));
  assert.deepEqual(reply.slice(36), tlv(1, [1, 2], 0));
});

test("what fails comes back as it came, with I in every TLV", () => {
  const U = 0x80;
  const I = 0x20;
  const mac = tlv(8, new Array(16).fill(7));
  const short = tlv(8, new Array(15).fill(7));
  const cases: readonly (readonly [string, number[]])[] = [
    ["another HMAC", [...COUNTS, ...mac]],
    ["another number", signed(200, COUNTS)],
    ["a TLV behind it", [...signed(0, PADDING), ...COUNTS]],
    ["two of them", [...signed(0, COUNTS), ...mac]],
    ["too short", [...COUNTS, ...short]],
  ];
  for (const [what, probe] of cases) {
    const far = new Far({}, { tlvKeys: { of: () => macOf(false) } });
    const reply = far.answer(probe)!;
    assert.deepEqual(flagsOf(reply), flagsOf(probe).map(() => U | I), what);
    assert.deepEqual(reply.map((octet) => octet & ~I), probe.map((octet) => octet & ~I), what);
    assert.equal(far.session.tlvCounters.forged, 1, what);
  }
});

test("in authenticated mode it is required, unless Extra Padding is all there is; otherwise it is not", () => {
  const far = new Far({}, { tlvKeys: { of: () => macOf(true) } });
  assert.deepEqual(flagsOf(far.answer(COUNTS)!), [0xa0]);
  assert.deepEqual(flagsOf(far.answer(PADDING)!), [0]);
  assert.deepEqual(flagsOf(far.answer([...PADDING, ...PADDING])!), [0xa0, 0xa0]);
  assert.deepEqual(flagsOf(new Far({}, { tlvKeys: { of: () => macOf(false) } }).answer(COUNTS)!), [0]);
  assert.deepEqual(flagsOf(new Far().answer(signed(0, COUNTS))!), [0, 0x80], "without a key it is not understood");
});

test("a sender signs its TLVs, puts padding behind, and reads what verifies alone", () => {
  const size = 44 + 16 + 20 + 10;
  const traffic = { name: "t", maxSize: size, size: () => size, fill: () => {} };
  const far = new Far({}, { tlvKeys: { of: () => macOf(false) } });
  const session = createSender(
    senderOptions({ protocol: "stamp", tlvs: [make(direct)], tlvMac: macOf(false), traffic, count: 3 }),
  );
  const clock = new TestClock();
  const tx = createBatch(1, 2048);
  const record = createRecord();
  const received: unknown[] = [];
  session.start(0);
  for (let n = 0; n < 3; n++) {
    clock.now = n * 10e6;
    tx.count = 0;
    assert.equal(session.pollTransmit(clock.now, tx), 1);
    session.stampTransmit(tx, clock);
    assert.deepEqual(flagsOf([...tx.bytes.subarray(44, size)]), [0x80, 0x80, 0x80]);
    writeWall(tx.stamp, 0, clock.now);
    assert.equal(far.session.reflect(clock.now, tx), 1);
    far.session.stampTransmit(tx, clock);
    if (n === 1) tx.bytes[44 + 15]++; // altered on the way back
    tx.peer.set(RESPONDER);
    session.handleDatagrams(clock.now, tx);
    while (session.pollRecord(record)) received.push(record.tlv?.["direct.received"]);
  }
  assert.deepEqual(received, [1, NaN, 3]);
  const [report] = session.tlvReport();
  assert.deepEqual([report.sent, report.returned, report.integrityFailed], [3, 2, 1]);
  assert.deepEqual(report.values, { "direct.sent": 3, "direct.received": 3, "direct.reflected": 3 });
});

test("made whole: probes of padding and no TLV have no HMAC TLV in authenticated mode", () => {
  assert.equal(make(padding, { length: 8 }).length, 8);
  const session = createSender(
    senderOptions({
      protocol: "stamp",
      tlvMac: macOf(true),
      traffic: { name: "t", maxSize: 60, size: () => 60, fill: () => {} },
    }),
  );
  const tx = createBatch(1, 2048);
  session.start(0);
  session.pollTransmit(0, tx);
  assert.deepEqual([...tx.bytes.subarray(44, 48)], [0x80, 1, 0, 12]);
});
